#include "appliance/incoming_line.h"

#include "schema/statements.h"
#include "sync/rows/lost.h"

static int prepare(struct box *b, sqlite3_stmt **out, const char *sql, struct err *e)
{
    return statements_prepare(store_db(b->store), out, &sql, 1, e);
}

static int say(void *arg, const struct buffer *changeset, struct err *e)
{
    struct box *b = arg;

    return store_apply_say(b->store, changeset, e);
}

/* Those of the line that is left; of lines that were left before, all was given back
 * then. */
static int collect(struct box *b, struct rows_lost *lost, uint64_t last_common,
                   struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (prepare(
            b, &s,
            "SELECT changeset FROM incoming_frame f WHERE sequence > ?1 AND passed = 0"
            " AND NOT EXISTS (SELECT 1 FROM incoming_frame n"
            "  WHERE n.centre_epoch > f.centre_epoch AND n.sequence <= f.sequence)"
            " ORDER BY centre_epoch, sequence",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)last_common);
    while ((row = statement_step(s, e)) == 1)
        if (rows_lost_add(lost, sqlite3_column_blob(s, 0),
                          (size_t)sqlite3_column_bytes(s, 0), e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    return row;
}

static int move_cursor(struct box *b, uint64_t last_common, uint8_t epoch, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (prepare(b, &s, "UPDATE sync_state SET seen = ?1, seen_epoch = ?2", e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)last_common);
    (void)sqlite3_bind_int(s, 2, epoch);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int incoming_leave(struct box *b, uint64_t last_common, uint8_t epoch, struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(b->store, &names);
    struct rows_lost lost;
    int rc = -1;

    /* The cursor first: what is said is made having seen the new line so far. */
    if (rows_lost_init(&lost, store_db(b->store), names, count, e) == 0 &&
        collect(b, &lost, last_common, e) == 0 &&
        move_cursor(b, last_common, epoch, e) == 0 &&
        rows_lost_tell(&lost, say, b, e) == 0)
        rc = 0;
    rows_lost_release(&lost);
    return rc == 0 ? 0 : err_wrap(e, "what the centre has lost");
}
