/* The inside of verify: verify.c applies all frames to nothing, verify_tables.c compares
 * what they made with what is here. */
#ifndef TRAM_SCHEMA_VERIFY_INTERNAL_H
#define TRAM_SCHEMA_VERIFY_INTERNAL_H

#include "schema/store.h"

enum { VERIFY_INTEGRITY, VERIFY_FRAMES, VERIFY_STATEMENTS };

struct verification {
    struct store *store;
    sqlite3 *db;   /* the store's */
    sqlite3 *fold; /* owned: all changesets applied to nothing */
    const char *const *tables;
    size_t tables_count;
    sqlite3_stmt *statements[VERIFY_STATEMENTS];
    const struct store_came *came;
    void (*each)(void *arg, const char *problem);
    void *arg;
    unsigned problems;
};

__attribute__((format(printf, 2, 3))) void verification_problem(struct verification *v,
                                                                const char *format, ...);

/* Tells of each row that is not the same in both. */
int verification_table(struct verification *v, const char *table, struct err *e);

#endif
