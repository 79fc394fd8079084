/* Incoming: what the centre changed in this box's records. Bundles are taken whole, by
 * the link or from a stick, in order; their frames are kept (incoming_frame), then
 * applied one by one, each in one transaction with sync_state.seen.
 *
 *   incoming_take ─► incoming_frame ─► incoming_apply ─► rows, search, seen
 *
 * Frames stay: with changelog they give the rows (verify), and a centre that was put
 * back to a backup may ask for them. */
#ifndef TRAM_APPLIANCE_INCOMING_H
#define TRAM_APPLIANCE_INCOMING_H

#include "appliance/box.h"

enum incoming_verdict {
    INCOMING_TAKEN,   /* on disk */
    INCOMING_KNOWN,   /* it was already */
    INCOMING_GAP,     /* something before it is missing: nothing was kept, ask for that */
    INCOMING_FORK,    /* another line than ours: the centre was put back, or the box */
    INCOMING_LACKS,   /* it leans on frames that we do not have: to be packed otherwise */
    INCOMING_REFUSED, /* forged, altered, cut off, or not for this box */
};
const char *incoming_verdict_name(enum incoming_verdict v);

/* The line as it is here. */
struct incoming_numbers {
    uint64_t last, seen; /* the last frame that is kept, and that is applied */
    uint8_t last_epoch, seen_epoch;
};
int incoming_numbers(struct box *b, struct incoming_numbers *out, struct err *e);

/* One transaction. ERR_USAGE: the box has no centre. */
int incoming_take(struct box *b, const void *bytes, size_t count,
                  enum incoming_verdict *verdict, struct err *e);

/* Applies what is kept, at most `frames_max` frames; *applied says how many. A frame of
 * a newer schema waits, and those after it. What is parked and may have lost its reason,
 * without a frame that told so, counts as frames too. */
int incoming_apply(struct box *b, unsigned frames_max, unsigned *applied, struct err *e);

/* For verify: the frames that are kept, applied to a fold in their places
 * (store_came.until, with a struct incoming_fold as `arg`). */
struct incoming_fold;
int incoming_fold_create(struct incoming_fold **out, struct box *b, struct err *e);
/* Before the fold's database is closed, or after: NULL is fine. */
void incoming_fold_destroy(struct incoming_fold *f);
int incoming_fold_until(void *arg, sqlite3 *fold, uint64_t frame, uint64_t seen,
                        uint8_t seen_epoch, struct err *e);

/* For the negative controls of tests only: every change counts as seen. */
void incoming_sabotage_seen(bool on);

#endif
