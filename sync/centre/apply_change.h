/* One row's change of a frame: merged into the row that stands here, or parked with
 * both versions. Internal to sync/centre/apply*.c. */
#ifndef TRAM_SYNC_CENTRE_APPLY_CHANGE_H
#define TRAM_SYNC_CENTRE_APPLY_CHANGE_H

#include "sync/bundle.h"
#include "sync/centre/apply_index.h"
#include "sync/centre/apply_table.h"

/* The frame at hand, inside its transaction. */
struct applying {
    struct centre *centre;
    struct apply_tables tables;
    struct apply_index index; /* what search must look at again */
    uint32_t schema;          /* this program's */
    uint16_t site;
    const struct frame *frame;
    uint64_t own_last; /* the centre's own last sequence */
};

struct change {
    sqlite3_changeset_iter *iter;
    const char *name;
    int columns, verb;
    struct apply_table *table; /* NULL: unknown here */
};

/* The value after the change; NULL: not in it. Of a key: its value. */
sqlite3_value *change_new(const struct change *c, int column);
sqlite3_value *change_old(const struct change *c, int column);
sqlite3_value *change_key(const struct change *c, int column);

/* Applies the change that `iter` stands on. What cannot be applied is parked: that
 * is a success. -1: our own trouble, roll back. */
int change_apply(struct applying *a, sqlite3_changeset_iter *iter, struct err *e);

#endif
