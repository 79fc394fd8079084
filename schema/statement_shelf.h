/* Statement shelf: compiled statements that a connection keeps between two uses.
 * SQL that is prepared where it is used and finalised after it would be compiled
 * again each time, which costs more than most of it does. statements_prepare() takes
 * from the shelf, statements_finalize() gives back; what nobody takes for long goes
 * first. The shelf ends with its connection. */
#ifndef TRAM_SCHEMA_STATEMENT_SHELF_H
#define TRAM_SCHEMA_STATEMENT_SHELF_H

#include <sqlite3.h>

#include "base/err.h"

#define SHELF_STATEMENTS_MAX 96

/* Connections without one prepare and finalise as ever. Closed by sqlite3_close_v2()
 * only: sqlite3_close() would find them unfinalised. */
int shelf_add(sqlite3 *db, struct err *e);

/* NULL: there is none. */
sqlite3_stmt *shelf_take(sqlite3 *db, const char *sql);
/* Resets it, drops what is bound, and keeps it; or finalises it. NULL is fine. */
void shelf_give(sqlite3_stmt *s);

#endif
