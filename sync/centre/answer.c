#include "sync/centre/answer.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/messages.h"
#include "base/web/http_listen.h"
#include "schema/search.h"
#include "sync/centre/page_files.h"
#include "sync/centre/sites.h"
#include "sync/link.h"

#define QUERY_BYTES   (SEARCH_QUERY_BYTES_MAX + 1)
#define LIMIT_DEFAULT 20
#define LIMIT_MAX     100
#define SENTENCE_MAX  4096

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

struct status_list {
    struct centre *centre;
    json_t *list;
};

/* Seconds since, at least; null: never. */
static int age_json(struct centre *c, const struct moment *then, json_t **out,
                    struct err *e)
{
    int64_t age_ms;

    *out = NULL;
    if (then->boot == 0) {
        *out = json_null();
        return 0;
    }
    if (store_age_ms_min(c->store, then, &age_ms, e) != 0)
        return -1;
    *out = json_integer(age_ms / 1000);
    return 0;
}

static json_t *waiting_json(const struct status_vector *v)
{
    json_t *waiting = json_object();
    char name[] = "0";

    for (int class = 0; class < SYNC_CLASSES; class ++) {
        name[0] = (char)('0' + class);
        (void)json_object_set_new(waiting, name,
                                  json_integer((json_int_t)v->waiting_bytes[class]));
    }
    return waiting;
}

static int add_site(void *arg, const struct site_row *row, struct err *e)
{
    struct status_list *l = arg;
    const struct status_vector *v = &row->status;
    json_t *age, *site;

    if (age_json(l->centre, &row->last_contact, &age, e) != 0)
        return -1;
    /* What it said then may be less than what came since. */
    site = json_pack("{s:i, s:s, s:b, s:o, s:{s:I, s:I, s:I, s:I}, s:o, s:I, s:I}",
                     "site", (int)row->site, "name", row->name, "claimed",
                     (int)row->claimed, "last_contact_s_ago", age, "sequences", "last",
                     (json_int_t)(v->last > row->received ? v->last : row->received),
                     "received", (json_int_t)row->received, "applied",
                     (json_int_t)row->applied, "safe", (json_int_t)row->safe, "waiting",
                     waiting_json(v), "oldest_unsent_s", (json_int_t)v->oldest_unsent_s,
                     "alarms", (json_int_t)row->alarms);
    if (site == NULL || json_array_append_new(l->list, site) != 0)
        return err_set(e, ERR_MEMORY, "status");
    return 0;
}

static int add_alarm(void *arg, uint16_t site, const char *kind, const char *detail,
                     const struct moment *when, struct err *e)
{
    struct status_list *l = arg;
    json_t *age, *alarm;

    if (age_json(l->centre, when, &age, e) != 0)
        return -1;
    alarm = json_pack("{s:i, s:s, s:s, s:o}", "site", (int)site, "kind", kind, "detail",
                      detail, "s_ago", age);
    if (alarm == NULL || json_array_append_new(l->list, alarm) != 0)
        return err_set(e, ERR_MEMORY, "status");
    return 0;
}

static void answer_status(struct centre *c, struct buffer *out, bool with_body)
{
    struct status_list sites = {c, json_array()}, alarms = {c, json_array()};
    struct err e;

    if (site_each(c, add_site, &sites, &e) != 0 ||
        site_each_alarm(c, add_alarm, &alarms, &e) != 0) {
        json_decref(sites.list);
        json_decref(alarms.list);
        append_refusal(out, 500, "centre.page.trouble", with_body);
        return;
    }
    append_json(out, 200,
                json_pack("{s:s, s:o, s:o}", "name", store_identity(c->store)->name,
                          "sites", sites.list, "alarms", alarms.list),
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

static int add_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct status_list *l = arg;
    bool in_page = hit->page != 0;
    struct site_row site;
    bool found;
    json_t *j;

    if (site_find(l->centre, hit->site, &site, &found, e) != 0)
        return -1;
    j = json_pack("{s:I, s:o, s:o, s:i, s:o, s:o}", "document", (json_int_t)hit->document,
                  "page", in_page ? json_integer((json_int_t)hit->page) : json_null(),
                  "page_number", in_page ? json_integer(hit->page_number) : json_null(),
                  "site", (int)hit->site, "site_name",
                  found ? json_string(site.name) : json_null(), "snippet",
                  pieces_of(hit->snippet));
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

static void answer_search(struct centre *c, const struct http_head *head,
                          struct buffer *out, bool with_body)
{
    struct status_list hits = {c, json_array()};
    char query[QUERY_BYTES];
    struct err e;

    if (!http_head_query(head, "q", query, sizeof query)) {
        json_decref(hits.list);
        append_refusal(out, 400, "centre.page.no_query", with_body);
        return;
    }
    if (search_run(c->records, query, limit_of(head), add_hit, &hits, &e) != 0) {
        json_decref(hits.list);
        append_refusal(out, e.code == ERR_USAGE ? 400 : 500,
                       e.code == ERR_USAGE ? "centre.page.no_query"
                                           : "centre.page.trouble",
                       with_body);
        return;
    }
    append_json(out, 200, json_pack("{s:o}", "hits", hits.list), with_body);
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

void answer_request(struct centre *c, const struct http_head *head,
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
        answer_status(c, out, get);
    else if (http_text_is(path, "/api/v1/search"))
        answer_search(c, head, out, get);
    else if (page_file_find(path.bytes, path.count, &file))
        append_answer(out, 200, file.type, file.bytes, file.bytes_count, get);
    else
        append_refusal(out, 404, "centre.page.not_found", get);
}
