/* Network: the kernel's news of links, addresses and routes (rtnetlink), for who
 * waits for a way to the centre. It tells that there may be one now that was not there
 * before; whether there is, only dialling tells. */
#ifndef TRAM_APPLIANCE_NETWORK_H
#define TRAM_APPLIANCE_NETWORK_H

#include <stdbool.h>

#include "base/err.h"

struct network;

/* ERR_FAILED where the kernel does not tell. */
int network_watch(struct network **out, struct err *e);
void network_close(struct network *n); /* NULL is fine */

int network_fd(const struct network *n); /* for poll(2), POLLIN */

/* Takes what has come; true if there may be a way. Never blocks. */
bool network_appeared(struct network *n);

#endif
