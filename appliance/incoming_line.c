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

/* Those of the line that is left, after ?1; of lines that were left before, all was given
 * back then. */
#define LOST                                                                             \
    " FROM incoming_frame f WHERE sequence > ?1 AND passed = 0"                          \
    " AND NOT EXISTS (SELECT 1 FROM incoming_frame n"                                    \
    "  WHERE n.centre_epoch > f.centre_epoch AND n.sequence <= f.sequence)"

/* What we wrote and one of them was made without having seen. */
static int read_own(struct box *b, struct rows_lost *lost, uint64_t last_common,
                    struct err *e)
{
    sqlite3_stmt *s;
    uint64_t to;
    int row;

    if (prepare(b, &s,
                "SELECT epoch, sequence, seen, changeset, seen_epoch FROM changelog"
                " WHERE sequence > (SELECT min(seen)" LOST ") ORDER BY sequence",
                e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)last_common);
    row = rows_own_read(&lost->own, &lost->tables, s, &to, e);
    statements_finalize(&s, 1);
    return row;
}

static int add(struct rows_lost *lost, sqlite3_stmt *s, struct err *e)
{
    const struct own_question q = {
        .seen_epoch = (uint8_t)sqlite3_column_int(s, 1),
        .seen = (uint64_t)sqlite3_column_int64(s, 2),
        .sequence = (uint64_t)sqlite3_column_int64(s, 3),
        .epoch = (uint8_t)sqlite3_column_int(s, 4),
    };

    return rows_lost_add(lost, &q, sqlite3_column_blob(s, 0),
                         (size_t)sqlite3_column_bytes(s, 0), e);
}

static int collect(struct box *b, struct rows_lost *lost, uint64_t last_common,
                   struct err *e)
{
    sqlite3_stmt *s = NULL, *written = NULL;
    int row = -1;

    if (prepare(b, &written,
                "SELECT changeset FROM changelog WHERE sequence > ?1 ORDER BY sequence",
                e) != 0 ||
        prepare(b, &s,
                "SELECT changeset, seen_epoch, seen, sequence, centre_epoch" LOST
                " ORDER BY centre_epoch, sequence",
                e) != 0)
        goto out;
    lost->written = written;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)last_common);
    while ((row = statement_step(s, e)) == 1)
        if (add(lost, s, e) != 0) {
            row = -1;
            break;
        }
out:
    lost->written = NULL;
    statements_finalize(&s, 1);
    statements_finalize(&written, 1);
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
        read_own(b, &lost, last_common, e) == 0 &&
        collect(b, &lost, last_common, e) == 0 &&
        move_cursor(b, last_common, epoch, e) == 0 &&
        rows_lost_tell(&lost, say, b, e) == 0)
        rc = 0;
    rows_lost_release(&lost);
    return rc == 0 ? 0 : err_wrap(e, "what the centre has lost");
}
