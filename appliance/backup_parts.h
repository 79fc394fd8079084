/* The inside of backup: backup.c keeps objects and manifests, backup_snapshot.c reads
 * the records as of one instant, backup_key.c keeps the key and what people read,
 * backup_sweep.c removes what no generation names, restore.c makes a box of one, and
 * restore_epoch.c says what number it has. */
#ifndef TRAM_APPLIANCE_BACKUP_PARTS_H
#define TRAM_APPLIANCE_BACKUP_PARTS_H

#include "appliance/backup.h"
#include "appliance/backup_manifest.h"

#define BACKUP_PIECE_BYTES (1u << 20)
#define BACKUP_KEY_NAME    "backup"
#define BACKUP_RESTORED    "restored"

/* A generation in the making. */
struct making_copy {
    struct box *box;
    const struct backup_options *options;
    struct copy_store store;
    struct recovery_key key;
    struct manifest manifest;
    struct backup_progress progress;
    struct second_copy_counts *counts;
    struct moment began;
    struct buffer blobs; /* hashes of what is to be in it, and in the end of what is */
    struct buffer away;  /* … of originals that had left to make room */
    uint64_t vanished;   /* blobs that left while they were being copied */
};

/* Called before each object. */
int backup_go_on(struct making_copy *m, struct err *e);

/* Keeps these bytes as an object, and adds it to `p`; both must fit together. */
int backup_add_piece(struct making_copy *m, struct manifest_pieces *p, const void *bytes,
                     size_t count, struct err *e);

/* The database into objects, and the lists of the blobs that it names; fills the
 * manifest's numbers. ERR_CORRUPT: SQLite finds it damaged. */
int backup_snapshot(struct making_copy *m, struct err *e);

/* Loads or makes the key; *made is for one that no complete copy was made with. */
int backup_key_ready(struct box *b, struct random *r, struct recovery_key *out,
                     bool *made, struct err *e);
/* province.key anew, and READ-ME.txt where it is missing. */
int backup_write_words(struct making_copy *m, struct err *e);
/* The files of DIR/keys into the manifest. */
int backup_take_keys(struct making_copy *m, struct err *e);

/* Drops generations but the new one and `before`, and the objects that neither names. */
int backup_sweep(struct making_copy *m, uint64_t before, struct err *e);

/* Appends the plain bytes of pieces to `out`. */
int backup_read_pieces(struct copy_store *s, const struct manifest_pieces *p,
                       struct buffer *out, struct err *e);

/* For a box made of this copy: above `now` and above any that was given before, and
 * written down in DIR/restored. */
int backup_next_epoch(struct copy_store *s, uint8_t now, uint8_t *next, struct err *e);

#endif
