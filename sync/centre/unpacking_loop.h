/* Unpacking loop: a thread of serve that restores what came packed (unpacking.h), so
 * that boxes do not wait while it works. It opens the centre for itself, looks by
 * itself every second, and says in the log why it cannot. */
#ifndef TRAM_SYNC_CENTRE_UNPACKING_LOOP_H
#define TRAM_SYNC_CENTRE_UNPACKING_LOOP_H

#include "sync/centre/unpacking.h"

struct unpacking_loop;

/* `like` says which centre; both must outlive it, and nobody else may use `r`. */
int unpacking_loop_start(struct unpacking_loop **out, const struct centre *like,
                         struct restorer *r, struct err *e);

/* The one at work is given up, for another time. NULL is fine. */
void unpacking_loop_stop(struct unpacking_loop *l);

#endif
