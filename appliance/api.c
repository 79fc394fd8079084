#include "appliance/api_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/desk_files.h"
#include "appliance/show.h"
#include "appliance/status.h"
#include "appliance/todo.h"
#include "appliance/verb_io.h"
#include "base/log.h"
#include "schema/statements.h"

enum {
    OK = 200,
    BAD_REQUEST = 400,
    NOT_FOUND = 404,
    FAILED = 500,
    BUSY = 503,
    FULL = 507
};

/* ------------------------------------------------------------------- replies */

static int append_json(const char *bytes, size_t count, void *arg)
{
    buffer_append(arg, bytes, count);
    return 0;
}

void api_reply(struct http_reply *r, json_t *j)
{
    if (j == NULL || json_dump_callback(j, append_json, &r->body, JSON_COMPACT) != 0)
        r->status = FAILED;
    json_decref(j);
}

static void refuse(struct http_reply *r, unsigned status, const char *code,
                   const char *key, const char *detail)
{
    json_t *j = message_json(key, (const char *const[]){detail}, 1);

    (void)json_object_set_new(j, "code", json_string(code));
    r->status = status;
    r->retry_later = status == BUSY;
    api_reply(r, json_pack("{s:o}", "error", j));
}

void api_refuse(struct http_reply *r, unsigned status, const char *name,
                const char *detail)
{
    char key[64];

    (void)snprintf(key, sizeof key, "desk.error_%s", name);
    refuse(r, status, name, key, detail);
}

void api_fault(struct http_reply *r, unsigned status, const char *fault)
{
    char key[64];

    (void)snprintf(key, sizeof key, "people.%s", fault);
    refuse(r, status, fault, key, "");
}

void api_failed(struct http_reply *r, const struct err *e)
{
    if (e->code != ERR_USAGE)
        log_line("desk", "event=failed reason=\"%s\"", e->text);
    switch (e->code) {
    case ERR_USAGE:
        api_refuse(r, BAD_REQUEST, "usage", e->text);
        return;
    case ERR_NO_SPACE:
        api_refuse(r, FULL, "no_space", e->text);
        return;
    case ERR_BUSY:
        api_refuse(r, BUSY, "busy", e->text);
        return;
    case ERR_NONE:
    case ERR_FAILED:
    case ERR_IO:
    case ERR_TOO_BIG:
    case ERR_CORRUPT:
    case ERR_REFUSED:
    case ERR_MEMORY:
        api_refuse(r, FAILED, "failed", e->text);
        return;
    }
}

static void ask_in(struct boxes *pool, struct api *a, struct http_request *q,
                   struct http_reply *r,
                   int (*question)(struct api *a, struct box *b, struct http_request *q,
                                   struct http_reply *r, struct err *e))
{
    struct box *b = boxes_borrow(pool, API_BOX_WAIT_MS);
    struct err e;

    if (b == NULL)
        api_refuse(r, BUSY, "busy", "");
    else if (question(a, b, q, r, &e) != 0)
        api_failed(r, &e);
    boxes_return(pool, b);
}

void api_ask(struct api *a, struct http_request *q, struct http_reply *r,
             int (*question)(struct api *a, struct box *b, struct http_request *q,
                             struct http_reply *r, struct err *e))
{
    ask_in(a->desk, a, q, r, question);
}

void api_ask_door(struct api *a, struct http_request *q, struct http_reply *r,
                  int (*question)(struct api *a, struct box *b, struct http_request *q,
                                  struct http_reply *r, struct err *e))
{
    ask_in(a->door, a, q, r, question);
}

void api_ask_look(struct api *a, struct http_request *q, struct http_reply *r,
                  int (*question)(struct api *a, struct box *b, struct http_request *q,
                                  struct http_reply *r, struct err *e))
{
    ask_in(a->look, a, q, r, question);
}

/* ----------------------------------------------------------------- questions */

static json_t *reading_json(struct api *a)
{
    struct reading_state s;
    int64_t left_ms;

    reading_loop_look(a->loop, &s);
    left_ms = s.progress.left_ms;
    return json_pack(
        "{s:b, s:I, s:I, s:o, s:s, s:o}", "at_work", (int)s.at_work, "done",
        (json_int_t)s.progress.done, "left", (json_int_t)s.progress.left, "left_s",
        left_ms < 0 || !s.at_work ? json_null() : json_integer((left_ms + 999) / 1000),
        "held", s.at_work ? pace_reason_name(s.progress.held) : "", "trouble",
        s.trouble[0] == '\0' ? json_null() : json_any_text(s.trouble));
}

static int ask_status(struct api *a, struct box *b, struct http_request *q,
                      struct http_reply *r, struct err *e)
{
    struct status s;
    json_t *j;

    (void)q;
    if (status_read(b, &s, e) != 0)
        return -1;
    j = status_json(b, &s);
    (void)json_object_set_new(j, "reading", reading_json(a));
    api_reply(r, j);
    return 0;
}

static int ask_todo(struct api *a, struct box *b, struct http_request *q,
                    struct http_reply *r, struct err *e)
{
    json_t *j;

    (void)a;
    (void)q;
    if (todo_json(b, &j, e) != 0)
        return -1;
    api_reply(r, j);
    return 0;
}

int api_find_shown(struct box *b, struct http_request *q, struct http_reply *r,
                   struct shown *out, struct err *e)
{
    if (shown_find(b->records, q->parts[0], out, e) != 0)
        return -1;
    if (out->document == 0)
        api_refuse(r, NOT_FOUND, "not_found", "");
    return 0;
}

static int ask_document(struct api *a, struct box *b, struct http_request *q,
                        struct http_reply *r, struct err *e)
{
    struct shown what;
    json_t *j;

    (void)a;
    if (api_find_shown(b, q, r, &what, e) != 0)
        return -1;
    if (what.document == 0)
        return 0;
    if (show_json(b, &what, &j, e) != 0)
        return -1;
    api_reply(r, j);
    return 0;
}

static int ask_text(struct api *a, struct box *b, struct http_request *q,
                    struct http_reply *r, struct err *e)
{
    struct shown what;

    (void)a;
    if (api_find_shown(b, q, r, &what, e) != 0)
        return -1;
    if (what.document == 0)
        return 0;
    r->type = "text/plain; charset=utf-8";
    return shown_text(b->records, &what, &r->body, e);
}

/* -------------------------------------------------------------------- routes */

void api_answer_status(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_status);
}

void api_answer_todo(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_todo);
}

void api_answer_document(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_document);
}

void api_answer_text(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_text);
}

void api_answer_file(void *arg, struct http_request *q, struct http_reply *r)
{
    struct desk_file f;

    (void)arg;
    if (!desk_file_find(q->path, &f)) {
        api_refuse(r, NOT_FOUND, "not_found", "");
        return;
    }
    r->type = f.type;
    r->bytes = f.bytes;
    r->bytes_count = f.bytes_count;
}
