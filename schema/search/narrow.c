#include "schema/search/narrow.h"

#include <stdlib.h>

#define DAYS_OF_YEAR 10000u /* tags.h: a day is its year times this, and a rest */

/* A name that no paper has finds none. */
static int resolve(struct narrow *n, const char *name, uint32_t *number, struct err *e)
{
    if (name == NULL || name[0] == '\0')
        return 0;
    n->any = true;
    if (tags_number(n->tags, name, number, e) != 0)
        return -1;
    n->nothing = n->nothing || *number == 0;
    return 0;
}

int narrow_begin(struct narrow *n, sqlite3 *db, const struct search_filter *f,
                 struct err *e)
{
    *n = (struct narrow){.any = f->year != 0 || f->site != 0,
                         .wanted = {.day = f->year, .site = f->site}};
    if (tags_reader_create(&n->tags, db, e) != 0 ||
        resolve(n, f->kind, &n->wanted.kind, e) != 0)
        return -1;
    return resolve(n, f->issuer, &n->wanted.issuer, e);
}

void narrow_end(struct narrow *n)
{
    tags_reader_destroy(n->tags);
    *n = (struct narrow){0};
}

static bool is_left(const struct narrow *n, const struct tags *t)
{
    const struct tags *w = &n->wanted;

    return !n->nothing && (w->day == 0 || w->day == t->day / DAYS_OF_YEAR) &&
           (w->kind == 0 || w->kind == t->kind) &&
           (w->issuer == 0 || w->issuer == t->issuer) &&
           (w->site == 0 || w->site == t->site);
}

struct taking {
    struct narrow *narrow;
    uint64_t *slots;
    size_t count, capacity;
};

static int take(void *arg, uint64_t slot, const struct tags *t, struct err *e)
{
    struct taking *taking = arg;

    if (!is_left(taking->narrow, t))
        return 0;
    if (taking->count == taking->capacity) {
        size_t capacity = 2 * taking->capacity;
        uint64_t *slots = realloc(taking->slots, capacity * sizeof *slots);

        if (slots == NULL)
            return err_set(e, ERR_MEMORY, "slots");
        taking->slots = slots;
        taking->capacity = capacity;
    }
    taking->slots[taking->count++] = slot;
    return 0;
}

int narrow_slots(struct narrow *n, uint64_t **slots, size_t *count, struct err *e)
{
    struct taking taking = {
        .narrow = n, .slots = malloc(sizeof *taking.slots), .capacity = 1};
    int rc = 0;

    if (taking.slots == NULL)
        return err_set(e, ERR_MEMORY, "slots");
    if (!n->nothing)
        rc = tags_each(n->tags, take, &taking, e);
    if (rc != 0) {
        free(taking.slots);
        taking = (struct taking){0};
    }
    *slots = taking.slots;
    *count = taking.count;
    return rc;
}

int narrow_keep(struct narrow *n, uint64_t *slots, size_t *count, struct err *e)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        struct tags t;

        if (tags_of(n->tags, slots[i], &t, e) != 0)
            return -1;
        if (is_left(n, &t))
            slots[kept++] = slots[i];
    }
    *count = kept;
    return 0;
}

static int by_day(const void *one, const void *other)
{
    const struct match_hit *a = one, *b = other;

    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->slot > b->slot ? -1 : a->slot < b->slot;
}

int narrow_by_day(struct narrow *n, struct match_hit *hits, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        struct tags t;

        if (tags_of(n->tags, hits[i].slot, &t, e) != 0)
            return -1;
        hits[i].score = t.day;
    }
    if (count > 0)
        qsort(hits, count, sizeof *hits, by_day);
    return 0;
}
