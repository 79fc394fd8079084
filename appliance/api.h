/* API of the desk: what the page asks of serve, as JSON.
 *
 *   GET  /                          the page; /icon.svg, /desk.js, /desk.css
 *   GET  /api/v1/openapi.json       all of this, for programs: appliance/openapi.json
 *   GET  /api/v1/status             status.h's object, with {"reading": {"at_work",
 *                                   "done", "left", "left_s", "trouble"}}
 *   GET  /api/v1/todo               todo.h's object
 *   GET  /api/v1/sync               link_told.h's object, with "centre": null|{"province",
 *                                   "url"}, "stages" (stages.h), "forecast" (forecast.h),
 *                                   "month": {"spent", "limit": or null, "metered",
 *                                   "classes": {class: {"spent", "limit", "kept_back":
 *                                   null|"budget"|"metered"}}}
 *   GET  /api/v1/search?q=         {"hits": [hits.h's object, with "name"], "total",
 *                                   "at_least": that many or more, "order", "narrowed",
 *                                   "building": there may be more later, "counts"
 *                                   (told.h) if asked for}; beside q: limit=N,
 *                                   typing=1 (the last word may go on), order=rank|date|
 *                                   newest, counts=1, and what to narrow by: kind=,
 *                                   issuer=, year=
 *   POST /api/v1/intake?name=FILE   the file as body; [intake_words.h's objects]
 *   GET  /api/v1/documents/ID       show.h's object
 *   GET  /api/v1/documents/ID/pdf   application/pdf: facsimile.h's searchable copy
 *   GET  /api/v1/pages/ID/text      text/plain
 *   GET  /api/v1/pages/ID/picture   image/jpeg, upright: views.h
 *   GET  /api/v1/pages/ID/hits?q=   hit_boxes.h's object, of a page or a document; typing=1
 *   GET  /api/v1/pages/ID/suspects  page_suspects.h's object
 *   POST /api/v1/pages/ID/corrections   {"reading": that was looked at, "corrections":
 *                                   [{"word": from 1, "text"}]}; page_suspects.h's object
 *                                   as it is then
 *   …    /api/v1/session…, /first   signing in and out: api_session.c
 *   …    /api/v1/people…, /tokens…, /audit   the administrator's: api_people.c
 *
 * Who may ask for what stands with each route (enum api_need, api_admit.c). A person comes
 * with the cookie that signing in gave, and brings the session's `csrf` in X-Tram-CSRF
 * along with whatever is no GET; another system with "Authorization: Bearer TOKEN".
 *
 * What goes wrong is {"error": {"code", "vi", "en"}} with a status to match: 401 nobody is
 * signed in, 403 it is not for this one. */
#ifndef TRAM_APPLIANCE_API_H
#define TRAM_APPLIANCE_API_H

#include <jansson.h>

#include "appliance/boxes.h"
#include "appliance/reading_loop.h"
#include "appliance/views.h"
#include "base/web/http.h"

#define API_BODY_BYTES_MAX (2ull << 30) /* of one file that is dropped onto the page */

struct api {
    struct boxes *desk; /* for questions */
    struct boxes *door; /* for passwords: a crowd there keeps nobody from asking */
    struct boxes *look; /* for pictures and copies: the cage may take minutes over one */
    struct boxes *work; /* for files: each is in somebody's hands while it arrives */
    struct reading_loop *loop;
    struct sessions *sessions;
    bool tls; /* cookies are for it alone, then */
    struct views *views;
    bool uncaged; /* the operator's --no-cage */
};

/* What a route asks of who asks. One that says nothing is the administrator's. */
enum api_need {
    NEED_ADMINISTRATOR = 0,
    NEED_REVIEWER, /* or more */
    NEED_CLERK,
    NEED_PERSON, /* signed in, whatever has to be done first */
    NEED_NOTHING,
    NEED_ROLE = 15,    /* the mask of those */
    NEED_READS = 16,   /* any token may, too */
    NEED_IMPORTS = 32, /* one that imports */
    NEED_LOOKS = 64,   /* the page asks by itself: it keeps nobody signed in */
};

/* Static; their arg is a struct api. */
size_t api_routes(const struct http_route **out);

/* Used by the files of the api. */

/* Takes `j` (NULL: out of memory). */
void api_reply(struct http_reply *r, json_t *j);

/* The sentence "desk.error_NAME" as {"error"}; `detail` is its {0}. */
void api_refuse(struct http_reply *r, unsigned status, const char *name,
                const char *detail);

/* What went wrong in `e`. */
void api_failed(struct http_reply *r, const struct err *e);

/* The sentence "people.FAULT" in the same form. */
void api_fault(struct http_reply *r, unsigned status, const char *fault);

/* Lends a box to `question`, and tells what went wrong. */
void api_ask(struct api *a, struct http_request *q, struct http_reply *r,
             int (*question)(struct api *a, struct box *b, struct http_request *q,
                             struct http_reply *r, struct err *e));
/* The same with one of the door's, or of those for pictures. */
void api_ask_door(struct api *a, struct http_request *q, struct http_reply *r,
                  int (*question)(struct api *a, struct box *b, struct http_request *q,
                                  struct http_reply *r, struct err *e));
void api_ask_look(struct api *a, struct http_request *q, struct http_reply *r,
                  int (*question)(struct api *a, struct box *b, struct http_request *q,
                                  struct http_reply *r, struct err *e));

/* http_options' admit and leave. */
bool api_admit(void *arg, const struct http_route *route, struct http_request *q,
               struct http_reply *r);
void api_leave(void *arg, struct http_request *q);

/* Who asks, for events and the trail: an account's name, or "token NAME". */
const char *api_actor(const struct http_request *q);

/* The route's four functions of POST /api/v1/intake. */
bool api_intake_begin(void *arg, struct http_request *q, struct http_reply *r);
bool api_intake_add(void *arg, struct http_request *q, const void *bytes, size_t count);
void api_intake_done(void *arg, struct http_request *q);
void api_intake_answer(void *arg, struct http_request *q, struct http_reply *r);

#endif
