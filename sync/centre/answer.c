#include "sync/centre/answer.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/messages.h"
#include "base/web/http_listen.h"
#include "schema/search/told.h"
#include "sync/centre/fleet.h"
#include "sync/centre/page_files.h"
#include "sync/centre/sites.h"
#include "sync/link.h"

#define QUERY_BYTES   (SEARCH_QUERY_BYTES_MAX + 1)
#define LIMIT_DEFAULT 20
#define LIMIT_MAX     100
#define SENTENCE_MAX  4096

/* So that at most a twentieth of the loop's time goes into counting. */
#define STATUS_KEPT_TIMES 20

struct answers {
    struct centre *centre; /* not owned */
    char *status;          /* the last one made; NULL: none yet */
    int64_t status_until_ms;
};

int answers_create(struct answers **out, struct centre *c, struct err *e)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return err_set(e, ERR_MEMORY, "answers");
    (*out)->centre = c;
    return 0;
}

void answers_destroy(struct answers *a)
{
    if (a == NULL)
        return;
    free(a->status);
    free(a);
}

/* --------------------------------------------------------------------- head */

static const char *reason_of(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 426:
        return "Upgrade Required";
    default:
        return "Internal Server Error";
    }
}

/* The rules of base/web/http.h, for answers that do not go through it. */
static void append_answer(struct buffer *out, unsigned status, const char *type,
                          const void *bytes, size_t count, bool with_body)
{
    buffer_append_format(
        out,
        "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
        "Connection: close\r\nCache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'self'; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'\r\n"
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n\r\n",
        status, reason_of(status), type, count,
        status == 426   ? "Upgrade: " LINK_PROTOCOL "\r\n"
        : status == 405 ? "Allow: GET, HEAD\r\n"
                        : "");
    if (with_body)
        buffer_append(out, bytes, count);
}

/* Takes `j`. */
static void append_json(struct buffer *out, unsigned status, json_t *j, bool with_body)
{
    char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

    json_decref(j);
    if (text == NULL)
        append_answer(out, 500, "application/json", "{}", 2, with_body);
    else
        append_answer(out, status, "application/json", text, strlen(text), with_body);
    free(text);
}

static const char *text_of(const struct buffer *b, const char *otherwise)
{
    return b->bytes == NULL ? otherwise : (const char *)b->bytes;
}

static void append_refusal(struct buffer *out, unsigned status, const char *key,
                           bool with_body)
{
    struct buffer vi, en;

    buffer_init(&vi, SENTENCE_MAX);
    buffer_init(&en, SENTENCE_MAX);
    message_append(&vi, key, LANGUAGE_VI, NULL, 0);
    message_append(&en, key, LANGUAGE_EN, NULL, 0);
    append_json(out, status,
                json_pack("{s:{s:s, s:s}}", "error", "vi", text_of(&vi, key), "en",
                          text_of(&en, key)),
                with_body);
    buffer_release(&vi);
    buffer_release(&en);
}

void answer_malformed(struct buffer *out)
{
    append_refusal(out, 400, "centre.page.malformed", true);
}

/* ------------------------------------------------------------------- status */

static int64_t now_ms(const struct answers *a)
{
    return a->centre->clock->mono_ms(a->centre->clock);
}

/* Makes a->status anew, unless the one at hand is young enough. */
static int refresh_status(struct answers *a, struct err *e)
{
    int64_t began_ms = now_ms(a);
    json_t *j;
    char *text;

    if (a->status != NULL && began_ms < a->status_until_ms)
        return 0;
    if (fleet_json(a->centre, 0, &j, e) != 0)
        return -1;
    text = json_dumps(j, JSON_COMPACT);
    json_decref(j);
    if (text == NULL)
        return err_set(e, ERR_MEMORY, "status");
    free(a->status);
    a->status = text;
    a->status_until_ms = now_ms(a) + STATUS_KEPT_TIMES * (now_ms(a) - began_ms);
    return 0;
}

static void answer_status(struct answers *a, struct buffer *out, bool with_body)
{
    struct err e;

    if (refresh_status(a, &e) != 0)
        append_refusal(out, 500, "centre.page.trouble", with_body);
    else
        append_answer(out, 200, "application/json", a->status, strlen(a->status),
                      with_body);
}

/* ------------------------------------------------------------------- search */

/* Plain text between hits in lists of their own, so that nobody cuts it up again. */
static json_t *pieces_of(const char *snippet)
{
    json_t *pieces = json_array();
    bool hit = false;

    for (const char *at = snippet; *at != '\0';) {
        size_t count = strcspn(at, SEARCH_HIT_BEGIN SEARCH_HIT_END);
        json_t *text = count == 0 ? NULL : json_stringn(at, count);

        if (text != NULL)
            (void)json_array_append_new(pieces, hit ? json_pack("[o]", text) : text);
        at += count;
        if (*at != '\0')
            hit = *at++ == SEARCH_HIT_BEGIN[0];
    }
    return pieces;
}

struct hit_list {
    struct centre *centre;
    json_t *list;
};

static int add_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct hit_list *l = arg;
    bool in_page = hit->page != 0;
    struct site_row site;
    bool found;
    json_t *j;

    if (site_find(l->centre, hit->site, &site, &found, e) != 0)
        return -1;
    j = json_pack(
        "{s:I, s:o, s:o, s:i, s:o, s:o, s:b, s:b}", "document", (json_int_t)hit->document,
        "page", in_page ? json_integer((json_int_t)hit->page) : json_null(),
        "page_number", in_page ? json_integer(hit->page_number) : json_null(), "site",
        (int)hit->site, "site_name", found ? json_string(site.name) : json_null(),
        "snippet", pieces_of(hit->snippet), "exact", (int)hit->exact, "near",
        (int)hit->near);
    if (j == NULL || json_array_append_new(l->list, j) != 0)
        return err_set(e, ERR_MEMORY, "search");
    return 0;
}

static unsigned limit_of(const struct http_head *head)
{
    char text[8];
    unsigned long limit = LIMIT_DEFAULT;

    if (http_head_query(head, "limit", text, sizeof text))
        limit = strtoul(text, NULL, 10);
    return limit < 1 ? 1 : limit > LIMIT_MAX ? LIMIT_MAX : (unsigned)limit;
}

/* What was asked beside the words; texts are kept here. */
struct search_asked {
    struct search_request request;
    char query[QUERY_BYTES], kind[QUERY_BYTES], issuer[QUERY_BYTES];
};

static unsigned long number_of(const struct http_head *head, const char *name,
                               unsigned long max)
{
    char text[8] = "";
    unsigned long number;

    (void)http_head_query(head, name, text, sizeof text);
    number = strtoul(text, NULL, 10);
    return number > max ? max : number;
}

static bool is_set(const struct http_head *head, const char *name)
{
    return number_of(head, name, 1) == 1;
}

/* false: without a query, or in an order that is none. */
static bool search_asked(struct search_asked *q, const struct http_head *head)
{
    char order[8] = "rank";

    *q = (struct search_asked){0};
    if (!http_head_query(head, "q", q->query, sizeof q->query))
        return false;
    (void)http_head_query(head, "kind", q->kind, sizeof q->kind);
    (void)http_head_query(head, "issuer", q->issuer, sizeof q->issuer);
    (void)http_head_query(head, "order", order, sizeof order);
    q->request = (struct search_request){
        .query = q->query,
        .limit = limit_of(head),
        .typing = is_set(head, "typing"),
        .filter = {.kind = q->kind,
                   .issuer = q->issuer,
                   .year = (uint32_t)number_of(head, "year", 9999),
                   .site = (uint16_t)number_of(head, "site", UINT16_MAX)}};
    return search_order_of(order, &q->request.order);
}

/* The numbers of sites say nothing to who reads. */
static int name_sites(struct centre *c, json_t *counts, struct err *e)
{
    json_t *values = json_object_get(json_object_get(counts, "site"), "values"), *value;
    size_t i;

    json_array_foreach(values, i, value)
    {
        json_int_t number = json_integer_value(json_object_get(value, "value"));
        struct site_row site;
        bool found;

        if (site_find(c, (uint16_t)number, &site, &found, e) != 0)
            return -1;
        if (found)
            (void)json_object_set_new(value, "name", json_string(site.name));
    }
    return 0;
}

static int ask_search(struct centre *c, struct search_asked *q, bool counted,
                      json_t **out, struct err *e)
{
    struct search_counts *counts = counted ? calloc(1, sizeof *counts) : NULL;
    struct hit_list hits = {c, json_array()};
    struct search_answer answer;
    json_t *told = NULL;
    int rc = -1;

    *out = NULL;
    q->request.counts = counts;
    if (counted && counts == NULL) {
        (void)err_set(e, ERR_MEMORY, "counts");
        goto out;
    }
    if (search_ask(c->records, &q->request, &answer, add_hit, &hits, e) != 0)
        goto out;
    if (counts != NULL) {
        told = search_counts_json(counts);
        if (name_sites(c, told, e) != 0)
            goto out;
    }
    *out = json_pack("{s:O, s:I, s:b, s:s, s:b, s:b, s:i, s:O*}", "hits", hits.list,
                     "total", (json_int_t)answer.total, "at_least",
                     (int)(answer.total > SEARCH_RANKED_MAX), "order",
                     search_order_name(answer.order), "narrowed", (int)answer.narrowed,
                     "building", (int)answer.building, "built_per_cent",
                     (int)answer.built_per_cent, "counts", told);
    rc = 0;
out:
    json_decref(told);
    json_decref(hits.list);
    free(counts);
    return rc;
}

static void answer_search(struct centre *c, const struct http_head *head,
                          struct buffer *out, bool with_body)
{
    struct search_asked q;
    struct err e;
    json_t *j;

    if (!search_asked(&q, head))
        append_refusal(out, 400, "centre.page.no_query", with_body);
    else if (ask_search(c, &q, is_set(head, "counts"), &j, &e) == 0)
        append_json(out, 200, j, with_body);
    else
        append_refusal(out, e.code == ERR_USAGE ? 400 : 500,
                       e.code == ERR_USAGE ? "centre.page.no_query"
                                           : "centre.page.trouble",
                       with_body);
}

/* ------------------------------------------------------------------ request */

/* A page elsewhere must not make a browser talk to us under its own name. */
static bool host_is_ours(const struct http_head *head, const struct answer_rules *rules)
{
    char host[HTTP_HOST_BYTES];
    struct http_text field;

    if (!http_head_field(head, "Host", &field) || field.count >= sizeof host)
        return false;
    memcpy(host, field.bytes, field.count);
    host[field.count] = '\0';
    return http_host_allowed(host, rules->address, rules->open);
}

void answer_request(struct answers *a, const struct http_head *head,
                    const struct answer_rules *rules, struct buffer *out)
{
    struct http_text path = http_head_path(head);
    bool get = http_text_is(head->method, "GET");
    struct page_file file;

    if (http_text_is(path, LINK_TARGET))
        append_refusal(out, 426, "centre.page.for_boxes", get);
    else if (!rules->local && !rules->open)
        append_refusal(out, 403, "centre.page.not_open", get);
    else if (!host_is_ours(head, rules))
        append_refusal(out, 403, "centre.page.host", get);
    else if (!get && !http_text_is(head->method, "HEAD"))
        append_refusal(out, 405, "centre.page.method", true);
    else if (http_text_is(path, "/api/v1/status"))
        answer_status(a, out, get);
    else if (http_text_is(path, "/api/v1/search"))
        answer_search(a->centre, head, out, get);
    else if (page_file_find(path.bytes, path.count, &file))
        append_answer(out, 200, file.type, file.bytes, file.bytes_count, get);
    else
        append_refusal(out, 404, "centre.page.not_found", get);
}
