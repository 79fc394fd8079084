/* Fork: a box that was put back to an older state without noticing, or whose card was
 * cloned, has made frames under numbers that the centre knows with other contents.
 * The line leaves the centre's after frame `last_common`; what was made here after it
 * becomes frames of a new epoch:
 *
 *   1 ─► 2 ─► 3 ─► 4  ─► 5     the centre's, epoch 1
 *             └──► 4' ─► 5'    this box's, epoch 1: the same numbers, the same ids
 *             └──► 4" ─► 5"    after fork_line(…, 3, 2): epoch 2, ids of epoch 2
 *
 * Every id given out in those frames gets the new epoch and a new counter, in the rows,
 * in whatever refers to them (local tables, events' details and the search index too) and
 * in the changesets; the first frame gets the line's epoch too (fork_ids_mark()), so that no
 * frame of a new line has the hash of an old one; the chain is made anew; bundles and receipts of what was replaced are
 * forgotten, and so are leases of pages, by their old names. Ids are eight fixed bytes in
 * a changeset, or text of one length (id_text.h), so its length, order and schema stay. Frames are not made again from rows:
 * what was done in between is history.
 *
 * A new line begins with an event, so that the centre hears of it, and gives back what it
 * has beyond the old one, also where nobody writes anything more.
 *
 * A second copy of the box, made before it left its line, still has frames 4' and 5'. Who
 * is made again of it must not rename them to yet other names: new names are counted in the
 * order of the frames, so that 4" and 5" come out of 4' and 5' again, the same bytes, by the
 * epoch that they got. The centre says which that is: it knows the chain's hash. */
#ifndef TRAM_SCHEMA_FORK_H
#define TRAM_SCHEMA_FORK_H

#include "schema/fork_names.h"
#include "schema/records.h"

/* One transaction, the event `forked` in it. `epoch` is greater than this box's and than
 * any that the centre has seen of it. ERR_REFUSED: it is not, or there is no frame
 * `last_common`; ERR_CORRUPT: a frame cannot be read. Nothing changed then. */
int fork_line(struct records *r, uint64_t last_common, uint8_t epoch, const char *actor,
              struct err *e);
/* The same behind `names->after`; what is of those names gets them, of that epoch, and what
 * follows gets new ones. */
int fork_line_as(struct records *r, const struct fork_names *names, uint8_t epoch,
                 const char *actor, struct err *e);
/* The chain's hashes after each of those frames, as they would be by those names: last -
 * after of them. */
int fork_named_chain(struct store *s, const struct fork_names *names, struct hash *out,
                     struct err *e);

/* Raises the epoch before the first write of a box that was put back knowingly: ids of
 * what it makes from now on are new anyhow, so that nothing is renamed. ERR_REFUSED: not
 * greater than its own. */
int fork_epoch(struct store *s, uint8_t epoch, struct err *e);

/* The same inside the caller's store_apply_begin(), who calls store_epoch() after the
 * commit; and the event that tells of it, whose subject is the line itself. */
int fork_raise(struct store *s, uint8_t epoch, struct err *e);
int fork_tell(struct records *r, const char *kind, const char *actor, const char *detail,
              struct err *e);

/* The highest epoch that any id of this box's here has, or the box itself. */
int fork_epoch_known(struct store *s, uint8_t *epoch, struct err *e);

#endif
