/* Dial: a TCP connection to a host, as soon as there is a way to it.
 *
 * A kernel that hears nothing asks again after 1, 3, 7, 15 seconds: a link that comes
 * up for half a minute is half over before it is noticed. So another socket asks every
 * DIAL_AGAIN_MS, each time with what address this machine has by then, at the next of
 * the host's addresses in turn; whichever is answered first is taken, and the others
 * are forgotten.
 *
 * Nothing here blocks but the look-up of a name; one descriptor to poll for POLLIN
 * says when to look. */
#ifndef TRAM_SYNC_DIAL_H
#define TRAM_SYNC_DIAL_H

#include <stdbool.h>

#include "base/err.h"

#define DIAL_AGAIN_MS 400 /* and the kernel asks again after 1 s: every 200 in all */
#define DIAL_SOCKETS_MAX                                                                 \
    7 /* at work at a time: each for 2.8 s, before it asks thrice … */
#define DIAL_SPARED_MAX 13 /* … but the oldest for eight, for a long way */

struct dial;

/* `own_only`: ERR_USAGE unless all of the host's addresses are this machine's own.
 * ERR_IO: there is no such host, or no way to it. */
int dial_begin(struct dial **out, const char *host, const char *port, bool own_only,
               struct err *e);
void dial_end(struct dial *d); /* NULL is fine */

int dial_fd(const struct dial *d);

/* 1: *fd is connected, and the caller's. 0: wait. -1 ERR_IO: all have said no. */
int dial_advance(struct dial *d, int *fd, struct err *e);

/* There may be a way now that was not there: it asks at once. */
void dial_again(struct dial *d);

/* Whether the address that this socket is from is still one of this machine's. */
bool dial_is_from_here(int fd);

#endif
