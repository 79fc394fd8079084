/* Stream: a socket that never blocks, with TLS on it or without; both ends of the
 * link read and write through it, and it counts what really travelled.
 *
 * All calls do what can be done now; stream_events() says what to poll for. */
#ifndef TRAM_SYNC_STREAM_H
#define TRAM_SYNC_STREAM_H

#include "sync/link_tls.h"

struct stream;

/* Owns `fd` from now on, also after a failure. `tls` NULL: plain; else it must
 * outlive the stream. Sets what a weak link wants of a socket. */
int stream_create(struct stream **out, int fd, struct link_tls *tls, struct err *e);
void stream_destroy(struct stream *s); /* NULL is fine; closes, with TLS's goodbye */

int stream_fd(const struct stream *s);

/* 1: done, the other end is who it must be. 0: poll. A plain stream is always done. */
int stream_handshake(struct stream *s, struct err *e);

/* Appends what has come, at most `count_max` bytes and within the buffer's cap;
 * *ended: no more will come. ERR_IO: the link broke, and nothing had come before
 * that: what had is given first, and the break is told by the next call. */
int stream_read(struct stream *s, struct buffer *in, size_t count_max, bool *ended,
                struct err *e);
/* Sends what it can from the front of `out`, and removes that. */
int stream_write(struct stream *s, struct buffer *out, struct err *e);

/* Says that nothing more will be written; what comes may still be read. Destroying
 * a stream while the other end still sends may lose what was written last. */
void stream_end(struct stream *s);

/* For poll(2), while there is (or is not) something to write. */
short stream_events(const struct stream *s, bool writing);

/* TLS holds bytes that poll(2) does not see. */
bool stream_pending(const struct stream *s);

/* 32 bytes that both ends of this very connection know, and nobody else; false on a
 * plain stream. After the handshake. */
bool stream_binding(const struct stream *s, uint8_t out[LINK_BINDING_BYTES]);

/* What was written and is not known to have arrived. */
size_t stream_unacknowledged(const struct stream *s);

/* On the wire, TLS included. */
uint64_t stream_bytes_out(const struct stream *s);
uint64_t stream_bytes_in(const struct stream *s);

#endif
