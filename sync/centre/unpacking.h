/* Unpacking: originals that came packed (ocr/repack/packed.h) become what they were.
 *
 *   it came whole ─► [waiting] + held_blob of the packed form: receipted
 *        ─► restored in a cage, hash compared ─► the original is a blob
 *        ─► one write: held_blob of the original, none of the packed form ─► [restored]
 *        ─► the original is safe ─► the packed form goes ─► [done]
 *              └─► [failed]: the reason, an alarm; tried again when serve starts
 *
 * A packed form waits until the frames that name its original are applied. It stays a
 * file until its original is in a backup, because a backup that is under way may have
 * it on its list. */
#ifndef TRAM_SYNC_CENTRE_UNPACKING_H
#define TRAM_SYNC_CENTRE_UNPACKING_H

#include "sync/centre/centre.h"
#include "sync/centre/restorer.h"

/* Inside a write: if the blob that this site delivered is a packed form, it waits. */
int unpacking_note(struct centre *c, uint16_t site, const struct hash *sha256,
                   struct err *e);

/* The last that was tried. Zeroed: at the beginning, which comes again after the end. */
struct unpacking_walk {
    struct hash packed;
    uint16_t site;
};

/* A disk that fails opens none of thousands, and each is an alarm to be written: so many
 * are tried at a time, the next ones in the next turn. */
#define UNPACKING_UNOPENED_MAX 64

/* Restores what waits and can be, at most `max`; *restored says how many became
 * originals. A failure of one is an alarm; -1 is our own trouble, or that nobody can
 * restore or the disk is low, which is an alarm too, for as long as it lasts. One whose file
 * the disk cannot open waits, and only if no other was restored it is -1. One caller at a
 * time. */
int unpacking_some(struct centre *c, struct restorer *r, struct unpacking_walk *walk,
                   unsigned max, unsigned *restored, struct err *e);

/* Those that failed may be tried again. */
int unpacking_again(struct centre *c, struct err *e);

#endif
