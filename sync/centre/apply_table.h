/* Apply's tables: the synced tables as this program's schema has them, with the
 * statements that a change of one row needs. Internal to sync/centre/apply*.c. */
#ifndef TRAM_SYNC_CENTRE_APPLY_TABLE_H
#define TRAM_SYNC_CENTRE_APPLY_TABLE_H

#include "sync/centre/centre.h"

#define APPLY_COLUMNS_MAX 32

struct apply_table {
    char name[64];
    int columns;
    char column_names[APPLY_COLUMNS_MAX][32];
    bool is_key[APPLY_COLUMNS_MAX];
    int locked; /* the column that says the province locked the row; -1: none */
    /* Places are column numbers + 1. select has the keys' places alone. */
    sqlite3_stmt *select, *insert, *update;
};

struct apply_tables {
    struct apply_table *list; /* owned */
    size_t count;
};

int apply_tables_init(struct apply_tables *t, struct centre *c, struct err *e);
void apply_tables_release(struct apply_tables *t); /* a zeroed one is fine */

/* NULL: no synced table has this name. Its statements are there once it succeeded;
 * *out stays NULL without an error otherwise. */
int apply_table_find(struct apply_tables *t, struct centre *c, const char *name,
                     struct apply_table **out, struct err *e);

#endif
