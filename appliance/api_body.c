#include "appliance/api_parts.h"

#include <stdlib.h>

#include <sodium/utils.h>

enum { BAD_REQUEST = 400, BUSY = 503 };

bool api_body_begin(void *arg, struct http_request *q, struct http_reply *r)
{
    struct buffer *b = calloc(1, sizeof *b);

    (void)arg;
    q->task = b;
    if (b == NULL) {
        api_refuse(r, BUSY, "busy", "");
        return true;
    }
    buffer_init(b, API_JSON_BYTES_MAX);
    return false;
}

bool api_body_add(void *arg, struct http_request *q, const void *bytes, size_t count)
{
    struct buffer *b = q->task;

    (void)arg;
    buffer_append(b, bytes, count);
    return b->failed == ERR_NONE;
}

void api_body_done(void *arg, struct http_request *q)
{
    struct buffer *b = q->task;

    (void)arg;
    if (b == NULL)
        return;
    if (b->bytes != NULL)
        sodium_memzero(b->bytes, b->capacity);
    buffer_release(b);
    free(b);
    q->task = NULL;
}

const struct buffer *api_body(const struct http_request *q)
{
    return q->task;
}

json_t *api_body_object(const struct http_request *q, struct http_reply *r)
{
    const struct buffer *b = q->task;
    json_t *j = b->failed != ERR_NONE ? NULL
                                      : json_loadb((const char *)b->bytes, b->count,
                                                   JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(j))
        return j;
    json_decref(j);
    api_refuse(r, BAD_REQUEST, "usage", "JSON");
    return NULL;
}

const char *api_text_of(const json_t *j, const char *member)
{
    const char *text = json_string_value(json_object_get(j, member));

    return text == NULL ? "" : text;
}
