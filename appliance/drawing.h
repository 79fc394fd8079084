/* Drawing: the machine's fields of a document, drawn from its pages when the last of
 * them is read, and again after a new reading of any. Rows of clerks, of the province and
 * of imports are never touched. */
#ifndef TRAM_APPLIANCE_DRAWING_H
#define TRAM_APPLIANCE_DRAWING_H

#include "appliance/box.h"

/* Inside a write of the caller's, when `page` has a new reading. Nothing happens while
 * another page waits for its own, to records that came as such, and to documents of a
 * type that has no rules yet. */
int drawing_after_reading(struct box *b, uint64_t page, struct err *e);

#endif
