/* The desk's questions about what is found: hits, and where they are on a page. */
#include <stdlib.h>
#include <string.h>

#include "appliance/api_parts.h"
#include "appliance/hit_boxes.h"
#include "appliance/hits.h"
#include "appliance/verb_io.h"
#include "schema/search/told.h"
#include "schema/statements.h"

enum { BAD_REQUEST = 400 };

#define LIMIT_DEFAULT 30
#define LIMIT_MAX     200

enum { NAME_OF_PAGE, NAME_OF_DOCUMENT, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [NAME_OF_PAGE] = "SELECT o.name FROM page p JOIN original o ON o.id = p.original"
                     " WHERE p.id = ?1",
    [NAME_OF_DOCUMENT] = "SELECT coalesce((SELECT o.name FROM page p JOIN original o"
                         " ON o.id = p.original WHERE p.document = ?1"
                         " ORDER BY p.ordinal LIMIT 1), source_key)"
                         " FROM document WHERE id = ?1",
};

struct listing {
    json_t *hits;
    sqlite3_stmt *statements[STATEMENTS];
};

/* What the file was called; null for records without one. */
static json_t *name_json(struct listing *l, const struct search_hit *hit, struct err *e)
{
    json_t *name = NULL;

    for (int i = NAME_OF_PAGE; i < STATEMENTS && name == NULL; i++) {
        sqlite3_stmt *s = statement_fresh(l->statements[i]);
        const char *text = NULL;

        bind_id(s, 1, i == NAME_OF_PAGE ? hit->page : hit->document);
        if (statement_step(s, e) == 1)
            text = (const char *)sqlite3_column_text(s, 0);
        name = text == NULL ? NULL : json_any_text(text);
        (void)statement_fresh(s);
    }
    return name == NULL ? json_null() : name;
}

static int list_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct listing *l = arg;
    json_t *j = hit_json(hit, true);

    (void)json_object_set_new(j, "name", name_json(l, hit, e));
    if (json_array_append_new(l->hits, j) != 0)
        return err_set(e, ERR_MEMORY, "hits");
    return 0;
}

static bool is_set(const struct http_request *q, const char *name)
{
    const char *text = http_query(q, name);

    return text != NULL && strcmp(text, "1") == 0;
}

/* A number of the query string up to `max`; `otherwise` if it is absent. false: it is
 * there and none. */
static bool number_of(const struct http_request *q, const char *name, unsigned long max,
                      unsigned long otherwise, unsigned long *out)
{
    const char *text = http_query(q, name);

    *out = otherwise;
    if (text == NULL)
        return true;
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    *out = strtoul(text, NULL, 10);
    if (*out > max)
        *out = max;
    return true;
}

/* The word of the query string that makes no sense; NULL: they all do. */
static const char *request_of(const struct http_request *q, struct search_request *out)
{
    const char *query = http_query(q, "q"), *order = http_query(q, "order");
    unsigned long limit, year;

    if (!number_of(q, "limit", LIMIT_MAX, LIMIT_DEFAULT, &limit))
        return "limit";
    if (!number_of(q, "year", 9999, 0, &year))
        return "year";
    if (order != NULL && !search_order_of(order, &out->order))
        return "order";
    out->query = query == NULL ? "" : query;
    out->limit = limit == 0 ? LIMIT_MAX : (unsigned)limit;
    out->typing = is_set(q, "typing");
    out->filter.year = (uint32_t)year;
    out->filter.kind = http_query(q, "kind");
    out->filter.issuer = http_query(q, "issuer");
    return NULL;
}

static int ask_search(struct api *a, struct box *b, struct http_request *q,
                      struct http_reply *r, struct err *e)
{
    struct listing l = {.hits = json_array()};
    struct search_counts *counts = calloc(1, sizeof *counts);
    struct search_request request = {.counts = is_set(q, "counts") ? counts : NULL};
    struct search_answer answer = {0};
    const char *wrong = request_of(q, &request);
    json_t *j;
    int rc = -1;

    (void)a;
    if (wrong != NULL) {
        api_refuse(r, BAD_REQUEST, "usage", wrong);
        rc = 0;
        goto out;
    }
    if (counts == NULL) {
        (void)err_set(e, ERR_MEMORY, "counts");
        goto out;
    }
    if (statements_prepare(store_db(b->store), l.statements, sql, STATEMENTS, e) != 0 ||
        search_ask(b->records, &request, &answer, list_hit, &l, e) != 0)
        goto out;
    j = json_pack(
        "{s:O, s:I, s:b, s:s, s:b, s:b, s:i}", "hits", l.hits, "total",
        (json_int_t)answer.total, "at_least", (int)(answer.total > SEARCH_RANKED_MAX),
        "order", search_order_name(answer.order), "narrowed", (int)answer.narrowed,
        "building", (int)answer.building, "built_per_cent", (int)answer.built_per_cent);
    if (request.counts != NULL)
        (void)json_object_set_new(j, "counts", search_counts_json(counts));
    api_reply(r, j);
    rc = 0;
out:
    statements_finalize(l.statements, STATEMENTS);
    json_decref(l.hits);
    free(counts);
    return rc;
}

static int ask_hits(struct api *a, struct box *b, struct http_request *q,
                    struct http_reply *r, struct err *e)
{
    const char *query = http_query(q, "q");
    struct hit_boxes_question question = {.query = query == NULL ? "" : query,
                                          .typing = is_set(q, "typing")};
    struct shown what;
    json_t *j;

    (void)a;
    if (api_find_shown(b, q, r, &what, e) != 0)
        return -1;
    if (what.document == 0)
        return 0;
    if (hit_boxes_json(b, &what, &question, &j, e) != 0)
        return -1;
    api_reply(r, j);
    return 0;
}

void api_answer_search(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_search);
}

void api_answer_hits(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_hits);
}
