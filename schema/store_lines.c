#include "schema/statements.h"
#include "schema/store.h"

#include <inttypes.h>
#include <string.h>

static int epoch_of(sqlite3_stmt *s, uint64_t sequence, uint8_t *out, struct err *e)
{
    int row;

    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    if (row == 0)
        return err_set(e, ERR_CORRUPT, "frame %" PRIu64 " is missing", sequence);
    if (row == 1)
        *out = (uint8_t)sqlite3_column_int(s, 0);
    return row < 0 ? -1 : 0;
}

/* The first frame of the epoch that frame `last` is of. */
static int first_of(sqlite3_stmt *s, uint64_t last, uint8_t epoch, uint64_t *out,
                    struct err *e)
{
    uint64_t from = 1, to = last;

    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        uint8_t found;

        if (epoch_of(s, middle, &found, e) != 0)
            return -1;
        if (found == epoch)
            to = middle;
        else
            from = middle + 1;
    }
    *out = from;
    return 0;
}

/* Epochs only rise from frame to frame, so that a few looks find where each ends; an index
 * would cost every commit. */
int store_lines(struct store *s, uint64_t last[STORE_EPOCHS], struct err *e)
{
    const char *const sql = "SELECT epoch FROM changelog WHERE sequence = ?1";
    sqlite3_stmt *look;
    int64_t newest;
    uint64_t at;
    int rc = 0;

    memset(last, 0, STORE_EPOCHS * sizeof *last);
    if (sql_number(store_db(s), "SELECT ifnull(max(sequence), 0) FROM changelog", &newest,
                   e) != 0 ||
        statements_prepare(store_db(s), &look, &sql, 1, e) != 0)
        return -1;
    for (at = (uint64_t)newest; rc == 0 && at > 0; at--) {
        uint8_t epoch = 0;
        uint64_t end = at;

        rc = epoch_of(look, at, &epoch, e);
        if (rc == 0)
            rc = first_of(look, at, epoch, &at, e);
        if (rc == 0)
            last[epoch] = end;
    }
    statements_finalize(&look, 1);
    return rc;
}
