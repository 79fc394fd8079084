/* Parked changes and conflicts: what was not applied, or not alone, with both
 * versions as JSON, for a person. Internal to sync/centre/apply*.c. */
#ifndef TRAM_SYNC_CENTRE_APPLY_PARK_H
#define TRAM_SYNC_CENTRE_APPLY_PARK_H

#include "sync/centre/apply_change.h"

/* `here` stands on the row as it is, or is NULL. */
int park_change(struct applying *a, const struct change *c, sqlite3_stmt *here,
                const char *reason, struct err *e);

/* A frame that cannot be walked at all. Its bytes stay in the journal. */
int park_frame(struct applying *a, const char *reason, struct err *e);

/* Two changes met in this column; `taken`: the incoming one won. */
int park_conflict(struct applying *a, const struct change *c, sqlite3_stmt *here,
                  int column, bool taken, struct err *e);

#endif
