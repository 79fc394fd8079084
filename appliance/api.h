/* API of the desk: what the page asks of serve, as JSON.
 *
 *   GET  /                          the page; /icon.svg, /desk.js, /desk.css
 *   GET  /api/v1/status             status.h's object, with {"reading": {"at_work",
 *                                   "done", "left", "left_s", "trouble"}}
 *   GET  /api/v1/search?q=&limit=   {"hits": [hits.h's object, with "name"]}
 *   POST /api/v1/intake?name=FILE   the file as body; [intake_words.h's objects]
 *   GET  /api/v1/documents/ID       show.h's object
 *   GET  /api/v1/pages/ID/text      text/plain
 *
 * What goes wrong is {"error": {"code", "vi", "en"}} with a status to match. */
#ifndef TRAM_APPLIANCE_API_H
#define TRAM_APPLIANCE_API_H

#include <jansson.h>

#include "appliance/boxes.h"
#include "appliance/reading_loop.h"
#include "base/web/http.h"

#define API_BODY_BYTES_MAX (2ull << 30) /* of one file that is dropped onto the page */

struct api {
    struct boxes *desk; /* for questions */
    struct boxes *work; /* for files: each is in somebody's hands while it arrives */
    struct reading_loop *loop;
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

/* The route's four functions of POST /api/v1/intake. */
bool api_intake_begin(void *arg, struct http_request *q, struct http_reply *r);
bool api_intake_add(void *arg, struct http_request *q, const void *bytes, size_t count);
void api_intake_done(void *arg, struct http_request *q);
void api_intake_answer(void *arg, struct http_request *q, struct http_reply *r);

#endif
