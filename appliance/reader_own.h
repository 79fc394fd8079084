/* Own reader: a worker for a box that has none, while a copy is made for it. */
#ifndef TRAM_APPLIANCE_READER_OWN_H
#define TRAM_APPLIANCE_READER_OWN_H

#include "appliance/box.h"

/* *own: what was made and is the box's reader now; NULL if it had one. */
int reader_own_begin(struct box *b, bool uncaged, struct reader **own, struct err *e);
void reader_own_end(struct box *b, struct reader *own); /* NULL is fine */

#endif
