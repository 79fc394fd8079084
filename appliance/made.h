/* Made: which blobs this box has made itself, small images and packed originals, kept
 * beside the database and not in it.
 *
 * A blob that no row names is a clerk's paper (intake_resume). Where an older copy of the
 * database was put back beside newer blobs, what the box had made since has no row
 * either, and would become papers, each with an image of its own. So a file remembers
 * them, whatever becomes of the database:
 *
 *   DIR/made    SHA-256s, 32 bytes each, in the order in which they were made
 *
 * It only grows: 64 bytes a page. One that a power cut left at its end is of no blob. A
 * clerk who takes in the very bytes of a small image, and then puts back a database from
 * before, loses that paper: of it the page is here. */
#ifndef TRAM_APPLIANCE_MADE_H
#define TRAM_APPLIANCE_MADE_H

#include "appliance/box.h"

/* Durable when it returns. Before the blob is kept. */
int made_note(struct box *b, const struct hash *sha256, struct err *e);

/* All of them, sorted. The caller releases it; zeroed is fine. */
struct made {
    struct buffer hashes;
};
int made_read(struct made *out, struct box *b, struct err *e);
bool made_has(const struct made *m, const struct hash *sha256);
void made_release(struct made *m);

#endif
