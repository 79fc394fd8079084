#include "schema/search.h"

#include <stdlib.h>

#include "schema/search_query.h"
#include "schema/snippet.h"
#include "schema/statements.h"

enum { CANDIDATES, PAGE_ORDINAL, RUN_STATEMENTS };

static const char *const run_sql[RUN_STATEMENTS] = {
    [CANDIDATES] = "SELECT rowid FROM search WHERE search MATCH ?1"
                   " ORDER BY rank, rowid LIMIT ?2",
    [PAGE_ORDINAL] = "SELECT ordinal FROM page WHERE id = ?1",
};

enum { OWNERS, INDEXED, INDEXED_COUNT, VERIFY_STATEMENTS };

static const char *const verify_sql[VERIFY_STATEMENTS] = {
    [OWNERS] = "SELECT id FROM page UNION ALL SELECT id FROM document",
    [INDEXED] = "SELECT 1 FROM search WHERE rowid = ?1",
    [INDEXED_COUNT] = "SELECT count(*) FROM search",
};

enum { REPLACE, REMOVE, PUT_STATEMENTS };

static const char *const put_sql[PUT_STATEMENTS] = {
    [REPLACE] = "INSERT OR REPLACE INTO search (rowid, text) VALUES (?1, ?2)",
    [REMOVE] = "DELETE FROM search WHERE rowid = ?1",
};

int search_put(struct store *s, uint64_t id, const char *text, struct err *e)
{
    int which = text[0] == '\0' ? REMOVE : REPLACE;
    sqlite3_stmt *put = NULL;
    int rc = -1;

    /* Prepared each time: there is nothing here to keep it in, and writing the index
     * takes far longer. */
    if (statements_prepare(store_db(s), &put, &put_sql[which], 1, e) != 0)
        return -1;
    bind_id(put, 1, id);
    if (which == REPLACE)
        bind_text(put, 2, text);
    rc = statement_run(put, e);
    statements_finalize(&put, 1);
    return rc == 0 ? 0 : err_wrap(e, "search index");
}

/* ------------------------------------------------------------------------ run */

struct run {
    struct records *records;
    sqlite3_stmt *statements[RUN_STATEMENTS];
    struct search_query *query;
    struct buffer text; /* of the candidate at hand */
    struct buffer snippet;
    struct search_spans spans;
    uint64_t candidates[SEARCH_CANDIDATES_MAX]; /* 0: told already */
    size_t candidates_count;
    unsigned left; /* hits that may still be told */
    int (*each)(void *arg, const struct search_hit *hit, struct err *e);
    void *arg;
};

static int candidates_read(struct run *r, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[CANDIDATES]);
    const char *expression = search_query_expression(r->query);
    int rc;

    bind_text(s, 1, expression);
    (void)sqlite3_bind_int(s, 2, SEARCH_CANDIDATES_MAX);
    while ((rc = statement_step(s, e)) == 1)
        r->candidates[r->candidates_count++] = (uint64_t)sqlite3_column_int64(s, 0);
    return rc;
}

static int text_read(struct run *r, uint64_t id, struct err *e)
{
    buffer_clear(&r->text);
    if (record_search_text(r->records, id, &r->text, e) != 0)
        return -1;
    return buffer_check(&r->text, e);
}

static int page_ordinal(struct run *r, uint64_t page, uint32_t *ordinal, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[PAGE_ORDINAL]);
    int rc;

    *ordinal = 0;
    if (page == 0)
        return 0;
    bind_id(s, 1, page);
    rc = statement_step(s, e);
    if (rc == 1)
        *ordinal = (uint32_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s); /* lets go of the row */
    return rc < 0 ? -1 : 0;
}

/* Tells one hit; its text is in r->text. */
static int hit_tell(struct run *r, uint64_t id, bool exact, struct err *e)
{
    struct search_hit hit = {.exact = exact || !search_query_accented(r->query)};
    enum search_form form = exact ? SEARCH_EXACT : SEARCH_FOLDED;
    const char *text = r->text.count > 0 ? (const char *)r->text.bytes : "";

    if (record_find(r->records, id, &hit.document, &hit.page, e) != 0)
        return -1;
    /* A row of the index that has lost its record: verify counts it. */
    if (hit.document == 0)
        return 0;
    if (page_ordinal(r, hit.page, &hit.page_number, e) != 0)
        return -1;
    hit.site = id_site(hit.document);
    (void)search_query_find(r->query, form, text, r->text.count, &r->spans);
    buffer_clear(&r->snippet);
    buffer_append_text(&r->snippet, "");
    snippet_append(&r->snippet, text, r->text.count, &r->spans);
    if (buffer_check(&r->snippet, e) != 0)
        return -1;
    hit.snippet = (const char *)r->snippet.bytes;
    r->left--;
    return r->each(r->arg, &hit, e);
}

static bool is_exact(const struct run *r)
{
    return r->text.count > 0 &&
           search_query_find(r->query, SEARCH_EXACT, (const char *)r->text.bytes,
                             r->text.count, NULL);
}

/* Tells the candidates that hold what was typed, in their order. */
static int exact_tell(struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->candidates_count && r->left > 0; i++) {
        uint64_t id = r->candidates[i];

        if (text_read(r, id, e) != 0)
            return -1;
        if (!is_exact(r))
            continue;
        r->candidates[i] = 0;
        if (hit_tell(r, id, true, e) != 0)
            return -1;
    }
    return 0;
}

/* Tells the candidates that have not been told, in their order. */
static int rest_tell(struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->candidates_count && r->left > 0; i++) {
        if (r->candidates[i] == 0)
            continue;
        if (text_read(r, r->candidates[i], e) != 0)
            return -1;
        if (hit_tell(r, r->candidates[i], false, e) != 0)
            return -1;
    }
    return 0;
}

static int run_create(struct run **out, struct records *records, const char *query,
                      struct err *e)
{
    struct run *r = calloc(1, sizeof *r);

    *out = r;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    r->records = records;
    buffer_init(&r->text, RECORD_CURRENT_BYTES_MAX);
    buffer_init(&r->snippet, SNIPPET_BYTES_MAX);
    if (search_query_create(&r->query, query, e) != 0)
        return -1;
    return statements_prepare(store_db(records_store(records)), r->statements, run_sql,
                              RUN_STATEMENTS, e);
}

static void run_destroy(struct run *r)
{
    if (r == NULL)
        return;
    statements_finalize(r->statements, RUN_STATEMENTS);
    search_query_destroy(r->query);
    buffer_release(&r->text);
    buffer_release(&r->snippet);
    free(r);
}

static int run_all(struct run *r, struct err *e)
{
    if (search_query_expression(r->query)[0] == '\0')
        return 0;
    if (candidates_read(r, e) != 0)
        return -1;
    if (search_query_accented(r->query) && exact_tell(r, e) != 0)
        return -1;
    return rest_tell(r, e);
}

/* A snapshot, so that index and records agree; unless the caller has one. */
static int snapshot_begin(struct store *s, bool *begun, struct err *e)
{
    *begun = false;
    if (!sqlite3_get_autocommit(store_db(s)))
        return 0;
    if (store_read_begin(s, e) != 0)
        return -1;
    *begun = true;
    return 0;
}

int search_run(struct records *records, const char *query, unsigned limit,
               int (*each)(void *arg, const struct search_hit *hit, struct err *e),
               void *arg, struct err *e)
{
    struct store *s = records_store(records);
    bool begun = false;
    struct run *r = NULL;
    int rc = -1;

    if (run_create(&r, records, query, e) != 0)
        goto out;
    r->left = limit;
    r->each = each;
    r->arg = arg;
    if (snapshot_begin(s, &begun, e) != 0)
        goto out;
    rc = run_all(r, e);
out:
    run_destroy(r);
    if (begun)
        store_read_end(s);
    return rc == 0 ? 0 : err_wrap(e, "search");
}

/* --------------------------------------------------------------------- verify */

/* 1 if the index has the row, 0 if not. */
static int is_indexed(sqlite3_stmt *s, uint64_t id, struct err *e)
{
    int rc;

    (void)statement_fresh(s);
    bind_id(s, 1, id);
    rc = statement_step(s, e);
    (void)statement_fresh(s);
    return rc;
}

static int owners_compare(struct records *r, sqlite3_stmt **statements, uint64_t *missing,
                          uint64_t *matched, struct err *e)
{
    struct buffer text;
    int rc;

    buffer_init(&text, RECORD_CURRENT_BYTES_MAX);
    while ((rc = statement_step(statements[OWNERS], e)) == 1) {
        uint64_t id = (uint64_t)sqlite3_column_int64(statements[OWNERS], 0);
        int indexed;

        buffer_clear(&text);
        rc = record_search_text(r, id, &text, e) != 0 ? -1 : buffer_check(&text, e);
        if (rc != 0)
            break;
        if (text.count == 0)
            continue;
        indexed = rc = is_indexed(statements[INDEXED], id, e);
        if (rc < 0)
            break;
        *(indexed ? matched : missing) += 1;
    }
    buffer_release(&text);
    return rc < 0 ? -1 : 0;
}

int search_verify(struct records *r, uint64_t *missing, uint64_t *surplus, struct err *e)
{
    struct store *s = records_store(r);
    sqlite3_stmt *statements[VERIFY_STATEMENTS] = {0};
    uint64_t matched = 0;
    bool begun = false;
    int rc = -1;

    *missing = *surplus = 0;
    if (snapshot_begin(s, &begun, e) != 0)
        return err_wrap(e, "search");
    if (statements_prepare(store_db(s), statements, verify_sql, VERIFY_STATEMENTS, e) !=
        0)
        goto out;
    if (owners_compare(r, statements, missing, &matched, e) != 0)
        goto out;
    if (statement_step(statements[INDEXED_COUNT], e) != 1)
        goto out;
    *surplus = (uint64_t)sqlite3_column_int64(statements[INDEXED_COUNT], 0) - matched;
    rc = 0;
out:
    statements_finalize(statements, VERIFY_STATEMENTS);
    if (begun)
        store_read_end(s);
    return rc == 0 ? 0 : err_wrap(e, "search");
}
