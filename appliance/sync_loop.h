/* Sync loop: the thread of serve that keeps in contact with the centre. It has a box
 * and an agent of its own, and tells the log what happens.
 *
 * A `sync` that was handed over does the talking in the loop's place: the loop steps
 * aside meanwhile, so that a box never talks to its centre twice at a time. */
#ifndef TRAM_APPLIANCE_SYNC_LOOP_H
#define TRAM_APPLIANCE_SYNC_LOOP_H

#include "appliance/agent.h"

struct sync_loop;

/* *out is NULL, without an error, for a box that has no centre. */
int sync_loop_start(struct sync_loop **out, const char *dir, struct err *e);

/* NULL is fine, here and below. Ends the contact at hand. */
void sync_loop_stop(struct sync_loop *l);

/* Something was committed. */
void sync_loop_wake(struct sync_loop *l);

/* Waits until nobody talks to the centre; false if `cancelled` said so first, or the
 * loop is stopping. Who got true gives it back. */
bool sync_loop_borrow(struct sync_loop *l, bool (*cancelled)(void *arg), void *arg);
void sync_loop_return(struct sync_loop *l);

#endif
