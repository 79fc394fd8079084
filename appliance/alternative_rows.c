#include "appliance/alternative_rows.h"

#include "schema/statements.h"

enum { FORGET, KEEP, FIND, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [FORGET] = "DELETE FROM alternative WHERE reading IN"
               " (SELECT id FROM reading WHERE page = ?1)",
    [KEEP] = "INSERT INTO alternative (reading, packed)"
             " SELECT max(id), ?2 FROM reading WHERE page = ?1",
    [FIND] = "SELECT packed FROM alternative WHERE reading = ?1",
};

int alternative_rows_keep(struct box *b, uint64_t page, const void *packed, size_t bytes,
                          struct err *e)
{
    sqlite3_stmt *q[2] = {NULL};
    int rc = -1;

    if (statements_prepare(store_db(b->store), q, &sql[FORGET], 2, e) != 0)
        return -1;
    bind_id(q[FORGET], 1, page);
    if (statement_run(q[FORGET], e) != 0)
        goto out;
    if (bytes > 0) {
        bind_id(q[KEEP], 1, page);
        bind_blob(q[KEEP], 2, packed, bytes);
        if (statement_run(q[KEEP], e) != 0)
            goto out;
    }
    rc = 0;
out:
    statements_finalize(q, 2);
    return rc;
}

int alternative_rows_find(struct box *b, uint64_t reading, size_t words,
                          struct alternatives *out, struct err *e)
{
    sqlite3_stmt *q = NULL;
    struct err ignored;
    int step = -1;

    *out = (struct alternatives){0};
    if (statements_prepare(store_db(b->store), &q, &sql[FIND], 1, e) != 0)
        return -1;
    bind_id(q, 1, reading);
    step = statement_step(q, e);
    if (step == 1)
        (void)alternatives_unpack(out, sqlite3_column_blob(q, 0),
                                  (size_t)sqlite3_column_bytes(q, 0), words, &ignored);
    statements_finalize(&q, 1);
    return step < 0 ? -1 : 0;
}
