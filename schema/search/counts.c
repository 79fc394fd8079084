#include "schema/search/counts.h"

#include <stdlib.h>
#include <string.h>

/* How often each number came: hashed, open addressing. 0 is never counted. */
struct tally {
    struct tallied {
        uint32_t number, times;
    } * at;                /* owned */
    size_t capacity, used; /* capacity: a power of two */
};

static struct tallied *tally_place(const struct tally *t, uint32_t number)
{
    size_t i = number * 2654435761u & (t->capacity - 1); /* Knuth's multiplier */

    while (t->at[i].number != 0 && t->at[i].number != number)
        i = (i + 1) & (t->capacity - 1);
    return &t->at[i];
}

static int tally_grow(struct tally *t, struct err *e)
{
    struct tally larger = {.capacity = t->capacity == 0 ? 256 : 2 * t->capacity,
                           .used = t->used};

    larger.at = calloc(larger.capacity, sizeof *larger.at);
    if (larger.at == NULL)
        return err_set(e, ERR_MEMORY, "counts");
    for (size_t i = 0; i < t->capacity; i++)
        if (t->at[i].number != 0)
            *tally_place(&larger, t->at[i].number) = t->at[i];
    free(t->at);
    *t = larger;
    return 0;
}

static int tally_add(struct tally *t, uint32_t number, struct err *e)
{
    struct tallied *place;

    if (number == 0)
        return 0;
    if (2 * t->used >= t->capacity && tally_grow(t, e) != 0)
        return -1;
    place = tally_place(t, number);
    t->used += place->number == 0;
    place->number = number;
    place->times++;
    return 0;
}

static int by_times(const void *one, const void *other)
{
    const struct tallied *a = one, *b = other;

    if (a->times != b->times)
        return a->times > b->times ? -1 : 1;
    return a->number > b->number ? -1 : a->number < b->number;
}

/* ------------------------------------------------------------------- counting */

static int count_one(struct tally tallies[SEARCH_FACETS], const struct tags *t,
                     struct err *e)
{
    const uint32_t numbers[SEARCH_FACETS] = {[SEARCH_KINDS] = t->kind,
                                             [SEARCH_ISSUERS] = t->issuer,
                                             [SEARCH_YEARS] = t->day / 10000,
                                             [SEARCH_SITES] = t->site};

    for (size_t i = 0; i < SEARCH_FACETS; i++)
        if (tally_add(&tallies[i], numbers[i], e) != 0)
            return -1;
    return 0;
}

/* The most frequent of them, with their names. */
static int tell(struct search_counts *out, enum search_facet facet, struct tally *t,
                struct tags_reader *tags, struct err *e)
{
    struct search_value *values = out->values[facet];
    bool named = facet == SEARCH_KINDS || facet == SEARCH_ISSUERS;
    size_t count = t->used < SEARCH_COUNTED_MAX ? t->used : SEARCH_COUNTED_MAX;

    if (t->capacity > 0) /* the free places, which never came, go last */
        qsort(t->at, t->capacity, sizeof *t->at, by_times);
    for (size_t i = 0; i < count; i++) {
        values[i] =
            (struct search_value){.number = t->at[i].number, .hits = t->at[i].times};
        if (named && tags_name(tags, values[i].number, values[i].name, e) != 0)
            return -1;
    }
    out->counts[facet] = count;
    out->more[facet] = t->used > count;
    return 0;
}

int counts_take(struct search_counts *out, struct tags_reader *tags,
                const struct match_hit *found, size_t found_count, struct err *e)
{
    struct tally tallies[SEARCH_FACETS] = {0};
    int rc = 0;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; rc == 0 && i < found_count; i++) {
        struct tags t;

        rc = tags_of(tags, found[i].slot, &t, e);
        if (rc == 0)
            rc = count_one(tallies, &t, e);
    }
    for (size_t i = 0; rc == 0 && i < SEARCH_FACETS; i++)
        rc = tell(out, (enum search_facet)i, &tallies[i], tags, e);
    for (size_t i = 0; i < SEARCH_FACETS; i++)
        free(tallies[i].at);
    return rc;
}
