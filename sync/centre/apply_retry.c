#include "sync/centre/apply_park.h"

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "sync/centre/late.h"

/* ------------------------------------------------------------- what is our own */

static int read_own(struct applying *a, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(a->centre, &s,
                         "SELECT centre_epoch, sequence, seen, changeset, seen_epoch"
                         " FROM down_frame WHERE site = ?1 AND sequence > ?2"
                         " ORDER BY sequence",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)a->own_to);
    row = rows_own_read(&a->rows.own, &a->rows.tables, s, &a->own_to, e);
    statements_finalize(&s, 1);
    return row;
}

/* What waits for the box's next program (down_waiting) no box has seen: as a frame that
 * comes after all. */
static int read_waiting(struct applying *a, struct err *e)
{
    sqlite3_stmt *s;
    uint64_t ignored;
    int row;

    if (centre_statement(a->centre, &s,
                         "SELECT ?2, ?3, 0, changeset FROM down_waiting"
                         " WHERE site = ?1 ORDER BY id",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->site);
    (void)sqlite3_bind_int(s, 2, a->centre->epoch);
    (void)sqlite3_bind_int64(s, 3, INT64_MAX);
    row = rows_own_read(&a->rows.own, &a->rows.tables, s, &ignored, e);
    statements_finalize(&s, 1);
    return row;
}

/* Our own frames that the box had not seen: read once, then only what is new. */
static int bring_own(struct applying *a, uint64_t seen, struct err *e)
{
    if (centre_sabotaged(CENTRE_IGNORE_SEEN))
        return 0;
    if (!a->own_read || seen < a->own_from) {
        rows_own_clear(&a->rows.own);
        a->own_from = a->own_to = seen;
        a->own_read = true;
    }
    return read_own(a, e) == 0 ? read_waiting(a, e) : -1;
}

/* What a late frame's box had not seen of the line that was the site's meanwhile. */
static int bring_newer(struct applying *a, const struct rows_frame *f, struct err *e)
{
    return f->late ? late_bring_newer(&a->rows, a->late, f, e) : 0;
}

int apply_own(void *arg, const struct rows_frame *f, struct err *e)
{
    struct applying *a = arg;
    uint64_t seen = f->seen_epoch < a->centre->epoch ? 0 : f->frame->seen;

    return bring_own(a, seen, e) == 0 ? bring_newer(a, f, e) : -1;
}

/* --------------------------------------------------------------- what is parked */

int apply_try_parked(struct applying *a, struct err *e)
{
    struct moment now;

    if (store_now(a->centre->store, &now, e) != 0)
        return -1;
    return rows_retry(&a->rows, "tram-centre", now.wall_ms, &a->more, e);
}

/* As much as one transaction takes. */
static int try_some(struct applying *a, struct err *e)
{
    struct centre *c = a->centre;

    a->index.count = 0;
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (down_open_applied(c, a->site, e) == 0 && apply_try_parked(a, e) == 0 &&
        down_append(c, e) == 0 && rows_index_refresh(&a->index, e) == 0) {
        down_close(c);
        return store_apply_commit(c->store, e);
    }
    down_rollback(c);
    a->own_read = false; /* it may hold frames that were rolled back */
    return err_wrap(e, "what is parked");
}

int apply_ready_parked(struct applying *a, unsigned steps_max, unsigned *steps,
                       struct err *e)
{
    if (!a->more && rows_any_ready(&a->rows, &a->more, e) != 0)
        return -1;
    for (; a->more && *steps < steps_max; ++*steps)
        if (try_some(a, e) != 0)
            return -1;
    return 0;
}
