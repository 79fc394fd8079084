/* Commits: notices that somebody, in this process or another one, has written to a
 * store. Every commit is in the write-ahead log first, so that file's changes tell; a
 * few of them are none (a transaction that was rolled back): look, it is cheap. */
#ifndef TRAM_APPLIANCE_COMMITS_H
#define TRAM_APPLIANCE_COMMITS_H

#include <stdbool.h>

#include "base/err.h"

/* Watches the store in `dir`. The caller closes *fd; for poll(2), POLLIN. ERR_FAILED
 * where the kernel does not tell. */
int commits_watch(int *fd, const char *dir, struct err *e);

/* Takes what has come; true if something was written. Never blocks. */
bool commits_seen(int fd);

#endif
