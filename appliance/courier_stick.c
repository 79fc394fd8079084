#include "appliance/courier_internal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#define ENTRIES_MAX (1u << 20) /* 30 GB of nothing but small images */

int stick_open(struct stick *s, const struct courier_options *o, struct err *e)
{
    *s = (struct stick){.options = o};
    buffer_init(&s->heard, COURIER_ENTRY_BYTES_MAX);
    if (outbox_create(&s->outbox, o->box, o->random, e) != 0 ||
        outbox_config(s->outbox, &s->config, e) != 0 ||
        courier_list_read(&s->list, o->stick, o->dir, e) != 0)
        goto failed;
    s->line.site = s->config.site;
    courier_tag(s->line.tag, &s->config.centre);
    s->wanted = calloc(s->list.count + 1, sizeof *s->wanted);
    if (s->wanted != NULL)
        return 0;
    (void)err_set(e, ERR_MEMORY, "courier");
failed:
    stick_close(s);
    return -1;
}

void stick_close(struct stick *s)
{
    outbox_destroy(s->outbox);
    courier_list_release(&s->list);
    free(s->wanted);
    free(s->entries);
    free(s->haves);
    buffer_release(&s->heard);
    sodium_memzero(s, sizeof *s);
}

bool stick_go_on(struct stick *s, uint64_t bytes)
{
    const struct courier_options *o = s->options;

    s->bytes_done += bytes;
    return o->go_on == NULL || o->go_on(o->arg, s->bytes_done, s->bytes_in_all);
}

/* ------------------------------------------------------------------------ survey */

static bool is_own(const struct stick *s, size_t tar)
{
    const struct courier_name *n = &s->list.names[tar];

    return n->direction == DIRECTION_UP && courier_line_equal(&n->line, &s->line);
}

static int add_entry(struct stick *s, const struct courier_entry *n, size_t tar,
                     struct err *e)
{
    struct stick_entry *more;

    if (s->entries_count == ENTRIES_MAX)
        return 0; /* written once more, then */
    if ((s->entries_count & (s->entries_count + 1)) == 0) {
        more = realloc(s->entries, (2 * s->entries_count + 1) * sizeof *more);
        if (more == NULL)
            return err_set(e, ERR_MEMORY, "the list of what the stick carries");
        s->entries = more;
    }
    s->entries[s->entries_count++] =
        (struct stick_entry){.object = n->object,
                             .from = n->at,
                             .to = n->what == COURIER_BUNDLE ? n->end : n->at + n->bytes,
                             .tar = (uint32_t)tar,
                             .farthest = STICK_NONE};
    return 0;
}

/* Headers only: what they stand before was read again when it was written. What has
 * rotted since, the centre finds, and does not receipt. */
static int survey_tar(struct stick *s, size_t tar, struct err *e)
{
    const struct courier_options *o = s->options;
    struct courier_reader *r = NULL;
    char path[DISK_PATH_BYTES];
    struct courier_entry n;
    struct err unread;
    int rc = 0;

    if (courier_path(path, o->dir, &s->list.names[tar], e) != 0)
        return -1;
    if (courier_reader_open(&r, o->stick, path, &unread) != 0)
        return 0;
    while (rc == 0 && courier_reader_next(r, &n, &unread) == 1)
        if ((n.what == COURIER_BUNDLE || n.what == COURIER_BLOB) &&
            courier_line_equal(&n.line, &s->line))
            rc = add_entry(s, &n, tar, e);
    courier_reader_close(r);
    return rc;
}

static int compare_objects(const struct object_id *a, const struct object_id *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return memcmp(a->id, b->id, sizeof a->id);
}

static int by_object(const void *a, const void *b)
{
    const struct stick_entry *x = a, *y = b;
    int object = compare_objects(&x->object, &y->object);

    if (object != 0)
        return object;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

static bool is_read(const struct stick *s, size_t tar)
{
    return s->list.names[tar].number <= s->took;
}

/* So that each is asked for once, however many entries somebody has written of it. */
static void find_farthest(struct stick *s)
{
    uint32_t farthest = STICK_NONE;

    for (uint32_t i = 0; i < s->entries_count; i++) {
        struct stick_entry *n = &s->entries[i];

        if (i > 0 && !object_id_equal(&n->object, &n[-1].object))
            farthest = STICK_NONE;
        if (!is_read(s, n->tar) &&
            (farthest == STICK_NONE || n->to > s->entries[farthest].to))
            farthest = i;
        n->farthest = farthest;
    }
}

/* Numbers that are used up, by whomever, tell no more what came after what: then nothing
 * here counts as read or carried, all of it goes, and what waits is written anew. */
static void begin_anew(struct stick *s)
{
    s->entries_count = 0;
    s->took = s->number_max = 0;
}

int stick_survey(struct stick *s, struct err *e)
{
    for (size_t i = 0; i < s->list.count; i++) {
        if (!is_own(s, i))
            continue;
        if (s->list.names[i].number > s->number_max)
            s->number_max = s->list.names[i].number;
        if (!s->list.names[i].part && survey_tar(s, i, e) != 0)
            return -1;
    }
    if (s->entries_count > 0)
        qsort(s->entries, s->entries_count, sizeof *s->entries, by_object);
    if (s->took > s->number_max)
        s->number_max = s->took;
    if (s->number_max >= COURIER_NUMBER_USED_UP)
        begin_anew(s);
    find_farthest(s);
    return 0;
}

uint32_t stick_next_number(struct stick *s)
{
    s->number_max = courier_number_free(&s->list, &s->line, DIRECTION_UP, s->number_max);
    return s->number_max;
}

/* ------------------------------------------------------------------------ asking */

/* The first entry of the object, or where it would be. */
static size_t first_of(const struct stick *s, const struct object_id *object)
{
    size_t low = 0, high = s->entries_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_objects(&s->entries[middle].object, object) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The last entry of the object that begins at `at` or before; NULL: there is none. */
static const struct stick_entry *last_before(const struct stick *s,
                                             const struct object_id *object, uint64_t at)
{
    size_t low = 0, high = s->entries_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct stick_entry *n = &s->entries[middle];
        int order = compare_objects(&n->object, object);

        if (order < 0 || (order == 0 && n->from <= at))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && object_id_equal(&s->entries[low - 1].object, object)
               ? &s->entries[low - 1]
               : NULL;
}

const struct stick_entry *stick_find(struct stick *s, const struct object_id *object,
                                     uint64_t at)
{
    const struct stick_entry *n = last_before(s, object, at);

    if (n == NULL || n->farthest == STICK_NONE)
        return NULL;
    n = &s->entries[n->farthest];
    if (object->kind == OBJECT_BLOB ? n->to <= at : n->from != at)
        return NULL;
    s->wanted[n->tar] = true;
    return n;
}

void stick_want(struct stick *s, const struct object_id *object, uint64_t from)
{
    for (size_t i = first_of(s, object);
         i < s->entries_count && object_id_equal(&s->entries[i].object, object); i++)
        if (s->entries[i].to > from)
            s->wanted[s->entries[i].tar] = true;
}

static int by_order(const void *a, const void *b)
{
    const struct stick_have *x = a, *y = b;
    int object = compare_objects(&x->object, &y->object);

    if (object != 0)
        return object;
    return x->order < y->order ? -1 : x->order > y->order;
}

void stick_sort_haves(struct stick *s)
{
    if (s->haves_count > 0)
        qsort(s->haves, s->haves_count, sizeof *s->haves, by_order);
}

/* The newest word counts; one that is of another length is of a forged stick. */
uint64_t stick_have(const struct stick *s, const struct sync_object *o)
{
    size_t low = 0, high = s->haves_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_objects(&s->haves[middle].object, &o->id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low > 0 && object_id_equal(&s->haves[low - 1].object, &o->id); low--) {
        uint64_t total = s->haves[low - 1].total_bytes;

        if (total == 0 || total == o->total_bytes)
            return s->haves[low - 1].bytes;
    }
    return 0;
}

static int want_blobs(struct stick *s, enum sync_class class, struct err *e)
{
    struct sync_object o = {0};
    int found = 0;

    while (s->entries_count > 0 &&
           (found = outbox_next_blob(s->outbox, class, o.last, &o, e)) == 1)
        stick_want(s, &o.id, stick_have(s, &o));
    return found < 0 ? -1 : 0;
}

int stick_want_all(struct stick *s, struct err *e)
{
    struct outbox_numbers numbers;

    if (outbox_numbers(s->outbox, &numbers, e) != 0)
        return -1;
    for (size_t i = 0; i < s->entries_count; i++)
        if (s->entries[i].object.kind == OBJECT_BUNDLE &&
            s->entries[i].to > numbers.received)
            s->wanted[s->entries[i].tar] = true;
    if (want_blobs(s, SYNC_CLASS_IMAGES, e) != 0)
        return -1;
    return want_blobs(s, SYNC_CLASS_ORIGINALS, e);
}

/* ---------------------------------------------------------------------- clearing */

int stick_clear_parts(struct stick *s, struct err *e)
{
    const struct courier_options *o = s->options;
    char path[DISK_PATH_BYTES];

    for (size_t i = 0; i < s->list.count; i++)
        if (is_own(s, i) && s->list.names[i].part && s->list.files[i] &&
            (courier_path(path, o->dir, &s->list.names[i], e) != 0 ||
             disk_remove(o->stick, path, e) != 0))
            return -1;
    return 0;
}

int stick_clear(struct stick *s, bool read_too, unsigned *removed, struct err *e)
{
    const struct courier_options *o = s->options;
    char path[DISK_PATH_BYTES];
    unsigned before = *removed;

    for (size_t i = 0; i < s->list.count; i++) {
        bool keep = s->wanted[i] && !(read_too && is_read(s, i));

        if (!is_own(s, i) || s->list.names[i].part || keep || !s->list.files[i])
            continue;
        if (courier_path(path, o->dir, &s->list.names[i], e) != 0 ||
            disk_remove(o->stick, path, e) != 0)
            return -1;
        s->list.files[i] = false;
        (*removed)++;
    }
    return *removed == before ? 0 : disk_sync_dir(o->stick, o->dir, e);
}
