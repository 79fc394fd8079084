/* Fork, inside: fork.c leaves a line, fork_epoch.c raises the epoch, fork_names.c renames
 * frames, and says how they would be called by the names that a line gave them. */
#ifndef TRAM_SCHEMA_FORK_INTERNAL_H
#define TRAM_SCHEMA_FORK_INTERNAL_H

#include "schema/fork.h"
#include "schema/fork_ids.h"

/* ERR_REFUSED: it is not greater than the box's own, or no box's. */
int fork_check_epoch(struct store *s, uint8_t epoch, struct err *e);
int fork_set_epoch(struct store *s, uint8_t epoch, uint32_t counter, struct err *e);
/* The last counter in use in this epoch: rows that came from the centre may have it. */
int fork_counter_in_use(struct store *s, uint8_t epoch, uint32_t *out, struct err *e);

/* Frames after `last_common`, in order: a row of (sequence, schema, changeset, epoch) each. */
#define FORK_FRAMES_SQL                                                                  \
    "SELECT sequence, schema, changeset, epoch FROM changelog WHERE sequence > ?1 AND"   \
    " sequence <= ?2 ORDER BY sequence"

/* Adds the ids of those in (after, last]. */
int fork_collect(struct fork_ids *ids, sqlite3_stmt *frames, uint64_t after,
                 uint64_t last, struct err *e);
/* The frame of this row, its ids renamed; `chain` goes on through it. `begins`: the epoch
 * of the line whose first frame it becomes, or 0. */
int fork_rename_frame(const struct fork_ids *ids, sqlite3_stmt *frame, uint8_t begins,
                      struct buffer *changeset, struct hash *chain, struct err *e);
/* The chain's hash after this frame. ERR_REFUSED: there is none. */
int fork_chain_at(struct store *s, uint64_t sequence, struct hash *out, struct err *e);

#endif
