/* Backup: the whole centre in another directory, verified; and back from there.
 *
 *   DIR/tram.db  DIR/blobs/  DIR/keys/  DIR/dictionaries/    as in the data directory
 *   DIR/manifest.json                        written last: a backup without it is none
 *
 * The keys are in it, readable by its owner alone, because without them no box would
 * take the restored centre for its own: a backup is as secret as the centre. What a
 * verified backup holds is safe, and boxes are told so with the next receipt. */
#ifndef TRAM_SYNC_CENTRE_BACKUP_H
#define TRAM_SYNC_CENTRE_BACKUP_H

#include "sync/centre/centre.h"

struct backup_counts {
    uint64_t sites, originals;
    /* Sites of which something is not sound: not called safe. After a restore: was not
     * when the backup was made. */
    uint64_t withheld;
    uint64_t lacking; /* originals that are absent, altered or cannot be read */
    uint8_t epoch;    /* after a restore: the new one */
};

/* Copies, opens the copy, verifies it, writes its manifest, and only then marks here
 * what is in it as safe. `dir` must be absent or empty. Beside a serve it is as of one
 * instant. Where one site's journal or rows are not sound, that site is told nothing new
 * to be safe, and an original that is not is not called so: each is an alarm, and the
 * others are as ever. ERR_CORRUPT: the copy as a whole is not sound, and nothing was
 * marked. */
int backup_make(struct centre *c, const char *dir, struct backup_counts *out,
                struct err *e);

/* Makes a centre in `dir`, where there is none, of the backup in `from`. Its epoch is
 * higher than the backup's and than that of any centre made of it before (FROM/restored
 * remembers), so that boxes send again what it does not have; some site numbers are
 * passed over, because they may have been given out since. An original that the backup
 * does not give is not held by that centre, so that its box sends it again. A site that
 * was not sound when the backup was made is an alarm there. */
int backup_restore(struct disk *d, struct clock *c, struct random *r, const char *from,
                   const char *dir, struct backup_counts *out, struct err *e);

#endif
