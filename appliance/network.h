/* Network: the kernel's news of links, addresses and routes (rtnetlink), for who
 * waits for a way to the centre. It tells that there may be one now that was not there
 * before; whether there is, only dialling tells. */
#ifndef TRAM_APPLIANCE_NETWORK_H
#define TRAM_APPLIANCE_NETWORK_H

#include "base/err.h"

struct network;

/* ERR_FAILED where the kernel does not tell. */
int network_watch(struct network **out, struct err *e);
void network_close(struct network *n); /* NULL is fine */

int network_fd(const struct network *n); /* for poll(2), POLLIN */

enum network_news {
    NETWORK_SAME,
    NETWORK_CHANGED,  /* an address or a link is gone */
    NETWORK_APPEARED, /* there may be a way; something may be gone too */
};

/* Takes what has come. Never blocks. */
enum network_news network_news(struct network *n);

#endif
