/* Stream: an answer larger than a message, on its way from a child to a file. Internal to
 * ocr/client*.c. */
#ifndef TRAM_OCR_CLIENT_STREAM_H
#define TRAM_OCR_CLIENT_STREAM_H

#include "base/hash.h"
#include "ocr/client_asking.h"

struct client_stream {
    int fd; /* -1: it is only hashed */
    uint64_t count, count_max;
    struct hasher hasher;
    bool over;   /* it was more than count_max */
    bool failed; /* `err` is the file's */
    struct err err;
};

/* Asks, and takes what comes. A stream that went over its cap is no refusal: closing
 * the pipe on its child ended it. */
int client_stream_ask(struct ocr_client *c, struct question q, int fd,
                      struct client_stream *s, enum refusal *refusal, struct err *e);

#endif
