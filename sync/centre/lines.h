/* Lines: the runs of frames that boxes of one site have made, one an epoch.
 *
 *   1 ─► 2 ─► 3 ─► 4 ─► 5      epoch 1: received and applied
 *             └──► 4' ─► 5'    epoch 2: the box was put back to a backup made after 3
 *
 * A frame's name is its epoch and number: (1, 4), (2, 4). A line has before its first frame
 * those of its parent (table line); journal_frame holds the line that the site is on now,
 * left_frame what other lines have beside it.
 *
 * A box that was put back, and one that stands in a lost one's place, goes on from an older
 * frame under a higher epoch. The centre then leaves the old line there: frames 4 and 5
 * stay applied, keep their bundles, and go down to the box as frames of the centre's
 * (giving.h), so that it gets back what it lost; 4' and what follows is the box's line from
 * now on. So nothing is lost, and both ends end equal by the same merge as ever.
 *
 * A box may go on from a line that was left too: then there are two, of which one is a copy
 * of the other's card. Its line is taken up again, with what it had; the other one's frames
 * are given to it. So each of them gets what the other has made, as often as they take
 * turns; an alarm asks a person to take one out of service. */
#ifndef TRAM_SYNC_CENTRE_LINES_H
#define TRAM_SYNC_CENTRE_LINES_H

#include "sync/centre/sites.h"

#define LINE_EPOCHS 256
/* From this one on an alarm says of the site that its epochs will be used up: two boxes
 * that take turns use one a turn, and there are SYNC_EPOCH_LAST. */
#define LINE_EPOCHS_FEW 200

/* Names what a program before schema 8 has taken, which kept no names. */
int lines_name_old(struct centre *c, struct err *e);

/* A frame of the site's and what the journal knows of it. */
struct line_frame {
    uint8_t epoch;
    uint64_t sequence; /* 0: before the first one of any line */
    struct hash chain; /* after it */
};

/* Who follows whom, from a line's end back to the first frame of all: of each epoch the
 * last frame that is on the way; 0: none is. */
struct line_path {
    uint64_t last[LINE_EPOCHS];
};
/* Of the line up to this frame, which need not be there yet. */
int line_path(struct centre *c, uint16_t site, uint8_t epoch, uint64_t sequence,
              struct line_path *out, struct err *e);
bool line_path_has(const struct line_path *p, uint8_t epoch, uint64_t sequence);
/* The epoch of the path's frame of this number; 0: it has none. */
uint8_t line_path_epoch(const struct line_path *p, uint64_t sequence);
/* The last frame that both have. */
uint64_t line_path_common(const struct line_path *a, const struct line_path *b);

/* Whether a frame of the centre's that was made having seen this much is for the box of
 * the path as it is. One that is not stands on frames which that box does not have. */
bool line_path_stands(const struct line_path *p, uint8_t seen_epoch, uint64_t seen);

/* The site's own line up to what is received of it. */
int line_path_now(struct centre *c, const struct site_row *site, struct line_path *out,
                  struct err *e);

/* The frame with this number on the line of that epoch, whichever table has it. */
int line_find(struct centre *c, uint16_t site, uint8_t epoch, uint64_t sequence,
              struct line_frame *out, bool *found, struct err *e);
/* Frames of this number, the site's own line first; one with this hash, if `chain` is not
 * NULL. *found is false where there are no more than `nth` of them. */
int line_nth(struct centre *c, uint16_t site, uint64_t sequence, const struct hash *chain,
             unsigned nth, struct line_frame *out, bool *found, struct err *e);
/* The last frame that was made under the epoch; 0: none is known. */
int line_end(struct centre *c, uint16_t site, uint8_t epoch, uint64_t *last,
             struct err *e);

/* A line begins behind this frame, of epoch 0 if it is before all of them; that it has
 * begun already changes nothing. Inside a transaction. */
int line_begin(struct centre *c, uint16_t site, uint8_t epoch,
               const struct line_frame *after, struct err *e);

/* The site goes over to a line of this epoch, which goes on behind `after`, a frame of its
 * own line or of one that was left. Inside the caller's transaction, with all that was
 * received applied. `site` becomes what the row is then. An alarm tells it. */
int line_switch(struct centre *c, struct site_row *site, uint8_t epoch,
                const struct line_frame *after, struct err *e);

/* Whether the chain's hash after this frame, of any line of the site's, begins with these
 * bytes. */
int line_knows(struct centre *c, uint16_t site, uint64_t sequence, const void *hash,
               size_t hash_bytes, bool *known, struct err *e);

#endif
