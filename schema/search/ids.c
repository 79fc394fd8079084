#include "schema/search/match.h"
#include "schema/statements.h"

static const char *const id_sql = "SELECT id FROM search WHERE slot = ?1";

static int read_ids(sqlite3_stmt *s, const struct match *m, uint64_t *ids, size_t *count,
                    struct err *e)
{
    *count = 0;
    for (size_t i = 0; i < m->count; i++) {
        int row;

        (void)statement_fresh(s);
        (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)m->hits[i].slot);
        row = statement_step(s, e);
        if (row == 1)
            ids[(*count)++] = (uint64_t)sqlite3_column_int64(s, 0);
        (void)statement_fresh(s);
        if (row < 0)
            return -1;
    }
    return 0;
}

int search_ids_with(struct store *s, const char *word, uint64_t *ids, size_t ids_max,
                    size_t *count, struct err *e)
{
    struct match_wish wish = {.newest = true, .count = ids_max, .field_group = SIZE_MAX};
    struct search_query *query = NULL;
    sqlite3_stmt *id = NULL;
    struct match m = {0};
    int rc = -1;

    *count = 0;
    if (search_query_create(&query, word, false, e) != 0)
        return -1;
    wish.query = query;
    if (search_query_asks(query) &&
        (statements_prepare(store_db(s), &id, &id_sql, 1, e) != 0 ||
         match_run(&m, store_db(s), &wish, e) != 0 ||
         read_ids(id, &m, ids, count, e) != 0))
        goto out;
    rc = 0;
out:
    statements_finalize(&id, 1);
    match_release(&m);
    search_query_destroy(query);
    return rc == 0 ? 0 : err_wrap(e, "search");
}
