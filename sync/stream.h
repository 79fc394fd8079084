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

/* 1: there is something to be said and heard. 0: poll. A plain stream is always done;
 * a box's has proved who the other end is; a centre's is done as soon as something that
 * came with the first flight can be read. */
int stream_handshake(struct stream *s, struct err *e);

/* A box with a ticket: begins the handshake. 1: what is written before
 * stream_handshake() travels with the first flight, at most LINK_EARLY_BYTES_MAX, and
 * stream_binding() is that flight's. 0: not so, or not yet (then poll, and again). */
int stream_begin_early(struct stream *s, struct err *e);
size_t stream_early_room(const struct stream *s); /* 0: no more before the handshake */
/* What was written of it waits for more, so that its packets are full: until there is
 * nothing to write. */
bool stream_early_held(const struct stream *s);
bool stream_early_over(const struct stream *s); /* the centre has answered it */
/* After the handshake: the centre has not looked at it; stream_binding() is another. */
bool stream_early_refused(const struct stream *s);

/* After the handshake: both ends speak LINK_PROTOCOL from the first byte on. */
bool stream_speaks_ours(const struct stream *s);

/* Appends what has come, at most `count_max` bytes and within the buffer's cap;
 * *ended: no more will come. ERR_IO: the link broke, and nothing had come before
 * that: what had is given first, and the break is told by the next call. */
int stream_read(struct stream *s, struct buffer *in, size_t count_max, bool *ended,
                struct err *e);

/* Sends what it can from the front of `out`, and removes that. `cut` says how much of
 * the front belongs in one record, because a record is of use only as a whole; NULL: as
 * much as there is. */
int stream_write(struct stream *s, struct buffer *out,
                 size_t (*cut)(const void *bytes, size_t count), struct err *e);

/* Says that nothing more will be written; what comes may still be read. Destroying
 * a stream while the other end still sends may lose what was written last. */
void stream_end(struct stream *s);

/* For poll(2), while there is (or is not) something to write. */
short stream_events(const struct stream *s, bool writing);

/* There are bytes that poll(2) does not see. */
bool stream_pending(const struct stream *s);

/* 32 bytes that both ends of this very connection know, and nobody else; false on a
 * plain stream. After the handshake, or stream_begin_early(). */
bool stream_binding(const struct stream *s, uint8_t out[LINK_BINDING_BYTES]);

/* What was written and is not known to have arrived. */
size_t stream_unacknowledged(const struct stream *s);

/* As the kernel measures it; zeroes where it does not. */
struct stream_pulse {
    unsigned round_trip_ms, round_trip_ms_min;
    uint64_t bytes_s; /* that arrive at the other end */
};
void stream_pulse(const struct stream *s, struct stream_pulse *out);

/* On the wire, TLS included. */
uint64_t stream_bytes_out(const struct stream *s);
uint64_t stream_bytes_in(const struct stream *s);
/* … of these, both ways: what TLS said for itself before and behind the messages. */
uint64_t stream_bytes_handshake(const struct stream *s);
/* Came, but is not a whole TLS record yet: if the link breaks now, it was for nothing. */
uint64_t stream_bytes_unfinished(const struct stream *s);

#endif
