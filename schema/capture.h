/* Capture: what a write changed in the synced tables becomes the next row of
 * changelog, inside the same transaction.
 *
 * The session extension keeps its record in memory only and per connection, so a
 * changeset that is taken out after COMMIT can be lost: it is taken out before.
 * A session is made for each write and never used again. */
#ifndef TRAM_SCHEMA_CAPTURE_H
#define TRAM_SCHEMA_CAPTURE_H

#include <stdbool.h>

#include <sqlite3.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "schema/touched.h"

enum { CAPTURE_LAST, CAPTURE_STATE, CAPTURE_APPEND, CAPTURE_STATEMENTS };

struct capture {
    sqlite3 *db;               /* not owned */
    const char *const *tables; /* not owned: what is watched, and nothing else */
    size_t tables_count;
    sqlite3_session *session; /* NULL outside a write */
    struct buffer changeset;
    struct touched touched;
    sqlite3_stmt *statements[CAPTURE_STATEMENTS];
};

/* `db` and `tables` must outlive it. */
int capture_init(struct capture *c, sqlite3 *db, const char *const *tables,
                 size_t tables_count, struct err *e);
void capture_release(struct capture *c); /* a zeroed one is fine */

/* A session on these tables, that also counts its changeset's size; the caller's to
 * delete. By name: everything would take in the search index's shadow tables, and
 * applying those would ruin the other side's index. On failure *out is NULL. */
int capture_session(sqlite3_session **out, sqlite3 *db, const char *const *tables,
                    size_t tables_count, struct err *e);

/* Starts to watch. */
int capture_begin(struct capture *c, struct err *e);

/* At least how many bytes the changeset would have now. */
uint64_t capture_bytes(struct capture *c);

/* Appends what was watched to changelog, and notes which documents it touched.
 * *sequence is 0 if that is nothing. ERR_TOO_BIG above a cap: roll back. */
int capture_append(struct capture *c, const struct moment *now, uint64_t *sequence,
                   struct err *e);
/* The same of a changeset that the rows hold already. */
int capture_append_given(struct capture *c, const struct buffer *changeset,
                         const struct moment *now, uint64_t *sequence, struct err *e);

/* Stops watching; not watching is fine. */
void capture_end(struct capture *c);

/* How many rows a changeset changes; ERR_CORRUPT if it names a table that is not
 * among `tables`, which applying it would skip in silence. */
int changeset_count(const struct buffer *changeset, const char *const *tables,
                    size_t tables_count, uint64_t *changes, struct err *e);

#endif
