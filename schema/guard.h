/* Guard: triggers on every synced table that let only the store write, and only
 * inside its writes.
 *
 *   BEFORE INSERT, UPDATE ─► SELECT tram_store_writes()
 *   BEFORE DELETE         ─► refused, always
 *   BEFORE UPDATE of an immutable table (reading, event) ─► refused, always
 *
 * A connection that has not registered the function cannot even prepare such a
 * statement. */
#ifndef TRAM_SCHEMA_GUARD_H
#define TRAM_SCHEMA_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"

struct guard {
    bool open;       /* a write of the store's is under way */
    bool uncapped;   /* of what another captured: its caps are its own */
    uint32_t writes; /* calls since it began: at least the rows that changed */
};

/* Whether rows of this table never change: reading, event. */
bool guard_is_immutable(const char *table);

/* Registers tram_store_writes() with `db`; `g` must outlive it. */
int guard_register(sqlite3 *db, struct guard *g, struct err *e);

/* Makes the triggers that are missing or not as this program wants them. Takes the
 * write lock only if there is something to do. */
int guard_refresh(sqlite3 *db, const char *const *tables, size_t count, struct err *e);

/* For a fork alone (fork.h), inside its transaction, which may rename any number of
 * rows: takes away the triggers before UPDATE, and makes all as they must be again. */
int guard_lift(sqlite3 *db, const char *const *tables, size_t count, struct err *e);
int guard_put_back(sqlite3 *db, const char *const *tables, size_t count, struct err *e);

#endif
