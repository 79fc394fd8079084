/* Fork's ids: the set of those that a fork renames, and renaming them in a changeset.
 * Internal to schema/fork*.c. The new names are counted in the order in which the ids are
 * met, so that whoever renames the same frames, or the first of them, names them alike.
 *
 * A changeset is patched where it stands, because the library can build one only for
 * the columns that the tables have now, and old frames keep their schema version. Its
 * form (the session extension's documentation, "Changeset format"):
 *
 *   'T' | varint columns | a byte a column: in the key? | name | 0     a table, then its changes:
 *   u8 18 insert, 23 update, 9 delete | u8 indirect | old values (update, delete)
 *   | new values (insert, update); a value:
 *   0 none | 1 integer, 8 bytes BE | 2 real, 8 | 3 text, varint n, n | 4 blob, the same | 5 NULL */
#ifndef TRAM_SCHEMA_FORK_IDS_H
#define TRAM_SCHEMA_FORK_IDS_H

#include <sqlite3.h>

#include "schema/store.h"

#define FORK_COUNTER_MAX (((uint32_t)1 << ID_COUNTER_BITS) - 1)

struct fork_id {
    uint64_t id, name;
};

struct fork_ids {
    struct fork_id *ids; /* owned; in order, each once, when sorted */
    size_t count, capacity;
    uint16_t site;    /* whose are renamed; */
    uint8_t epoch;    /* what the next ones get … */
    uint32_t counter; /* … and a counter each, from the one after this */
};

void fork_ids_release(struct fork_ids *f); /* a zeroed one is fine */

/* Adds the ids of rows that a changeset of this epoch inserts and that were made in it.
 * Others are no row of this line: a restored centre was given back what it had lost, and
 * will have it by that name from whoever made it. Whoever goes on to another epoch goes on
 * to a higher one. ERR_CORRUPT: it is malformed; ERR_FAILED: the epoch has no more. */
int fork_ids_collect(struct fork_ids *f, uint8_t epoch, const void *changeset,
                     size_t count, struct err *e);
void fork_ids_sort(struct fork_ids *f);

/* The id's new name, or the id. Counters are given anew: those of two older epochs may be
 * the same numbers. The ids are sorted. */
uint64_t fork_ids_rename(const struct fork_ids *f, uint64_t id);

/* The same in an event's detail (schema/id_text.h), in place. */
void fork_ids_rename_in(const struct fork_ids *f, void *detail, size_t count);

/* Renames in place every id in a column that holds ids, and in details of events. */
int fork_ids_patch(const struct fork_ids *f, unsigned char *changeset, size_t count,
                   struct err *e);

/* Puts the epoch where the first change says whether it is an indirect one, which nobody
 * asks: the first frame of a line differs from all that were there before, also where it
 * has no id that could be renamed. */
int fork_ids_mark(uint8_t epoch, unsigned char *changeset, size_t count, struct err *e);

/* The columns that hold ids, of synced and local tables; sync/rows/ asks which row refers
 * to which. `number` counts from 0. */
struct fork_column {
    const char *table, *column;
    int number;
};
extern const struct fork_column fork_columns[];
extern const size_t fork_columns_count;

#endif
