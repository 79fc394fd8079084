/* Road: one way to bring one file to the centre over a weak link. Each begins with
 * processes at both ends of the net, which do what they can whenever there is a link,
 * and tells how much has arrived for good. */
#ifndef TRAM_BENCH_LINK_ROAD_H
#define TRAM_BENCH_LINK_ROAD_H

#include "tests/bench/link/seed.h"

enum road_kind {
    ROAD_OURS,    /* tram-box sync, tram-centre serve */
    ROAD_RESUME,  /* PATCH with an offset over TLS, asked for with HEAD, as tus has it */
    ROAD_CHUNKS,  /* PUT of 64 kB each over TLS, one after the other */
    ROAD_PUT,     /* one PUT of all over TLS, again and again */
    ROAD_RSYNC,   /* rsync --partial to a daemon, again and again */
    ROAD_POUCHDB, /* live replication of as many bytes in small documents */
    ROADS,
};
const char *road_name(enum road_kind kind);
/* Its programs are installed: npm's below the folder that we are in, the checkout's. */
bool road_is_there(enum road_kind kind);

struct road {
    enum road_kind kind;
    const struct seed *seed;
    const struct net *net;
    char dir[DISK_PATH_BYTES]; /* of this run */
    char paper[DISK_PATH_BYTES];
    struct pair_running pair;
    pid_t sender, receiver;
    uint64_t most; /* that was seen to be there */
};

int road_begin(struct road *out, enum road_kind kind, const struct seed *s,
               const struct net *n, const char *dir, struct err *e);
uint64_t road_delivered(struct road *r); /* bytes of the file */
void road_end(struct road *r);      /* all of it stops; road_delivered() still tells */
uint64_t road_kept(struct road *r); /* of those, what a break leaves */

/* Ours, after road_end(): contacts that the centre saw, and the bytes that came in them
 * and were of no use because the link broke: they come again. */
struct road_breaks {
    unsigned contacts, breaks;
    uint64_t lost_bytes, lost_bytes_most;
};
void road_breaks(const struct road *r, struct road_breaks *out);

#endif
