/* Export cell: one cell of a CSV. Pure. */
#ifndef TRAM_APPLIANCE_EXPORT_CELL_H
#define TRAM_APPLIANCE_EXPORT_CELL_H

#include "base/buffer.h"

/* In quotes, whatever it holds; with an apostrophe before what a spreadsheet would
 * calculate: = + - @ (their wide forms too), a tab or a carriage return in front. */
void export_cell(struct buffer *out, const char *text);

#endif
