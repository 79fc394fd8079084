/* Empty: a database in memory with the schema of a version and nothing in it, without the
 * store's guards. Verify goes through a history once more in one; what goes down to a
 * box of an older program is written for its schema by one.
 *
 * The migrations to a version run once in a process. Each database begins as the pages
 * that they left: a province's verify opens one for each of its boxes. */
#ifndef TRAM_SCHEMA_EMPTY_H
#define TRAM_SCHEMA_EMPTY_H

#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"

/* `schema`: from 1 on; one that is newer than this program: this program's. The caller
 * closes it. On failure *out is NULL. Any thread. */
int empty_open(sqlite3 **out, uint32_t schema, struct err *e);

#define EMPTY_NEWEST UINT32_MAX

#endif
