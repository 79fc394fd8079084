/* Own: what this end changed by itself, of which the other end may not know. A set of
 * (table, key, column), each with the last frame that touched it, read once from
 * frames and asked for each column that comes in.
 *
 * Touched, not altered: a column that went to another value and back in two frames was
 * touched, and the other end, which sees both frames, must decide as we do. */
#ifndef TRAM_SYNC_ROWS_OWN_H
#define TRAM_SYNC_ROWS_OWN_H

#include "base/hash.h"
#include "sync/rows/change.h"

struct own_touch;

struct rows_own {
    struct own_touch *list; /* owned; in order once asked */
    size_t count, capacity;
    bool sorted;
};

/* A frame of our own. */
struct own_frame {
    uint8_t epoch; /* ours when it was made */
    uint64_t sequence;
    uint64_t seen;      /* the other end's last sequence applied here then … */
    uint8_t seen_epoch; /* … and its epoch that this one is of */
    const void *changeset;
    size_t changeset_bytes;
};

void rows_own_release(struct rows_own *o); /* a zeroed one is fine */
void rows_own_clear(struct rows_own *o);   /* keeps the memory */

/* Frames in their order. Tables that are not in `t` are passed over. */
int rows_own_add(struct rows_own *o, struct rows_tables *t, const struct own_frame *f,
                 struct err *e);

/* Adds the frames that a statement gives: epoch, sequence, seen, changeset, seen_epoch.
 * *to becomes the last sequence. */
int rows_own_read(struct rows_own *o, struct rows_tables *t, sqlite3_stmt *s,
                  uint64_t *to, struct err *e);

/* How a column of a change that comes in stands to ours. */
enum own_relation {
    OWN_BEFORE,     /* we did not touch it, or the other end had seen it */
    OWN_CONCURRENT, /* it was made without having seen ours */
    OWN_AFTER,      /* ours was made having seen it: only of what was parked */
};

/* The frame that came. */
struct own_question {
    uint8_t seen_epoch; /* our epoch that `seen` is of */
    uint64_t seen;      /* our last sequence applied there when it was made */
    uint64_t sequence;  /* its own … */
    uint8_t epoch;      /* … and its writer's epoch */
};

/* `c` has its table. `column` -1: that we made the row itself. */
enum own_relation rows_own_ask(struct rows_own *o, const struct row_change *c, int column,
                               const struct own_question *q);

#endif
