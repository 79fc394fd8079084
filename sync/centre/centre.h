/* Centre: the province's opened data directory: store, keys, blobs.
 *
 *   DIR/tram.db   the store: records of all boxes; sites, journal, alarms
 *   DIR/keys/     sign (identity, sealing), tls      DIR/blobs/   originals
 *   DIR/partial/  what has arrived of bundles and blobs so far
 *   DIR/lock      who serves it
 *
 * The centre's epoch counts how often it was restored: receipts carry it. */
#ifndef TRAM_SYNC_CENTRE_CENTRE_H
#define TRAM_SYNC_CENTRE_CENTRE_H

#include "base/blobs.h"
#include "base/random.h"
#include "schema/records.h"
#include "sync/keys.h"

#define CENTRE_SITE     0 /* in the store's identity: no box has this number */
#define CENTRE_KEY_SIGN "sign"
#define CENTRE_KEY_TLS  "tls"

struct down;

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
    struct down *down; /* owned: down.h's open transaction, or NULL */
};

/* Makes DIR, keys and an empty store (site 0). ERR_BUSY: there is one already. What
 * an init leaves that was cut short, another one finishes. */
int centre_init(struct disk *d, struct clock *c, struct random *r, const char *dir,
                const char *name, struct err *e);
/* `d`, `c` and `r` must outlive it. Single-threaded: one for each thread. ERR_REFUSED:
 * a box's directory, or a newer program's. */
int centre_open(struct centre **out, struct disk *d, struct clock *c, struct random *r,
                const char *dir, struct err *e);
void centre_close(struct centre *c); /* NULL is fine; wipes the key */

/* A statement of the store, to be finalised by the caller before centre_close(). */
int centre_statement(struct centre *c, sqlite3_stmt **out, const char *sql,
                     struct err *e);

/* For the negative controls of tests only: what must turn them red. */
enum centre_sabotage {
    CENTRE_SOUND,
    CENTRE_RECEIPT_BEFORE_SYNC, /* the journal's commit is not on disk yet */
    CENTRE_ADVANCE_APART,       /* `applied` moves in a transaction of its own */
    CENTRE_FORGET_REPLAY,       /* known sequences are journalled and applied again */
    CENTRE_ACCEPT_GAP,          /* frames are taken although some before them lack */
    CENTRE_SAFE_BEFORE_BACKUP,  /* an original is told safe when it is received */
    CENTRE_IGNORE_SEEN,         /* nothing is ever concurrent */
};
void centre_sabotage(enum centre_sabotage how); /* for the whole process */
bool centre_sabotaged(enum centre_sabotage how);

#endif
