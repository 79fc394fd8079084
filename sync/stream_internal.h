/* The inside of a stream, for the files that share it: stream.c is what callers see,
 * stream_socket.c the socket and how it is tuned, stream_tls.c TLS on it. */
#ifndef TRAM_SYNC_STREAM_INTERNAL_H
#define TRAM_SYNC_STREAM_INTERNAL_H

#include <sys/types.h>

#include "sync/stream.h"

enum wants { WANTS_NOTHING, WANTS_READ, WANTS_WRITE };

/* What travels before the handshake is done.
 *
 *   a box's:    NONE, or MAY ──► WRITING ──► WAITING ──► OVER
 *   a centre's: READING ──► OVER */
enum early {
    EARLY_NONE,
    EARLY_MAY,     /* there is a ticket */
    EARLY_WRITING, /* our flight is on its way, and may be added to */
    EARLY_WAITING, /* for the other end's */
    EARLY_READING, /* what came with the box's first flight, if anything did */
    EARLY_OVER,
};

struct stream {
    int fd;
    struct ssl_st *tls; /* NULL: plain */
    bool server;
    enum wants read_wants, write_wants;
    uint64_t bytes_out, bytes_in;
    uint64_t bytes_said;     /* of both, in records that carry messages, or end them */
    uint64_t bytes_finished; /* of bytes_in, in whole records */
    size_t header_length;    /* of the record at hand */
    bool said;               /* it is such a one */

    enum early early;
    bool early_used;        /* a binding was made of the first flight */
    bool early_refused;     /* … and the centre did not look at what came with it */
    size_t early_bytes;     /* written so far */
    struct buffer early_in; /* read, not given yet */
    struct buffer held;     /* a box's: what the socket did not take of a record */

    bool corked;          /* the kernel waits until a packet is full */
    unsigned lowat;       /* TCP_NOTSENT_LOWAT, as it is set */
    int64_t paced_ms;     /* when it was looked last how fast it goes … */
    uint64_t paced_bytes; /* … and what had been acknowledged by then */
};

/* ------------------------------------------------------- stream_socket.c */

/* As send(2) and recv(2), and counted; a closed connection is an error, no signal. */
ssize_t stream_socket_write(struct stream *s, const void *bytes, size_t count);
ssize_t stream_socket_read(struct stream *s, void *bytes, size_t count);
bool stream_would_block(void); /* by errno */

void stream_tune(struct stream *s);
/* Whether the kernel waits until a packet is full. */
void stream_cork(struct stream *s, bool corked);
/* As much may lie in the kernel as leaves in a moment, no more. */
void stream_pace(struct stream *s);

/* ---------------------------------------------------------- stream_tls.c */

int stream_tls_add(struct stream *s, struct link_tls *tls, struct err *e);
int stream_tls_handshake(struct stream *s, struct err *e);
/* How many bytes came, or left; 0: none now; *ended. */
int stream_tls_read(struct stream *s, void *bytes, size_t count, size_t *got, bool *ended,
                    struct err *e);
int stream_tls_write(struct stream *s, const void *bytes, size_t count, size_t *put,
                     struct err *e);
/* While some of a record is held: 1 it has left now, 0 wait. */
int stream_tls_flush(struct stream *s, struct err *e);
/* Says goodbye, if that can be said now. */
void stream_tls_end(struct stream *s);
bool stream_tls_talking(const struct stream *s);

#endif
