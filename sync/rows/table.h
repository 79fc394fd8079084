/* Tables: the synced tables as this program's schema has them, with the statements
 * that a change of one row needs. Internal to sync/rows/. */
#ifndef TRAM_SYNC_ROWS_TABLE_H
#define TRAM_SYNC_ROWS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "base/err.h"

#define TABLE_COLUMNS_MAX 32
#define TABLE_RANKS       7

struct rows_table {
    char name[64]; /* the rest is known once it was looked for */
    int columns;
    char column_names[TABLE_COLUMNS_MAX][32];
    bool is_key[TABLE_COLUMNS_MAX];
    bool is_reference[TABLE_COLUMNS_MAX]; /* holds the id of another row */
    bool has_id;                          /* its key is an id of its own */
    int rank;                             /* its rows refer to rows of lower ranks only */
    bool immutable;                       /* its rows never change */
    bool silent; /* tells of others' conflicts and has none of its own */
    int locked;  /* the column that says the province locked the row; -1: none */
    /* Places are column numbers + 1. select has the keys' places alone. */
    sqlite3_stmt *select, *insert, *update;
};

struct rows_tables {
    sqlite3 *db;             /* not owned */
    struct rows_table *list; /* owned */
    size_t count;
};

/* `db` must outlive it. */
int rows_tables_init(struct rows_tables *t, sqlite3 *db, const char *const *names,
                     size_t count, struct err *e);
void rows_tables_release(struct rows_tables *t); /* a zeroed one is fine */

/* NULL: no synced table has this name. Its statements are there once it succeeded;
 * *out stays NULL without an error otherwise. */
int rows_table_find(struct rows_tables *t, const char *name, struct rows_table **out,
                    struct err *e);

#endif
