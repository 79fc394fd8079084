#include "schema/statements.h"
#include "sync/centre/down_internal.h"
#include "sync/centre/journal.h"

/* What the box is known to have of our line: *last is 0 if nothing is. Its word counts
 * only if it is of our epoch: numbers of an older one may name other frames. */
static int read_known(struct centre *c, uint16_t site, uint64_t *last, uint64_t *after,
                      struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *last = *after = 0;
    if (centre_statement(c, &s,
                         "SELECT down_seen, down_history_after FROM site"
                         " WHERE site = ?1 AND down_seen_epoch = ?2",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int(s, 2, c->epoch);
    row = statement_step(s, e);
    if (row == 1) {
        *last = (uint64_t)sqlite3_column_int64(s, 0);
        *after = (uint64_t)sqlite3_column_int64(s, 1);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* Frames `last` and before, after `after`; `chain` is the hash after the last one, if any
 * was there. */
static int fill(struct centre *c, uint16_t site, uint64_t last, uint64_t after,
                struct history_filling *f, struct hash *chain, struct err *e)
{
    uint64_t next = last;
    sqlite3_stmt *s;
    int row = 0;

    if (centre_statement(c, &s,
                         "SELECT sequence, changeset, chain FROM down_frame"
                         " WHERE site = ?1 AND sequence <= ?2 AND sequence > ?3"
                         " ORDER BY sequence DESC",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)after);
    while (f->left > 0 && (row = statement_step(s, e)) == 1) {
        if ((uint64_t)sqlite3_column_int64(s, 0) != next ||
            (next == last && !column_hash(s, 2, chain)))
            break;
        history_put(f, sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1));
        next--;
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int down_lean(struct centre *c, uint16_t site, uint64_t first, struct bundle_writer *w,
              struct history_filling *f, struct err *e)
{
    uint64_t last, after;
    struct hash chain;

    if (read_known(c, site, &last, &after, e) != 0)
        return -1;
    if (last >= first)
        last = first - 1; /* it was put back, and asks for them again */
    if (last <= after)
        return 0;
    if (history_filling_init(f, DOWN_HISTORY_BYTES, e) != 0 ||
        fill(c, site, last, after, f, &chain, e) != 0)
        return -1;
    if (history_count(f) > 0)
        bundle_writer_history(w, last, &chain, history_bytes(f), history_count(f));
    return 0;
}

static int forget(struct centre *c, uint16_t site, const struct object_id *object,
                  struct err *e)
{
    static const char *const sql[] = {
        "DELETE FROM down_bundle WHERE site = ?1 AND object = ?2",
        "UPDATE site SET down_history_after = down_seen WHERE site = ?1",
    };
    sqlite3_stmt *s;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof sql / sizeof sql[0]; i++) {
        if (centre_statement(c, &s, sql[i], e) != 0)
            return -1;
        (void)sqlite3_bind_int(s, 1, site);
        if (sqlite3_bind_parameter_count(s) > 1)
            journal_bind_object(s, 2, object);
        rc = statement_run(s, e);
        statements_finalize(&s, 1);
    }
    return rc;
}

int down_lacks(struct centre *c, uint16_t site, const struct object_id *object,
               struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return err_wrap(e, "down: site %u", site);
    if (forget(c, site, object, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "down: site %u", site);
}
