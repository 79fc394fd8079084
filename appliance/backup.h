/* Backup: the second copy of a box, in another directory (a USB stick, a disk at the
 * commune), and a box made of it again.
 *
 *   DIR/READ-ME.txt          what this is, for whoever finds it
 *   DIR/province.key         the recovery key, sealed for the centre (sync/recovery.h)
 *   DIR/generation-N         manifests, backup_manifest.h: the newest two
 *   DIR/objects, partial     what they name, backup_store.h
 *   DIR/restored             the last epoch that a box made of it was given
 *
 * Everything is encrypted under the recovery key. In it are the records as of one
 * instant, the box's keys, every original that is here and every small image. Not in
 * it: packed forms, which are made again; originals that left to make room, unless a
 * generation before had them; and papers that are held for a secrecy stamp or have not
 * been looked at yet: nothing of those leaves the box, on no road.
 *
 * What is in DIR already is not written again, but an eighth of it is read again at
 * each run, and mended. The database is cut into pieces, so that of it too only what
 * changed is written. The manifest comes last: until it stands the generation before is
 * the newest, and whole. What a complete copy holds is safe from the loss of the box; it
 * is not `safe` by the centre's word, which alone lets an original leave. */
#ifndef TRAM_APPLIANCE_BACKUP_H
#define TRAM_APPLIANCE_BACKUP_H

#include "appliance/box.h"
#include "base/random.h"
#include "sync/recovery.h"

struct backup_progress {
    uint64_t done, total; /* objects; total 0: not known yet */
    uint64_t bytes;       /* written, or read back */
};

struct backup_options {
    /* May be NULL. Non-zero: stop, ERR_FAILED; what is in DIR stays usable. */
    int (*progress)(void *arg, const struct backup_progress *p);
    void *arg;
    /* second_copy_restore: */
    uint64_t generation; /* this one; 0: the newest that opens */
    /* May be NULL. An original or an image that the copy does not give; `name` is its
     * file's, or empty. */
    void (*lost)(void *arg, const struct hash *sha256, const char *name);
};

struct second_copy_counts {
    uint64_t generation, sequence;
    uint64_t objects, copied, copied_bytes; /* in it; written now */
    uint64_t lacking;                       /* damaged or absent here: not in it */
    uint64_t held;                          /* held back for secrecy, or not looked at */
    uint64_t skipped;                       /* newer generations that do not open */
    uint64_t lost; /* damaged in the copy: the new box lacks them */
    uint8_t epoch;
    bool key_is_new; /* nobody has seen the recovery key yet: it is to be shown */
    bool other_key;  /* ERR_REFUSED: what is in DIR is of another recovery key */
};

/* Brings DIR of the disk `to` up to date, and writes into the box that it did. Beside
 * whatever else the box does; the records are as of one instant, for whose reading
 * SQLite's log grows as long as that takes. ERR_REFUSED: DIR holds a copy of another recovery key: another
 * box's, or this one's from before its key was lost.
 * ERR_CORRUPT: the records here are damaged; the generation before stays. */
int second_copy_make(struct box *b, struct disk *to, const char *dir, struct random *r,
                     const struct backup_options *o, struct second_copy_counts *out,
                     struct err *e);

/* The box's recovery key; false if it has made none yet. */
int second_copy_key(struct box *b, struct recovery_key *out, bool *found, struct err *e);

/* Makes a box in `dir` of disk `d`, where there is none (ERR_BUSY), of the copy in
 * `from_dir`. Its epoch is raised before anything else is written, above that of any
 * box made of this copy before, so that no id is given twice. Every byte is compared with its
 * hash. An original or image that does not open is passed over and told; the box asks the
 * centre for it, and takes it from paper as well. ERR_CORRUPT names what else is damaged,
 * and there is no box. ERR_REFUSED: there is no
 * copy there, or it is of another recovery key. Cut short, it is begun anew. */
int second_copy_restore(struct disk *d, struct clock *c, const char *dir,
                        struct disk *from, const char *from_dir,
                        const struct recovery_key *key, const struct backup_options *o,
                        struct second_copy_counts *out, struct err *e);

#endif
