/* Duplicates, noted: what a look at a page found becomes rows. */
#include "appliance/duplicates_parts.h"

#include "schema/statements.h"

enum { NOW, LOOKED, PUT_TWIN, DROP_TWIN, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [NOW] = "SELECT (SELECT epoch FROM identity), l.rotation,"
            " (SELECT max(id) FROM reading WHERE page = ?1)"
            " FROM likeness l WHERE l.page = ?1 AND l.looked = 0",
    [LOOKED] = "UPDATE likeness SET looked = 1 WHERE page = ?1",
    [PUT_TWIN] = "INSERT INTO twin (page, other, agreeing)"
                 " VALUES (max(?1, ?2), min(?1, ?2), ?3)"
                 " ON CONFLICT (page, other) DO UPDATE SET agreeing = ?3",
    [DROP_TWIN] = "DELETE FROM twin WHERE page = max(?1, ?2) AND other = min(?1, ?2)"
                  " AND dismissed = 0",
};

int duplicates_rests_on(struct box *b, uint64_t page, struct rests_on *out, bool *waits,
                        struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(b->store), &s, &sql[NOW], 1, e) != 0)
        return -1;
    bind_id(s, 1, page);
    row = statement_step(s, e);
    *waits = row == 1;
    if (row == 1)
        *out = (struct rests_on){sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                                 sqlite3_column_int64(s, 2)};
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static bool is_same(const struct rests_on *a, const struct rests_on *b)
{
    return a->epoch == b->epoch && a->rotation == b->rotation && a->reading == b->reading;
}

static int write_pair(sqlite3_stmt *s, uint64_t page, const struct page_pair *p,
                      struct err *e)
{
    (void)statement_fresh(s);
    bind_id(s, 1, page);
    bind_id(s, 2, p->other);
    if (p->is_twin)
        (void)sqlite3_bind_int64(s, 3, p->agreeing); /* as bind_id */
    return statement_run(s, e);
}

static int write_all(struct box *b, const struct page_verdict *v, struct err *e)
{
    sqlite3_stmt *s[STATEMENTS];
    int rc = 0;

    if (statements_prepare(store_db(b->store), s, sql, STATEMENTS, e) != 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < v->pairs_count; i++)
        rc = write_pair(s[v->pairs[i].is_twin ? PUT_TWIN : DROP_TWIN], v->page,
                        &v->pairs[i], e);
    if (rc == 0) {
        bind_id(s[LOOKED], 1, v->page);
        rc = statement_run(s[LOOKED], e);
    }
    statements_finalize(s, STATEMENTS);
    return rc;
}

int duplicates_note(struct box *b, const struct page_verdict *v, bool *found,
                    struct err *e)
{
    struct rests_on now;
    bool waits;

    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (duplicates_rests_on(b, v->page, &now, &waits, e) != 0)
        goto fail;
    if (!waits || !is_same(&now, &v->rests_on)) {
        store_write_rollback(b->store);
        return 0;
    }
    if (write_all(b, v, e) != 0 || store_write_commit(b->store, NULL, e) != 0)
        goto fail;
    for (size_t i = 0; i < v->pairs_count; i++)
        *found = *found || v->pairs[i].is_twin;
    return 0;
fail:
    store_write_rollback(b->store);
    return -1;
}
