/* The inside of a store, for the files that make one: store_open.c opens and
 * begins, store.c runs transactions. */
#ifndef TRAM_SCHEMA_STORE_INTERNAL_H
#define TRAM_SCHEMA_STORE_INTERNAL_H

#include "schema/boots.h"
#include "schema/capture.h"
#include "schema/guard.h"
#include "schema/store.h"

enum { STORE_NEW_ID, STORE_STATEMENTS };

struct store {
    sqlite3 *db;
    struct disk *disk;   /* not owned */
    struct clock *clock; /* not owned */
    struct store_identity identity;
    char **tables; /* owned: the synced tables' names */
    size_t tables_count;
    struct guard guard;
    struct capture capture;
    /* Of store_apply_watch(): whether it is on, since how many writes, and how many were
     * watched before that and are in no frame yet. */
    bool watching;
    uint32_t watched_from, watched;
    struct boots boots;
    unsigned reads; /* store_read_begin() without its end */
    sqlite3_stmt *statements[STORE_STATEMENTS];
};

#endif
