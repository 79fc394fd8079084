/* Down, inside: down.c records, down_frame.c appends, down_encode.c writes for an older
 * schema, down_bundle.c seals. */
#ifndef TRAM_SYNC_CENTRE_DOWN_INTERNAL_H
#define TRAM_SYNC_CENTRE_DOWN_INTERNAL_H

#include "sync/centre/down.h"
#include "sync/rows/table.h"

struct down {
    uint16_t site;
    uint32_t schema; /* that the box has; ours if it has not said */
    uint64_t seen;
    uint8_t seen_epoch;
    sqlite3_session *session; /* NULL until something is watched */
    unsigned depth;           /* of down_watch(true) */
};

/* A changeset of the site's rows becomes the next frame, or frames and waiting rows. */
int down_frame_append(struct centre *c, const struct down *d,
                      const struct buffer *changeset, uint64_t *sequence, struct err *e);

/* The changes that a box of d->schema can hold go into `out` (which may stay empty), the
 * rows of the others into down_waiting. */
int down_encode(struct centre *c, const struct down *d, const struct buffer *changeset,
                struct buffer *out, struct err *e);

/* The rows that waited, whole, as far as d->schema can hold them now. */
int down_encode_waiting(struct centre *c, const struct down *d, struct buffer *out,
                        struct err *e);

#endif
