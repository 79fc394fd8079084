/* All documents that a query finds, for who takes them away and must not lose any. */
#include <stdlib.h>

#include "base/order.h"
#include "schema/search/documents.h"
#include "schema/search/match.h"
#include "schema/statements.h"

static const char *const id_sql = "SELECT id FROM search WHERE slot = ?1";

struct taking {
    struct records *records;
    sqlite3_stmt *id_of;
    struct search_query *query;
    struct search_documents documents;
    struct match match;
    uint64_t *ids;
    size_t count;
};

static int take_slot(struct taking *t, uint64_t slot, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(t->id_of);
    uint64_t id = 0, document = 0, page;
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)slot);
    row = statement_step(s, e);
    if (row == 1)
        id = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    if (row < 0 || (id != 0 && record_find(t->records, id, &document, &page, e) != 0))
        return -1;
    if (document != 0)
        t->ids[t->count++] = document;
    return 0;
}

static void keep_once(struct taking *t)
{
    size_t kept = 0;

    if (t->count > 0)
        qsort(t->ids, t->count, sizeof *t->ids, order_u64);
    for (size_t i = 0; i < t->count; i++)
        if (i == 0 || t->ids[i] != t->ids[i - 1])
            t->ids[kept++] = t->ids[i];
    t->count = kept;
}

/* Fields alone mean documents; with words to be found, what those find of them. */
static int take(struct taking *t, struct err *e)
{
    const struct match_wish wish = {.query = t->query,
                                    .newest = true, /* no need to rank */
                                    .found = true,
                                    .whole = true,
                                    .only =
                                        t->documents.only.at, /* NULL: no field asks */
                                    .only_count = t->documents.only.count,
                                    .but = t->documents.but.at,
                                    .but_count = t->documents.but.count,
                                    .field_group = SIZE_MAX};

    if (!search_query_asks_text(t->query)) {
        t->ids = t->documents.ids;
        t->count = t->documents.count;
        t->documents.ids = NULL; /* now ours */
        return 0;
    }
    if (match_run(&t->match, store_db(records_store(t->records)), &wish, e) != 0)
        return -1;
    t->ids = calloc(t->match.found_count + 1, sizeof *t->ids);
    if (t->ids == NULL)
        return err_set(e, ERR_MEMORY, "documents");
    for (size_t i = 0; i < t->match.found_count; i++)
        if (take_slot(t, t->match.found[i].slot, e) != 0)
            return -1;
    return 0;
}

static int take_all(struct taking *t, const char *query, struct err *e)
{
    if (search_query_create(&t->query, query, false, e) != 0)
        return -1;
    if (!search_query_asks(t->query))
        return 0;
    if (search_documents_find(&t->documents, t->records, t->query, e) != 0 ||
        take(t, e) != 0)
        return -1;
    if (t->documents.narrowed || t->match.narrowed)
        return err_set(e, ERR_REFUSED,
                       "“%.100s” means more than can be looked for at once: write words"
                       " out, or name fewer papers by their fields",
                       query);
    keep_once(t);
    return 0;
}

/* What is not in the index yet would be left behind without a word. */
static int refuse_unbuilt(struct store *s, struct err *e)
{
    bool building;
    unsigned per_cent;

    if (search_building(s, &building, &per_cent, e) != 0)
        return -1;
    return !building
               ? 0
               : err_set(e, ERR_REFUSED,
                         "the search index is being made anew, %u%% is done: all that"
                         " is found cannot be told before",
                         per_cent);
}

int search_all_documents(struct records *r, const char *query, uint64_t **ids,
                         size_t *count, struct err *e)
{
    struct store *s = records_store(r);
    struct taking t = {.records = r};
    bool begun = false;
    int rc = -1;

    *ids = NULL;
    *count = 0;
    /* One snapshot, unless the caller has one. */
    if (sqlite3_get_autocommit(store_db(s))) {
        if (store_read_begin(s, e) != 0)
            return err_wrap(e, "search");
        begun = true;
    }
    if (refuse_unbuilt(s, e) == 0 &&
        statements_prepare(store_db(s), &t.id_of, &id_sql, 1, e) == 0)
        rc = take_all(&t, query, e);
    if (rc == 0) {
        *ids = t.ids;
        *count = t.count;
        t.ids = NULL; /* now the caller's */
    }
    free(t.ids);
    match_release(&t.match);
    search_documents_release(&t.documents);
    search_query_destroy(t.query);
    statements_finalize(&t.id_of, 1);
    if (begun)
        store_read_end(s);
    return rc == 0 ? 0 : err_wrap(e, "search");
}
