/* Handover's door: the socket's address and the eight bytes both sides begin with.
 * Shared by handover.c (who listens) and handover_ask.c (who knocks). */
#ifndef TRAM_APPLIANCE_HANDOVER_DOOR_H
#define TRAM_APPLIANCE_HANDOVER_DOOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

#define HANDOVER_HEADER_BYTES 8
#define HANDOVER_ANSWER_BYTES 4
#define HANDOVER_VERSION      1

/* DIR/socket as an address. A path longer than sun_path holds goes by way of
 * *dir_fd, an open descriptor of DIR, which the caller closes after bind or connect
 * (-1 when none was needed). */
int handover_address(const char *dir, struct sockaddr_un *out, int *dir_fd,
                     struct err *e);

/* All of it, or -1 with errno; a signal does not end it, a closed peer does. */
int handover_send(int fd, const void *bytes, size_t count);
int handover_receive(int fd, void *bytes, size_t count);

#endif
