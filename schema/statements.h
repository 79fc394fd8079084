/* Statements: a module's SQL sits in one array at the top of its file, named by an
 * enum, prepared in create, finalised in destroy; values are always bound. */
#ifndef TRAM_SCHEMA_STATEMENTS_H
#define TRAM_SCHEMA_STATEMENTS_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"

/* Prepares sql[i] into out[i], or takes it from the connection's shelf
 * (statement_shelf.h); on failure all are NULL. */
int statements_prepare(sqlite3 *db, sqlite3_stmt **out, const char *const *sql,
                       size_t count, struct err *e);
void statements_finalize(sqlite3_stmt **statements, size_t count);

/* Resets, clears bindings, returns it: to begin each use with. */
sqlite3_stmt *statement_fresh(sqlite3_stmt *s);

/* 1 row, 0 done (and reset), -1 with SQLite's words (and reset). SQLITE_FULL is
 * ERR_NO_SPACE, SQLITE_BUSY ERR_BUSY, SQLITE_CORRUPT and NOTADB ERR_CORRUPT,
 * SQLITE_IOERR ERR_IO, SQLITE_TOOBIG ERR_TOO_BIG. */
int statement_step(sqlite3_stmt *s, struct err *e);

/* Steps a statement to its end, past any rows, and resets it. */
int statement_run(sqlite3_stmt *s, struct err *e);

/* err_set with what SQLite says of `db` now. */
int sqlite_err(sqlite3 *db, struct err *e, const char *what);

/* For SQL that is used once: settings, DDL. */
int sql_run(sqlite3 *db, const char *sql, struct err *e);
/* The same for one statement that comes again and again: the shelf keeps it compiled. */
int sql_again(sqlite3 *db, const char *sql, struct err *e);

/* The first column of the first row; 0 without a row. */
int sql_number(sqlite3 *db, const char *sql, int64_t *out, struct err *e);

/* Bind NULL for a NULL text or for id 0; text and blobs are copied. What cannot be
 * copied makes the step fail, never binds something else. */
void bind_text(sqlite3_stmt *s, int place, const char *text);
void bind_blob(sqlite3_stmt *s, int place, const void *bytes, size_t count);
void bind_id(sqlite3_stmt *s, int place, uint64_t id);
/* Four places from this one on: boot, mono_ms, wall_ms, wall_confidence. */
void bind_moment(sqlite3_stmt *s, int place, const struct moment *m);

/* The hash in a column (from 0) of the row at hand; false, and *out as it was: what is
 * there is none. */
bool column_hash(sqlite3_stmt *s, int column, struct hash *out);
/* What bind_moment() bound, from this column on. */
struct moment column_moment(sqlite3_stmt *s, int column);

#endif
