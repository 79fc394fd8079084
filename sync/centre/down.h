/* Down: what the centre itself changes in a box's records, numbered per site, kept as
 * frames (down_frame) and sealed for the box.
 *
 *   down_begin ─► … the caller's statements … ─► down_commit
 *
 * is one transaction: a session of its own watches the synced tables, and what it saw is
 * appended to the site's line in the same commit. All rows must be of that one site.
 *
 * Inside another's transaction (apply), where most of what is written is the box's own:
 *
 *   down_open ─► … down_watch(on) … down_watch(off), down_cut … ─► down_append ─► down_close
 *
 * Ids of rows that the centre makes: site | 255 | the centre's epoch (8 bits) | counter
 * (20 bits). No box has epoch 255, and a centre that was put back gives out none twice. */
#ifndef TRAM_SYNC_CENTRE_DOWN_H
#define TRAM_SYNC_CENTRE_DOWN_H

#include "sync/bundle.h"
#include "sync/centre/centre.h"
#include "sync/message.h"

#define DOWN_EPOCH              255
#define DOWN_BUNDLE_PLAIN_BYTES 262144 /* as the outbox's: a link of 20 kbit/s */
#define DOWN_HISTORY_BYTES      (1u << 20)
#define DOWN_FRAME_BYTES_MAX                                                             \
    (BUNDLE_PLAIN_MAX / 4) /* sealed, it is a bundle all the same */

/* ERR_USAGE: no such site. */
int down_begin(struct centre *c, uint16_t site, struct err *e);
/* *sequence (may be NULL) is the frame's number, 0 if nothing changed; the search index
 * is brought up to date. After a failure the transaction is rolled back: ERR_TOO_BIG
 * above the caps of one transaction, ERR_USAGE for a row of another site. */
int down_commit(struct centre *c, uint64_t *sequence, struct err *e);
void down_rollback(struct centre *c); /* none open: fine */

/* A new id in this site. Only while it is open. */
int down_new_id(struct centre *c, uint64_t *id, struct err *e);

/* `seen`: the box's last sequence that is applied here, of its epoch `seen_epoch`. */
int down_open(struct centre *c, uint16_t site, uint64_t seen, uint8_t seen_epoch,
              struct err *e);
/* The same with what is applied of the site by its row. */
int down_open_applied(struct centre *c, uint16_t site, struct err *e);
/* Recording is on while it was called more often with true than with false. */
int down_watch(struct centre *c, bool on, struct err *e);
/* What was recorded becomes the next frame, if there is anything. */
int down_append(struct centre *c, struct err *e);
/* The same only once it is large, or would be with `bytes` more: between two rows. */
int down_cut(struct centre *c, size_t bytes, struct err *e);
/* Whether one frame can hold what was recorded since the last one. */
bool down_holds(const struct centre *c);
void down_close(struct centre *c); /* not open: fine */

/* What a box lacks of its site's history becomes the line's next frame, word for word:
 * giving.h. Inside a transaction of the caller's. */
struct down_given {
    uint32_t schema;
    uint64_t seen; /* of the box's own line, applied before this */
    uint8_t seen_epoch;
    uint8_t epoch; /* the frame's that it is: one of the site's boxes', or (0) ours … */
    uint64_t sequence; /* … of this number */
    const void *changeset;
    size_t changeset_bytes;
};
int down_give(struct centre *c, uint16_t site, const struct down_given *g, struct err *e);

/* The site's line: its last frame. */
int down_last(struct centre *c, uint16_t site, uint64_t *last, struct err *e);

/* A sealed bundle that holds this sequence: the same bytes each time. *found is false if
 * there is no such frame. A transaction of its own. */
struct down_sealed {
    struct object_id object;
    uint64_t first, last;
    struct buffer bytes;
};
void down_sealed_release(struct down_sealed *s); /* a zeroed one is fine */
int down_bundle(struct centre *c, uint16_t site, uint64_t sequence,
                struct down_sealed *out, bool *found, struct err *e);
/* The same for a stick, on which bytes cost nothing, and by which no box says what it
 * lacks: one that leans on nothing. What the link has begun to carry is not disturbed:
 * where that leans, this one is made anew each time, and not kept. */
int down_bundle_alone(struct centre *c, uint16_t site, uint64_t sequence,
                      struct down_sealed *out, bool *found, struct err *e);

/* The box lacks the frames that this bundle leans on: it is forgotten, and made otherwise
 * when it is asked for again. What the box has seen by now is no history any more. A
 * transaction of its own. */
int down_lacks(struct centre *c, uint16_t site, const struct object_id *object,
               struct err *e);

/* The box says what it has applied (SEEN, or its status): bundles that it needs no more
 * are forgotten. Older news changes nothing. A transaction of its own. */
int down_seen(struct centre *c, uint16_t site, uint8_t centre_epoch, uint64_t sequence,
              struct err *e);

/* The box says which schema it has: what waited for it follows, as frames. A transaction
 * of its own. */
int down_schema(struct centre *c, uint16_t site, uint32_t schema, struct err *e);

#endif
