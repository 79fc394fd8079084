#include "sync/rows/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/order.h"
#include "schema/search/search.h"
#include "schema/statements.h"

/* Whose text a row is part of: the pages and documents, given its id. */
static const struct {
    const char *table, *sql;
} readers[] = {
    {"page", "SELECT ?1"},
    {"field", "SELECT ?1"},
    {"reading", "SELECT page FROM reading WHERE id = ?1"},
    {"correction", "SELECT page FROM correction JOIN reading"
                   " ON reading.id = correction.reading WHERE correction.id = ?1"},
    /* A document that is deleted, or put back, takes its pages with it. */
    {"document", "SELECT ?1 UNION ALL SELECT id FROM page WHERE document = ?1"},
    {"dossier", "SELECT id FROM document WHERE dossier = ?1"},
};

static int add(struct rows_index *x, uint64_t id, struct err *e)
{
    if (x->count == x->capacity) {
        size_t capacity = x->capacity == 0 ? 256 : 2 * x->capacity;
        uint64_t *ids = realloc(x->ids, capacity * sizeof *ids);

        if (ids == NULL)
            return err_set(e, ERR_MEMORY, "rows: %zu to index", capacity);
        x->ids = ids;
        x->capacity = capacity;
    }
    x->ids[x->count++] = id;
    return 0;
}

static int add_all(struct rows_index *x, const char *sql, uint64_t id, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(records_store(x->records)), &s, &sql, 1, e) != 0)
        return -1;
    bind_id(s, 1, id);
    while ((row = statement_step(s, e)) == 1)
        if (add(x, (uint64_t)sqlite3_column_int64(s, 0), e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    return row;
}

int rows_index_touch(struct rows_index *x, const char *table, uint64_t id, struct err *e)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i].table, table) == 0)
            return add_all(x, readers[i].sql, id, e);
    return 0;
}

int rows_index_refresh(struct rows_index *x, struct err *e)
{
    int rc = 0;

    if (x->count == 0)
        return 0;
    qsort(x->ids, x->count, sizeof *x->ids, order_u64);
    for (size_t i = 0; rc == 0 && i < x->count; i++)
        if (i == 0 || x->ids[i] != x->ids[i - 1])
            rc = records_refresh(x->records, x->ids[i], e);
    x->count = 0;
    return rc;
}

void rows_index_release(struct rows_index *x)
{
    free(x->ids);
    x->ids = NULL;
    x->count = x->capacity = 0;
}
