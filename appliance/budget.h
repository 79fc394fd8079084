/* Budget: what may travel on the link in a month and what has, by class, in the store.
 *
 * Bytes count on the wire, both ways; a class's own are the blocks of it that left.
 * The month is this country's, by the box's estimate of the time. */
#ifndef TRAM_APPLIANCE_BUDGET_H
#define TRAM_APPLIANCE_BUDGET_H

#include "appliance/box.h"
#include "sync/core.h"

/* As it stands now. */
int budget_read(struct box *b, struct sync_budget *out, struct err *e);

/* What has travelled since the last time; [SYNC_CLASS_STATUS] is all of it, both ways.
 * One transaction. */
int budget_spend(struct box *b, const uint64_t bytes[SYNC_CLASSES], struct err *e);

/* Why this class may not leave just now. */
enum kept_back { KEPT_BACK_NOT, KEPT_BACK_BUDGET, KEPT_BACK_METERED };
enum kept_back budget_keeps_back(const struct sync_budget *b, enum sync_class class);

#endif
