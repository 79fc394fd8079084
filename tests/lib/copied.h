/* An enrolled box with something of everything, and second copies of it on the same
 * simulated disk. */
#ifndef TRAM_TESTS_COPIED_H
#define TRAM_TESTS_COPIED_H

#include "appliance/backup.h"
#include "appliance/backup_store.h"
#include "tests/lib/enrolled.h"

#define COPY_STICK "/stick"
#define COPY_NEW   "/new"

/* Readings, corrections, fields, images, one that waits to be read, one that is held. Ends
 * as an enrolled one does. */
void copied_start(struct enrolled *n);
void copied_write(struct enrolled *n, const char *sql);

int copied_make_with(struct enrolled *n, const struct backup_options *o,
                     struct second_copy_counts *out);
struct second_copy_counts copied_make(struct enrolled *n); /* which must succeed */
struct recovery_key copied_key(struct enrolled *n);
int copied_restore_with(struct enrolled *n, const char *dir,
                        const struct recovery_key *key, const struct backup_options *o,
                        struct second_copy_counts *out);
struct second_copy_counts copied_restore(struct enrolled *n, const char *dir);

/* All synced tables, the frames, and what waits to be read. */
struct hash copied_digest(struct enrolled *n, struct box *b);
/* Opens the box in `dir`, which verify is content with, and gives its digest. */
struct hash copied_sound_box(struct enrolled *n, const char *dir, uint8_t *epoch);
bool copied_is_there(struct enrolled *n, const char *path);

/* Changes a byte of the object with this number, or changes it back; false if there are
 * not so many. */
struct spoiling {
    unsigned which, seen;
    char path[DISK_PATH_BYTES];
};
bool copied_spoil(struct enrolled *n, unsigned which, struct spoiling *s);
void copied_spoil_file(struct enrolled *n, const char *path, uint64_t at);

void copied_die_in(struct enrolled *n, uint64_t calls); /* calls of the disk */
void copied_power_cut(struct enrolled *n);
/* What the copy remembers of boxes made of it. */
void copied_forget_restores(struct enrolled *n);

#endif
