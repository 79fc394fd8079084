/* HTTP head: the start line and the fields of a request or an answer, as HTTP/1.1
 * has them and stricter: lines end in CR LF, no folded fields, no control
 * characters, at most HTTP_HEAD_BYTES_MAX. Both ends of the link read each other's
 * with it; the centre's page and API are asked for through it.
 *
 * Nothing is copied: what a head points to lies in the bytes that were parsed. */
#ifndef TRAM_SYNC_HTTP_HEAD_H
#define TRAM_SYNC_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define HTTP_HEAD_BYTES_MAX  8192
#define HTTP_HEAD_FIELDS_MAX 64

struct http_text {
    const char *bytes; /* not NUL-terminated */
    size_t count;
};

struct http_head {
    struct http_text method, target; /* of a request */
    unsigned status;                 /* of an answer: 100 to 599 */
    struct {
        struct http_text name, value;
    } fields[HTTP_HEAD_FIELDS_MAX];
    size_t fields_count;
};

/* Looks at the front of a stream: 1 and *out, *used when a whole head is there; 0
 * when more bytes are needed; -1 ERR_REFUSED when this can be no head, or
 * ERR_TOO_BIG. */
int http_request_parse(struct http_head *out, size_t *used, const void *bytes,
                       size_t count, struct err *e);
int http_answer_parse(struct http_head *out, size_t *used, const void *bytes,
                      size_t count, struct err *e);

bool http_text_is(struct http_text t, const char *text);

/* The first field of this name, in any case. */
bool http_head_field(const struct http_head *h, const char *name, struct http_text *out);

/* Whether a field that is a list ("Connection: keep-alive, Upgrade") names this. */
bool http_head_lists(const struct http_head *h, const char *name, const char *token);

/* The value of NAME in the target's query ("/x?q=a%20b&limit=5"), decoded, with a
 * NUL. False: not there, malformed, longer than `out`, or with a NUL in it. */
bool http_head_query(const struct http_head *h, const char *name, char *out,
                     size_t out_bytes);

/* The target without its query. */
struct http_text http_head_path(const struct http_head *h);

#endif
