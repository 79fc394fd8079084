/* Net: two network namespaces of this process's own, each with one end of a link: a TUN
 * device whose other side is a descriptor here. What a program in one sends to the
 * other one comes out of a descriptor as IP packets; whoever carries them over is the
 * link (emulator.h). Needs root, and leaves nothing behind: what is not held open any
 * more is gone.
 *
 *   centre: 10.77.0.1/24        box: 10.77.0.NUMBER/24, as often as it is given another */
#ifndef TRAM_BENCH_LINK_NET_H
#define TRAM_BENCH_LINK_NET_H

#include "base/err.h"

#define NET_CENTRE_HOST "10.77.0.1"

enum net_end { NET_BOX, NET_CENTRE, NET_ENDS };

struct net {
    int home; /* the namespace that we came from */
    int space[NET_ENDS], tun[NET_ENDS];
    int control[NET_ENDS]; /* a socket of that namespace, to set its devices with */
};

/* ERR_FAILED where this kernel, or this user, may not. */
int net_create(struct net *out, struct err *e);
void net_release(struct net *n);

/* This process works there from now on; for a child that runs a program. */
int net_enter(const struct net *n, enum net_end end, struct err *e);

/* The box's device has this address and no other; the kernel tells whoever listens. */
int net_box_address(const struct net *n, unsigned number, struct err *e);

#endif
