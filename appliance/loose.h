/* Loose blobs: what this box makes itself, and may have to throw away.
 *
 * A blob that no row names is a clerk's paper, and is taken in at the next start
 * (intake_resume). A small image or a packed original is not one: so before its blob
 * there is a row in loose_blob, which goes when another row names the blob, and which
 * comes back when that row lets go of it:
 *
 *   loose_keep ─► [loose] ─► the blob ─► a write: the row that names it, loose_named
 *   a write: the row lets go, loose_let_go ─► [loose] ─► loose_remove: blob and row
 *
 * Whatever instant the power goes at, the blob is named, or loose, or both. And whatever
 * becomes of the database, made.h knows it. */
#ifndef TRAM_APPLIANCE_LOOSE_H
#define TRAM_APPLIANCE_LOOSE_H

#include "appliance/box.h"

/* Keeps what is in the writer; loose until it is named. */
int loose_keep(struct box *b, struct blob_writer *w, struct hash *sha256, uint64_t *bytes,
               struct err *e);

/* Inside the caller's write, which makes a row that names it. ERR_FAILED: it is not
 * there any more. */
int loose_named(struct box *b, const struct hash *sha256, struct err *e);

/* Inside the caller's write, in which a row lets go of it. */
int loose_let_go(struct box *b, const struct hash *sha256, struct err *e);

/* Removes it, unless a row names it. A write of its own. */
int loose_remove(struct box *b, const struct hash *sha256, struct err *e);

/* Whether a row names it: an original, an image, a packed form, or a file at intake. */
int loose_is_named(struct box *b, const struct hash *sha256, bool *named, struct err *e);

/* Removes all of them. Only for the owner of the directory, at its start: others may
 * be making some later. */
int loose_sweep(struct box *b, struct err *e);

#endif
