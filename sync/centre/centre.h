/* Centre: the province's opened data directory: store, keys, blobs.
 *
 *   DIR/tram.db   the store: records of all boxes; sites, journal, alarms
 *   DIR/keys/     sign (identity, sealing), tls      DIR/blobs/   originals
 *   DIR/partial/  what has arrived of bundles and blobs so far
 *
 * The centre's epoch counts how often it was restored: receipts carry it. */
#ifndef TRAM_SYNC_CENTRE_CENTRE_H
#define TRAM_SYNC_CENTRE_CENTRE_H

#include "base/blobs.h"
#include "base/random.h"
#include "schema/records.h"
#include "sync/keys.h"

struct centre {
    struct disk *disk;
    struct clock *clock;
    struct random *random;
    char dir[DISK_PATH_BYTES];
    struct store *store;
    struct records *records;
    struct blobs *blobs;
    struct key_pair key; /* signs receipts, opens bundles */
    uint8_t epoch;
};

/* Makes DIR, keys and an empty store (site 0). */
int centre_init(struct disk *d, struct clock *c, struct random *r, const char *dir,
                const char *name, struct err *e);
/* `d`, `c` and `r` must outlive it. Single-threaded: one for each thread. */
int centre_open(struct centre **out, struct disk *d, struct clock *c, struct random *r,
                const char *dir, struct err *e);
void centre_close(struct centre *c); /* NULL is fine; wipes the key */

#endif
