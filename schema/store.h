/* Store: the one way to the records. It opens the database with the settings that
 * keep promises (WAL, synchronous=FULL, foreign_keys off, trusted_schema off),
 * migrates it, and captures every write to a synced table as a changeset in the
 * same commit.
 *
 *   store_write_begin ─► BEGIN IMMEDIATE, a session on all synced tables
 *        … the caller's statements …
 *   store_write_commit ─► changeset ► changelog (sequence + 1, chain) ► COMMIT
 *
 * So there is never a row without its frame nor a frame without its row. An empty
 * changeset takes no number. A transaction holds at most STORE_CHANGES_MAX rows
 * and STORE_CHANGESET_BYTES_MAX; long tasks call store_write_pause() where a cut
 * leaves the records whole.
 *
 * Triggers on synced tables call tram_store_writes(), a function that only the
 * store registers and that fails outside store_write_begin … commit: no other
 * program, and no forgetful caller, writes past the capture. DELETE on a synced
 * table, and UPDATE of reading or event, are refused always.
 *
 * A store is single-threaded; several threads or processes each open their own,
 * and SQLite lets one of them write at a time. */
#ifndef TRAM_SCHEMA_STORE_H
#define TRAM_SCHEMA_STORE_H

#include <sqlite3.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/hash.h"

#define STORE_CHANGES_MAX         1000
#define STORE_CHANGESET_BYTES_MAX 262144

/* Ids: site | epoch | counter. */
#define ID_COUNTER_BITS 28
#define ID_EPOCH_BITS   8
#define ID_SITE_BITS    16
#define SITE_DEMO       65535
#define SITE_MAX        65534

uint64_t id_make(uint16_t site, uint8_t epoch, uint32_t counter);
uint16_t id_site(uint64_t id);

struct store;

/* Of a new box. 0 names no line: where nothing has been left, nothing was before. */
#define STORE_EPOCH_FIRST 1

struct store_identity {
    uint16_t site;
    uint8_t epoch;
    char name[128];
};

/* Makes DIR/tram.db (and syncs DIR); ERR_BUSY if it is there. What an init leaves
 * that was cut short, store_open() refuses and another store_init() finishes. */
int store_init(struct disk *d, struct clock *c, const char *dir,
               const struct store_identity *who, struct err *e);

/* Opens DIR/tram.db and migrates it. `d` and `c` must outlive it. On failure *out
 * is NULL. ERR_REFUSED: not a Trạm database, or made by a newer program. */
int store_open(struct store **out, struct disk *d, struct clock *c, const char *dir,
               struct err *e);
/* NULL is fine; rolls back what is open. Statements of the caller's on store_db()
 * must be finalised first, or the file stays open until they are. */
void store_close(struct store *s);

/* For statements of the caller's own; never for BEGIN, COMMIT or PRAGMA. */
sqlite3 *store_db(struct store *s);
const struct store_identity *store_identity(const struct store *s);
/* The epoch as it is now: another connection may have raised it (schema/fork.h). The
 * identity tells it from then on. */
int store_epoch(struct store *s, uint8_t *epoch, struct err *e);
/* By epoch: the last frame that was made in it, 0 if none was. */
#define STORE_EPOCHS 256
int store_lines(struct store *s, uint64_t last[STORE_EPOCHS], struct err *e);
int store_now(struct store *s, struct moment *out, struct err *e);

/* A snapshot for several reads that must agree. Reads outside are fine; inside a
 * write or another read, its snapshot serves. */
int store_read_begin(struct store *s, struct err *e);
void store_read_end(struct store *s);

/* ERR_BUSY if somebody else writes for longer than the busy time-out. */
int store_write_begin(struct store *s, struct err *e);

/* *sequence (may be NULL) is the frame's number, 0 if nothing synced changed.
 * After a failure the transaction is rolled back: ERR_TOO_BIG above the caps. */
int store_write_commit(struct store *s, uint64_t *sequence, struct err *e);
void store_write_rollback(struct store *s); /* none open: fine */

/* Commits and begins anew if the transaction has reached half of a cap; *cut (may
 * be NULL) says whether it did. After a failure nothing is open. Between two calls
 * less than half of a cap may be added: one page's text, not its layout too. */
int store_write_pause(struct store *s, bool *cut, struct err *e);

/* A write of what another side has captured already: rows change, the guard is
 * content, and nothing is captured, so that a box's changes never look like the
 * centre's own. The rules of synced tables stay (no DELETE, nothing changes in
 * reading or event). Also for local tables alone. Never mixed with store_write_…;
 * after a failure of commit the transaction is rolled back. */
int store_apply_begin(struct store *s, struct err *e);
/* While `on`, what is written is this store's own change all the same, and the commit
 * captures it: what could not be applied, and is told to the other side. */
int store_apply_watch(struct store *s, bool on, struct err *e);
/* Between two rows: what was watched so far becomes a frame of its own if it has reached
 * half of a cap, or would with `bytes` more. All frames of one apply are on disk
 * together, or none is. */
int store_apply_cut(struct store *s, size_t bytes, struct err *e);
/* Whether one frame can hold what was watched since the last cut. */
bool store_apply_holds(struct store *s);
/* These changes, which the rows hold already, become a frame of this store's own: what
 * the other side has lost. ERR_TOO_BIG above the caps. */
int store_apply_say(struct store *s, const struct buffer *changeset, struct err *e);
int store_apply_commit(struct store *s, struct err *e);
void store_apply_rollback(struct store *s); /* none open: fine */

/* A new id. Only inside a write. */
int store_new_id(struct store *s, uint64_t *id, struct err *e);

/* The synced tables' names, in a fixed order. */
size_t store_synced_tables(struct store *s, const char *const **names);

/* Age of a moment, "at least", by the boots this store remembers. */
int store_age_ms_min(struct store *s, const struct moment *then, int64_t *age_ms,
                     struct err *e);

/* For copies of a database: brings what is in the write-ahead log into its one file.
 * ERR_BUSY: somebody else has it open. */
int store_settle(struct store *s, struct err *e);
/* SQLite's files beside a database: a log that was left there of another one would be
 * taken for this one's. Not synced. */
int store_remove_log(struct disk *d, const char *database, struct err *e);

/* For the negative controls of tests only: what must turn them red. */
enum store_sabotage { STORE_SOUND, STORE_SYNCHRONOUS_NORMAL };
void store_sabotage_next_open(enum store_sabotage how);

/* What is wrong with the database, one call of `each` a problem (English, for an
 * operator): SQLite's integrity check, the chain from the first frame, and the
 * fold: all changesets applied in order to an empty database give the synced
 * tables as they stand. -1 only if it could not be checked.
 *
 * What came from elsewhere is no frame of this store's: `came` (NULL: nothing ever came)
 * applies it to the fold, in its place: called before each frame, with what that frame
 * had seen, and once after the last. ERR_CORRUPT of it is a problem. */
struct store_came {
    int (*until)(void *arg, sqlite3 *fold, uint64_t frame, uint64_t seen,
                 uint8_t seen_epoch, struct err *e);
    void *arg;
};
int store_verify(struct store *s, const struct store_came *came,
                 void (*each)(void *arg, const char *problem), void *arg, struct err *e);

#endif
