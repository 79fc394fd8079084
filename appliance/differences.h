/* Differences: two texts line by line, as few lines changed as can be. For a page's two
 * readings; texts of more than DIFFERENCES_LINES_MAX lines are told whole, old and new. */
#ifndef TRAM_APPLIANCE_DIFFERENCES_H
#define TRAM_APPLIANCE_DIFFERENCES_H

#include "base/err.h"

#include <stddef.h>

#define DIFFERENCES_LINES_MAX 1000

enum line_side { LINE_BOTH, LINE_OLD, LINE_NEW };

/* Calls `each` for every line in order, without its end; the old ones of a change before
 * the new ones. */
int differences(const char *old_text, const char *new_text,
                int (*each)(void *arg, enum line_side side, const char *line,
                            size_t bytes, struct err *e),
                void *arg, struct err *e);

#endif
