/* Pace: how many pages may be read at once just now. Reading gives way: to heat,
 * because a board in a closed cupboard that throttles itself is slower than one that
 * rests; to want of memory, because a box with 1 GB must live; and to other work, so
 * that the desk answers while pages are read. Pure. */
#ifndef TRAM_APPLIANCE_PACE_H
#define TRAM_APPLIANCE_PACE_H

#include <stdbool.h>

#include "base/machine.h"

/* A Raspberry Pi begins to throttle at 80 °C (its documentation's soft limit of the
 * 3B+ aside); it rests before, and until it has cooled down well. */
#define PACE_HOT_MILLIDEGREES  77000
#define PACE_COOL_MILLIDEGREES 70000

/* What one reading child takes at most, and what serve and SQLite must keep. */
#define PACE_CHILD_BYTES (200ll << 20)
#define PACE_KEEP_BYTES  (80ll << 20)

enum pace_reason { PACE_FREE, PACE_HOT, PACE_NO_MEMORY, PACE_BUSY };

/* "", "hot", "no_memory", "busy" */
const char *pace_reason_name(enum pace_reason r);

struct pace {
    bool resting; /* until it is cool */
    enum pace_reason reason;
};

/* How many children may be at work, of `jobs`; `at_work` are already, and are let
 * finish. Heat and want of memory may say none; other work never does, so that a
 * page's turn comes on the busiest box. Sets p->reason. */
unsigned pace_jobs(struct pace *p, const struct machine *m, unsigned jobs,
                   unsigned at_work);

#endif
