/* Partial: what has arrived so far of one bundle or sealed blob of one site, so that
 * a link that breaks goes on where it was. Both ends keep it so: the centre of what
 * its boxes send, a box of what comes down to it.
 *
 *   DIR/partial/SITE-KIND-<hex of the object's id>-TOTAL      its bytes, from 0
 *   DIR/partial/SITE-KIND-<hex of the object's id>-TOTAL.at   u64 LE: so many are durable;
 *                                                             u32 LE: sweeps since it grew
 *
 * The length of a file says nothing after a power cut: what was written and not
 * synced may be there in holes. So ".at" is written after each sync of the bytes,
 * and needs none of its own: an older number is also true. Two sessions of one site
 * (a dead link, and the one that replaced it) may write the same object: the same
 * bytes at the same places. Nothing here was authenticated yet: who says that the same
 * object has another length begins another partial, and does not disturb this one. */
#ifndef TRAM_SYNC_PARTIAL_H
#define TRAM_SYNC_PARTIAL_H

#include "base/disk.h"
#include "sync/message.h"

#define PARTIAL_UNSYNCED_BYTES_MAX 65536

struct partial;

struct partial_place {
    struct disk *disk;
    const char *dir; /* DIR/partial must be there; both must outlive the partial */
    uint16_t site;
};

int partial_open(struct partial **out, const struct partial_place *place,
                 const struct object_id *object, uint64_t total_bytes, struct err *e);
/* Does not sync; NULL is fine. */
void partial_close(struct partial *p);

/* Whether anything of it is here. */
int partial_begun(const struct partial_place *place, const struct object_id *object,
                  uint64_t total_bytes, bool *begun, struct err *e);

uint64_t partial_bytes(const struct partial *p); /* here, durable or not */
uint64_t partial_total(const struct partial *p);
const struct object_id *partial_object(const struct partial *p);

/* Appends; syncs whenever PARTIAL_UNSYNCED_BYTES_MAX have come. */
int partial_add(struct partial *p, const void *bytes, size_t count, struct err *e);
/* All that is here is durable when it returns. */
int partial_sync(struct partial *p, struct err *e);

/* To read it, once it is whole: exactly partial_total() bytes. */
int partial_whole(struct partial *p, struct disk_file **out, struct err *e);

/* Removes the files: the object was taken, or refused. */
int partial_remove(const struct partial_place *place, const struct object_id *object,
                   uint64_t total_bytes, struct err *e);

/* What of this site is on its way. */
struct partial_told {
    struct object_id object;
    uint64_t total_bytes; /* 0: begun by an older program, that did not keep it */
    uint64_t bytes;       /* durable */
    uint32_t sweeps;      /* since it grew */
};
int partial_each(const struct partial_place *place,
                 int (*each)(void *arg, const struct partial_told *p, struct err *e),
                 void *arg, struct err *e);

/* Removes partials of what was taken already, as `taken` says: a power cut between
 * the commit and the removal leaves them. For who holds DIR/lock, at the start, and daily.
 * `ageing`: those too that did not grow in so many sweeps. Nobody goes on with them: their
 * box has cut its bundle otherwise since, or was put back, or they are of a forged stick;
 * and who does begins again. Sweeps are counted since no clock can be trusted for months. */
#define PARTIAL_SWEEPS_MAX 30
int partial_sweep(struct disk *d, const char *dir, bool ageing,
                  int (*taken)(void *arg, uint16_t site, const struct object_id *object,
                               bool *is, struct err *e),
                  void *arg, struct err *e);

#endif
