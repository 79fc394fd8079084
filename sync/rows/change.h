/* Change: one row's change of a changeset, as its iterator stands on it, and its words
 * (JSON, for a person and for a look later). */
#ifndef TRAM_SYNC_ROWS_CHANGE_H
#define TRAM_SYNC_ROWS_CHANGE_H

#include <stdint.h>

#include "sync/rows/table.h"

struct row_change {
    sqlite3_changeset_iter *iter;
    const char *name;
    int columns, verb;
    struct rows_table *table; /* NULL: unknown here */
};

/* Reads what `iter` stands on; the table is looked up by the caller. */
int change_read(struct row_change *c, sqlite3_changeset_iter *iter, struct err *e);

/* The value after the change; NULL: not in it. Before it. Of a key: its value. */
sqlite3_value *change_new(const struct row_change *c, int column);
sqlite3_value *change_old(const struct row_change *c, int column);
sqlite3_value *change_key(const struct row_change *c, int column);
/* The id that its key begins with; 0: it has none. */
uint64_t change_subject(const struct row_change *c);

/* Puts a value into the change that a changegroup has begun; SQLite's result code. */
int change_put(sqlite3_changegroup *group, bool new, int column, sqlite3_value *v);

/* JSON texts, malloc'd; NULL without memory. A value that is no UTF-8 text is
 * {"hex": "…"}, a long one where a row's words are many {"bytes": …, "sha256": "…",
 * "begins": "…"}; `here` stands on a row of the table. */
char *words_value(sqlite3_value *v);
char *words_key(const struct row_change *c);
char *words_change(const struct row_change *c);
char *words_row(const struct rows_table *t, sqlite3_stmt *here);

#endif
