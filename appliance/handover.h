/* Handover: a command asks the process that owns the data directory (`serve`) to
 * run its word, over DIR/socket, and prints nothing itself: its standard output and
 * error go along as descriptors, and serve writes straight to them.
 *
 *   command: connect ─► request, with two descriptors ─► waits
 *   serve:   who is it? (SO_PEERCRED: root or our own user) ─► runs the word in a
 *            thread ─► answer: the exit status
 *
 * A command that goes away (Ctrl-C, hangup) cancels its word.
 *
 * Request, as one run of bytes on the stream:
 *
 *   'T' 'V' | u8 version=1 | u8 0 | u32 bytes of what follows
 *   u8 flags (1 --json; a terminal: 2 standard error, 4 output) | u8 language
 *   varint n, cwd | varint words | per word: varint n, bytes
 *
 * Answer: 'T' 'V' | u8 version=1 | u8 exit status.
 * Words and cwd are bytes without NUL: file names need not be UTF-8. */
#ifndef TRAM_APPLIANCE_HANDOVER_H
#define TRAM_APPLIANCE_HANDOVER_H

#include "appliance/verbs.h"

#define HANDOVER_REQUEST_BYTES_MAX (4u << 20) /* twice what execve takes */
#define HANDOVER_WORDS_MAX         100000
#define HANDOVER_AT_WORK_MAX       8 /* words at once; more wait at the door */

struct handover_request {
    bool json, out_is_terminal, err_is_terminal;
    enum language language;
    char *cwd;
    int argc;
    char **argv; /* argv[0] is the word; NULL behind the last */
};

void handover_request_release(struct handover_request *r); /* a zeroed one is fine */

/* The part behind the eight bytes of the header. */
void handover_request_encode(const struct handover_request *r, struct buffer *out);
/* ERR_CORRUPT unless it is exactly such a request; then *out is zeroed. */
int handover_request_decode(struct handover_request *out, const void *bytes,
                            size_t bytes_count, struct err *e);

/* For a command. *served is false, without an error, when nobody listens there; then
 * nothing was asked. -1: whoever listened went away, or would not have it. */
int handover_ask(const char *dir, const struct handover_request *r, int out_fd,
                 int err_fd, bool *served, int *status, struct err *e);

struct handover;

struct handover_options {
    const char *dir;
    /* Called in a thread of its own for each request; the result is the exit
     * status. `io->cancelled` says when the asker is gone or we are stopping. */
    int (*run)(void *arg, const struct handover_request *r, struct verb_io *io);
    void *arg;
};

/* Listens on DIR/socket (mode 0600); the caller owns the directory, so that a socket
 * left there is nobody's. */
int handover_start(struct handover **out, const struct handover_options *o,
                   struct err *e);

/* Takes no more, cancels what is at work, waits for it to end, removes the socket.
 * NULL is fine. */
void handover_stop(struct handover *h);

#endif
