/* Lock: one process at a time owns a directory, and works in it.
 *
 * flock(2) on a file, held until lock_release() or the end of the process, whatever
 * ends it. It guards no bytes (SQLite does that); it says who is at work. */
#ifndef TRAM_BASE_LOCK_H
#define TRAM_BASE_LOCK_H

#include "base/err.h"

struct lock;

/* Locks DIR/lock. *out is NULL, without an error, when somebody else holds it now.
 * -1: the file cannot be had at all (no such directory, no permission). */
int lock_try(struct lock **out, const char *dir, struct err *e);
void lock_release(struct lock *l); /* NULL is fine */

#endif
