/* Export select: which documents an export is of. Internal to appliance/export.c. */
#ifndef TRAM_APPLIANCE_EXPORT_SELECT_H
#define TRAM_APPLIANCE_EXPORT_SELECT_H

#include "appliance/export.h"

/* Their numbers, ascending; the caller frees them. Inside a read of the caller's. */
int export_select(struct box *b, const struct export_selection *what, uint64_t **ids,
                  size_t *count, struct err *e);

#endif
