#include "sync/centre/apply_park.h"

#include "sync/centre/down.h"
#include "sync/rows/note.h"

int apply_watch(void *arg, bool on, struct err *e)
{
    struct applying *a = arg;

    return down_watch(a->centre, on, e);
}

int apply_written(void *arg, const char *table, uint64_t id, struct err *e)
{
    struct applying *a = arg;

    return rows_index_touch(&a->index, table, id, e);
}

int apply_cut(void *arg, size_t bytes, struct err *e)
{
    struct applying *a = arg;

    return down_cut(a->centre, bytes, e);
}

bool apply_holds(void *arg)
{
    struct applying *a = arg;

    return down_holds(a->centre);
}

int apply_conflict(void *arg, const struct rows_frame *f, const struct rows_conflict *c,
                   struct err *e)
{
    struct applying *a = arg;
    uint64_t id;

    if (down_watch(a->centre, true, e) != 0 || down_new_id(a->centre, &id, e) != 0 ||
        note_conflict(store_db(a->centre->store), id, f, c, e) != 0)
        return -1;
    return down_watch(a->centre, false, e);
}

int apply_parked(void *arg, const struct rows_frame *f, const struct rows_parking *p,
                 uint64_t *id, struct err *e)
{
    struct applying *a = arg;

    if (down_watch(a->centre, true, e) != 0 || down_new_id(a->centre, id, e) != 0 ||
        note_parked(store_db(a->centre->store), *id, f, p, e) != 0 ||
        down_watch(a->centre, false, e) != 0)
        return -1;
    return rows_keep_change(&a->rows, f, p, *id, e);
}
