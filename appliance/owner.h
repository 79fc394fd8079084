/* Owner: one process at a time owns a data directory, and works in it.
 *
 * The lock is flock(2) on DIR/lock, held until owner_release() or the end of the
 * process, whatever ends it. It guards no bytes (SQLite does that); it is why a
 * command can know that nobody else takes in or reads behind its back. */
#ifndef TRAM_APPLIANCE_OWNER_H
#define TRAM_APPLIANCE_OWNER_H

#include "base/err.h"

#define OWNER_WAIT_MS 10000 /* how long a command waits for another one to end */

struct owner;

/* *out is NULL, without an error, when somebody else owns it now.
 * -1: the lock file cannot be had at all (no such directory, no permission). */
int owner_try(struct owner **out, const char *dir, struct err *e);
void owner_release(struct owner *o); /* NULL is fine */

#endif
