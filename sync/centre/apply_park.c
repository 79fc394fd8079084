#include "sync/centre/apply_park.h"

#include <string.h>

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "sync/rows/note.h"

int apply_watch(void *arg, bool on, struct err *e)
{
    struct applying *a = arg;

    return down_watch(a->centre, on, e);
}

/* Our own note of a parked change comes from a box: this centre was put back, and has lost
 * the note and the change. What came of the change since is known without it, and the note
 * keeps nothing waiting. */
static int close_lost(struct applying *a, uint64_t id, struct err *e)
{
    struct moment now;
    sqlite3_stmt *s;
    int rc = -1;

    if (store_now(a->centre->store, &now, e) != 0 ||
        centre_statement(a->centre, &s,
                         "UPDATE parked SET applied = 1, closed_by = 'tram-centre',"
                         " closed_wall_ms = ?2 WHERE id = ?1 AND closed_by IS NULL"
                         " AND NOT EXISTS (SELECT 1 FROM parked_change"
                         "  WHERE parked = ?1)",
                         e) != 0)
        return -1;
    bind_id(s, 1, id);
    (void)sqlite3_bind_int64(s, 2, now.wall_ms);
    if (down_watch(a->centre, true, e) == 0 && statement_run(s, e) == 0)
        rc = down_watch(a->centre, false, e);
    statements_finalize(&s, 1);
    return rc;
}

int apply_written(void *arg, const char *table, uint64_t id, struct err *e)
{
    struct applying *a = arg;

    if (strcmp(table, "parked") == 0 &&
        (id >> ID_COUNTER_BITS & UINT8_MAX) == DOWN_EPOCH && close_lost(a, id, e) != 0)
        return -1;
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
