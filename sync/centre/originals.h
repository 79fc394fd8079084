/* Originals: sealed blobs that arrived whole become files named by their hash, each
 * with a row that says who delivered it and whether it is safe. Small images of pages
 * come and are kept the same way; an original that comes packed is restored
 * (unpacking.h). */
#ifndef TRAM_SYNC_CENTRE_ORIGINALS_H
#define TRAM_SYNC_CENTRE_ORIGINALS_H

#include "sync/centre/sites.h"
#include "sync/partial.h"
#include "sync/receipt.h"

/* Opens a whole sealed blob of this site, keeps it, and commits its row; *out is what
 * a receipt says of it. *refused: forged, altered or cut off; an alarm is kept. */
int original_take(struct centre *c, const struct site_row *site, struct partial *p,
                  struct receipt_blob *out, bool *refused, struct err *e);

/* Whether this site has delivered it, packed or not, and what a receipt says of it. */
int original_held(struct centre *c, uint16_t site, const struct object_id *object,
                  struct receipt_blob *out, bool *held, struct err *e);

/* Originals that are safe and of which the box has not said that it knows; at most
 * `room`. */
int originals_untold(struct centre *c, uint16_t site, struct receipt_blob *out,
                     size_t room, size_t *count, struct err *e);

/* The box has heard of these. */
int originals_told(struct centre *c, uint16_t site, const struct receipt_blob *blobs,
                   size_t count, struct err *e);

#endif
