/* Migrations: the schema's versions, as DDL that the build embeds. Version n is
 * what migrations 1..n make; PRAGMA user_version holds it. Forward only. */
#ifndef TRAM_SCHEMA_MIGRATIONS_H
#define TRAM_SCHEMA_MIGRATIONS_H

#include <stddef.h>

#include <sqlite3.h>

#include "base/err.h"

#define STORE_APPLICATION_ID 0x5472616d /* "Tram" in the database's header */

/* The SQL of migrations 1, 2, …, *count. */
const char *const *migrations_all(size_t *count);

/* For tests of unlike versions only: from now on this process is a program that knows
 * these, which must stay as they are; NULL: itself again. */
void migrations_pretend(const char *const *sql, size_t count);

/* Brings `db` from its user_version to `count`, each step in one transaction with
 * its user_version and the application_id: what a power cut leaves is a whole
 * version. Another process may be doing the same. The tokenizer must be
 * registered with `db`. */
int migrations_run(sqlite3 *db, const char *const *sql, size_t count, struct err *e);

#endif
