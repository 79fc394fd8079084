#include "schema/search/search.h"

#include <stdlib.h>
#include <string.h>

#include "schema/search/run.h"
#include "schema/search/snippet.h"
#include "schema/statements.h"

static const char *const run_sql[RUN_STATEMENTS] = {
    [RUN_ID_OF] = "SELECT id FROM search WHERE slot = ?1",
    [RUN_SLOT_OF] = "SELECT slot FROM search WHERE id = ?1",
    [RUN_PAGE_ORDINAL] = "SELECT ordinal FROM page WHERE id = ?1",
};

static bool is_full(const struct run *r)
{
    return r->told_count >= r->request->limit;
}

/* -------------------------------------------------------------------- telling */

static int text_read(struct run *r, uint64_t id, struct err *e)
{
    buffer_clear(&r->text);
    if (record_search_text(r->records, id, &r->text, e) != 0)
        return -1;
    return buffer_check(&r->text, e);
}

static int page_ordinal(struct run *r, uint64_t page, uint32_t *ordinal, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[RUN_PAGE_ORDINAL]);
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
static int hit_tell(struct run *r, uint64_t id, enum search_form form, struct err *e)
{
    const char *text = r->text.count > 0 ? (const char *)r->text.bytes : "";
    struct search_hit hit = {
        .exact = form == SEARCH_EXACT ||
                 (form == SEARCH_FOLDED && !search_query_accented(r->query)),
        .near = form == SEARCH_NEAR,
        .order = r->answer.order,
        .text = text,
        .spans = &r->spans};

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
    r->told_count++;
    r->answer.near += hit.near;
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
    for (size_t i = 0; i < r->candidates_count && !is_full(r); i++) {
        uint64_t id = r->candidates[i];

        if (text_read(r, id, e) != 0)
            return -1;
        if (!is_exact(r))
            continue;
        r->candidates[i] = 0;
        if (hit_tell(r, id, SEARCH_EXACT, e) != 0)
            return -1;
    }
    return 0;
}

/* By days the words as they were typed do not go first. */
static int dated_tell(struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->candidates_count && !is_full(r); i++)
        if (text_read(r, r->candidates[i], e) != 0 ||
            hit_tell(r, r->candidates[i], is_exact(r) ? SEARCH_EXACT : SEARCH_FOLDED,
                     e) != 0)
            return -1;
    return 0;
}

/* Tells the candidates that have not been told, in their order. */
static int rest_tell(struct run *r, enum search_form form, struct err *e)
{
    for (size_t i = 0; i < r->candidates_count && !is_full(r); i++) {
        uint64_t id = r->candidates[i];

        if (id == 0)
            continue;
        if (text_read(r, id, e) != 0 || hit_tell(r, id, form, e) != 0)
            return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------ run */

static int text_tell(struct run *r, struct err *e)
{
    if (candidates_first(r, e) != 0)
        return -1;
    if (r->answer.order == SEARCH_BY_DATE) {
        if (dated_tell(r, e) != 0)
            return -1;
    } else if ((search_query_accented(r->query) && exact_tell(r, e) != 0) ||
               rest_tell(r, SEARCH_FOLDED, e) != 0) {
        return -1;
    }
    if (is_full(r))
        return 0;
    return candidates_near(r, e) != 0 ? -1 : rest_tell(r, SEARCH_NEAR, e);
}

static int run_all(struct run *r, struct err *e)
{
    if (!search_query_asks(r->query))
        return 0;
    if (search_documents_find(&r->documents, r->records, r->query, e) != 0 ||
        candidates_narrow(r, e) != 0)
        return -1;
    if (search_query_asks_text(r->query))
        return text_tell(r, e);
    return candidates_documents(r, e) == 0 ? rest_tell(r, SEARCH_FOLDED, e) : -1;
}

static int run_create(struct run **out, struct records *records,
                      const struct search_request *request, struct err *e)
{
    struct run *r = calloc(1, sizeof *r);

    *out = r;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    r->records = records;
    r->request = request;
    r->answer.order = request->order;
    if (request->counts != NULL)
        memset(request->counts, 0, sizeof *request->counts);
    buffer_init(&r->text, RECORD_CURRENT_BYTES_MAX);
    buffer_init(&r->snippet, SNIPPET_BYTES_MAX);
    if (search_query_create(&r->query, request->query, request->typing, e) != 0)
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
    search_documents_release(&r->documents);
    narrow_end(&r->narrow);
    free(r->left);
    buffer_release(&r->text);
    buffer_release(&r->snippet);
    free(r->candidates);
    free(r);
}

int search_ask(struct records *records, const struct search_request *request,
               struct search_answer *answer,
               int (*each)(void *arg, const struct search_hit *hit, struct err *e),
               void *arg, struct err *e)
{
    struct store *s = records_store(records);
    bool begun = false;
    struct run *r = NULL;
    int rc = -1;

    if (run_create(&r, records, request, e) != 0)
        goto out;
    r->each = each;
    r->arg = arg;
    /* A snapshot, so that index and records agree; unless the caller has one. */
    if (sqlite3_get_autocommit(store_db(s))) {
        if (store_read_begin(s, e) != 0)
            goto out;
        begun = true;
    }
    rc = run_all(r, e);
    if (rc == 0)
        rc = search_building(s, &r->answer.building, &r->answer.built_per_cent, e);
    if (answer != NULL)
        *answer = r->answer;
out:
    run_destroy(r);
    if (begun)
        store_read_end(s);
    return rc == 0 ? 0 : err_wrap(e, "search");
}

int search_run(struct records *records, const char *query, unsigned limit,
               int (*each)(void *arg, const struct search_hit *hit, struct err *e),
               void *arg, struct err *e)
{
    struct search_request request = {.query = query, .limit = limit};

    return search_ask(records, &request, NULL, each, arg, e);
}
