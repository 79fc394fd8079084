/* An archive on its way from a worker's child to a sink, in the client: the parser
 * of the entry stream, and what has gone wrong so far. Internal to ocr/client.c. */
#ifndef TRAM_OCR_CLIENT_UNPACKING_H
#define TRAM_OCR_CLIENT_UNPACKING_H

#include "ocr/reading.h"

struct client_unpacking {
    const struct entry_sink *sink;
    struct entry_parser *parser;
    bool in_entry;    /* begun and not ended */
    bool sink_failed; /* `err` is the sink's */
    bool mad;         /* the stream is none of ours */
    struct err err;
};

/* Must stay where it is until released; `sink` must outlive it. */
int client_unpacking_init(struct client_unpacking *u, const struct entry_sink *sink,
                          struct err *e);
void client_unpacking_release(struct client_unpacking *u);

/* The next piece of the stream, for a client_taker; `arg` is the client_unpacking.
 * False: no more of it is wanted. */
bool client_unpacking_take(void *arg, const void *bytes, size_t count);

/* After the stream's end, however it came. `judged` is how the child ended. Ends an
 * entry that is open. -1: the sink's error. */
int client_unpacking_finish(struct client_unpacking *u, enum refusal judged,
                            enum refusal *refusal, struct err *e);

#endif
