/* Down, inside: down.c records, down_frame.c appends, down_encode.c writes for an older
 * schema, down_waiting.c keeps what that cannot hold, down_bundle.c seals, down_seen.c hears
 * what the box has. */
#ifndef TRAM_SYNC_CENTRE_DOWN_INTERNAL_H
#define TRAM_SYNC_CENTRE_DOWN_INTERNAL_H

#include "sync/centre/down.h"
#include "sync/history.h"
#include "sync/rows/change.h"

struct down {
    uint16_t site;
    uint32_t schema; /* that the box has; ours if it has not said, or has a newer one */
    uint64_t seen;
    uint8_t seen_epoch;
    const struct down_given *given; /* NULL: the centre makes it now */
    sqlite3_session *session;       /* NULL until something is watched */
    unsigned depth;                 /* of down_watch(true) */
    /* Writes that were watched and are in no frame yet: before the last down_watch(true),
     * and the connection's count then. No fewer than rows. */
    int64_t writes, writes_from;
};

/* A changeset of the site's rows becomes the next frame; what the box cannot hold waits.
 * *sequence 0: all of it does. */
int down_frame_append(struct centre *c, const struct down *d,
                      const struct buffer *changeset, uint64_t *sequence, struct err *e);
/* A changeset in the box's schema becomes the next frame. */
int down_frame_add(struct centre *c, const struct down *d, const struct buffer *encoded,
                   uint64_t *sequence, struct err *e);

/* The schema may have changed: what the box can hold now goes to it, as frames. Inside a
 * transaction; no site is open. */
int down_send_waiting(struct centre *c, uint16_t site, struct err *e);

/* The changes that a box of d->schema can hold go into `out` (which may stay empty), the
 * rows of the others into down_waiting. */
int down_encode(struct centre *c, const struct down *d, const struct buffer *changeset,
                struct buffer *out, struct err *e);

/* Some of the rows that waited, whole, as they are now, that d->schema can hold; they
 * wait no more. `out` stays empty when there are none. */
int down_encode_waiting(struct centre *c, const struct down *d, struct buffer *out,
                        struct err *e);

/* ----------------------------------------------------------- down_history.c */

/* Lets the bundle that begins with `first` lean on what the box has of the line; `f` is
 * the caller's to release once it is sealed. */
int down_lean(struct centre *c, uint16_t site, uint64_t first, struct bundle_writer *w,
              struct history_filling *f, struct err *e);

#endif
