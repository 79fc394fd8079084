/* Boxes: a few opened boxes that the threads of serve lend each other, because a
 * box is single-threaded and each holds a database connection. All are opened at
 * the start, so that a box that cannot be opened is told before anybody asks. */
#ifndef TRAM_APPLIANCE_BOXES_H
#define TRAM_APPLIANCE_BOXES_H

#include "appliance/box.h"

struct boxes;

/* `reader` (may be NULL for boxes that take nothing in) must outlive it, and bear
 * being asked by several threads: reader_shared.h. */
int boxes_create(struct boxes **out, const char *dir, unsigned count,
                 struct reader *reader, struct err *e);
void boxes_destroy(struct boxes *b); /* all must be back; NULL is fine */

/* NULL when none came back within wait_ms, or the wait was ended. */
struct box *boxes_borrow(struct boxes *b, int wait_ms);
void boxes_return(struct boxes *b, struct box *box); /* NULL is fine */

/* Nobody is to wait any more: boxes_borrow() answers NULL from now on. NULL is fine. */
void boxes_end_waits(struct boxes *b);

#endif
