/* Journal: bundles as they came, proved and kept before anybody is told.
 *
 *   bundle ─► of this site? ─► authentic? ─► after a gap ───────────► held
 *                                        └► its chain and signature ─► ready ─► applied
 *                                                                      (apply.h)
 *
 * A bundle of a higher epoch that leaves our line at an older frame begins a new line
 * (lines.h), once all of the old one is applied; until then it is held, as is one of a line
 * whose beginning has not come. What comes late of a line that was left is added to that:
 * apply.h applies it, and gives it to the box.
 *
 * A bundle may lean on frames that we have (history.h); after a gap it is held unopened, as
 * what it leans on may be what is missing. One that leans on what we do not have is
 * refused with that word, and no alarm: the box packs its frames otherwise.
 *
 * Frames that we have are skipped, so runs may overlap freely; each of them is
 * compared with the chain hash that we remember for it. What was held is proved when
 * the gap before it closes. One transaction takes a bundle: its row, its frames'
 * hashes and the site's cursor. */
#ifndef TRAM_SYNC_CENTRE_JOURNAL_H
#define TRAM_SYNC_CENTRE_JOURNAL_H

#include "sync/centre/sites.h"

enum journal_verdict {
    JOURNAL_TAKEN, /* its end is received now */
    JOURNAL_HELD,  /* kept, but frames before it are missing */
    JOURNAL_LATE,  /* kept, and will be applied: of a line that the site has left */
    JOURNAL_KNOWN, /* nothing in it is new */
    JOURNAL_REFUSED,
};

/* Takes a whole bundle from the site that has proved itself. On disk when it
 * returns, JOURNAL_REFUSED apart: then *why says how, and an alarm is kept. -1: our
 * own trouble; nothing changed. */
int journal_take(struct centre *c, uint16_t site, const struct object_id *object,
                 const void *bytes, size_t count, enum journal_verdict *verdict,
                 enum refused *why, struct err *e);

/* All of the site's line is applied: a new line that waited for that may begin, with what
 * was held. A transaction of its own; *released says whether there was any. */
int journal_release(struct centre *c, uint16_t site, bool *released, struct err *e);

/* Whether this very bundle is in it. */
int journal_has(struct centre *c, uint16_t site, const struct object_id *object,
                bool *has, struct err *e);

/* The gap before the first held bundle; both 0 if nothing is held. */
int journal_missing(struct centre *c, uint16_t site, uint64_t *first, uint64_t *last,
                    struct err *e);

/* Object id as the journal keeps it: kind, then id. */
void journal_bind_object(sqlite3_stmt *s, int place, const struct object_id *object);

/* The chain hash after a frame that was received; that of sequence 0 is the chain's
 * start. ERR_CORRUPT: it is not there. */
int journal_chain(struct centre *c, uint16_t site, uint64_t sequence, struct hash *out,
                  struct err *e);

#endif
