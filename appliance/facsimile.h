/* Facsimile: a searchable copy of a document, or of one page of it (PDF/A-2b): the
 * pictures of its pages and, unseen over them, the words as they were corrected.
 *
 *   originals ─ cage, a page at a time ─► pictures ┐
 *   readings, corrections ─► words ────────────────┴► sheaf ─ cage ─► PDF
 *
 * The sheaf (ocr/copy/sheaf.h) is a temporary file beside the copy, and never among the
 * blobs: whoever only asks does not own the directory, and whoever does sweeps what is on
 * its way there. Nothing is written to the store but the wish for an original that left to
 * make room. */
#ifndef TRAM_APPLIANCE_FACSIMILE_H
#define TRAM_APPLIANCE_FACSIMILE_H

#include "appliance/box.h"
#include "schema/shown.h"

struct facsimile {
    unsigned pages;       /* in the PDF; 0: none was made, because of one of these */
    unsigned away;        /* originals that left to make room, and are asked for now */
    enum refusal refusal; /* of a picture, */
    unsigned page;        /* on this page of the document; 0: of the whole */
};                        /* none of them: no page has a picture (imported text) */

#define FACSIMILE_SHEAF_BYTES_MAX                                                        \
    (512ull << 20) /* a longer document is REFUSAL_TOO_LARGE */

/* Needs the box's reader. A file that is at `path` is replaced whole, and left alone if no
 * copy was made. */
int facsimile_make_file(struct box *b, const struct shown *what, const char *path,
                        struct facsimile *out, struct err *e);

/* The same into files of the caller's, both empty: for who makes many. */
int facsimile_make(struct box *b, const struct shown *what, struct disk_file *sheaf,
                   struct disk_file *into, struct facsimile *out, struct err *e);

#endif
