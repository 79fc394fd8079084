/* Drawing: the machine's fields of a document, drawn from its pages as read, by the record
 * type that it has, or that its head tells (schema/types/). Rows of clerks, of the province
 * and of imports are never touched.
 *
 * A new reading only leaves a mark at its page (job.undrawn), in its own transaction, and
 * so does another type that a document is given, by a clerk or by the province; drawing
 * follows, outside of any: the values are found first and written in short transactions, if
 * nothing was read anew meanwhile. A mark survives a power cut. What is too large to be
 * drawn, or damaged, loses its mark with an event 'not_drawn', and the others go on. */
#ifndef TRAM_APPLIANCE_DRAWING_H
#define TRAM_APPLIANCE_DRAWING_H

#include "appliance/box.h"

/* When the box opens, before its first write: from now on a document whose type changes
 * is marked, whoever changes it. */
int drawing_watch(struct box *b, struct err *e);

/* Inside a write of the caller's: `page` has a new reading, or has gone into quarantine. */
int drawing_mark(struct box *b, uint64_t page, struct err *e);

/* Draws a marked document of which no page waits to be read; pages in quarantine and
 * damaged ones are left out. 1: did one; 0: there is none; -1: trouble with the store. */
int drawing_next(struct box *b, struct err *e);

/* All that there are. */
int drawing_all(struct box *b, struct err *e);

#endif
