/* Disk: every file call of ours goes through one `struct disk`, and SQLite goes
 * through the VFS that the same disk names, so that a simulated disk can forget
 * what was not synced, fill up, or fail the nth call.
 *
 * The system's disk (disk_system) is POSIX, and its VFS is SQLite's own "unix":
 * locks and shared memory are SQLite's business, and well kept there. The
 * simulated disk (disk_sim.h) brings a VFS of its own over the same files.
 *
 * What survives a power cut is what POSIX promises and no more:
 *   - bytes of a file: after disk_file_sync() of that file;
 *   - a name (created, renamed, removed): after disk_sync_dir() of its directory;
 * so a file is kept by: write, disk_file_sync, disk_rename, disk_sync_dir.
 *
 * Paths are UTF-8 with '/'. A disk may be used by several threads at once; a
 * disk_file by one at a time. */
#ifndef TRAM_BASE_DISK_H
#define TRAM_BASE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"

struct disk_file;

/* Never through a link, and plain files only: ERR_REFUSED for anything else. */
enum disk_open {
    DISK_READ,   /* must exist */
    DISK_WRITE,  /* read and write; must exist */
    DISK_CREATE, /* read and write; must not exist: ERR_BUSY if it does */
};

enum disk_kind { DISK_NOTHING, DISK_FILE, DISK_DIR, DISK_OTHER };

struct disk_stat {
    enum disk_kind kind; /* DISK_NOTHING is an answer, not an error */
    uint64_t bytes;
};

/* Of the file system that holds a path, as far as we may use it. */
struct disk_space {
    uint64_t free_bytes, total_bytes;
};

struct disk_ops;

struct disk {
    const struct disk_ops *ops;
    const char *vfs; /* registered name for sqlite3_open_v2(); NULL: SQLite's default */
};

/* What a disk implements; callers use the functions below. Errors name the path. */
struct disk_ops {
    int (*open)(struct disk *d, struct disk_file **out, const char *path,
                enum disk_open how, struct err *e);
    void (*close)(struct disk_file *f);
    /* Fewer bytes than asked only at the end of the file. */
    int (*read_at)(struct disk_file *f, void *bytes, size_t count, uint64_t offset,
                   size_t *got, struct err *e);
    int (*write_at)(struct disk_file *f, const void *bytes, size_t count, uint64_t offset,
                    struct err *e);
    int (*truncate)(struct disk_file *f, uint64_t bytes, struct err *e);
    int (*sync)(struct disk_file *f, struct err *e);
    int (*size)(struct disk_file *f, uint64_t *bytes, struct err *e);
    /* A descriptor to hand to another process, for reading only. The caller
     * closes it. (The simulated disk answers with a sealed copy in memory.) */
    int (*descriptor)(struct disk_file *f, int *fd, struct err *e);
    int (*stat)(struct disk *d, const char *path, struct disk_stat *out, struct err *e);
    int (*rename)(struct disk *d, const char *from, const char *to, struct err *e);
    int (*remove)(struct disk *d, const char *path, struct err *e);   /* absent: fine */
    int (*make_dir)(struct disk *d, const char *path, struct err *e); /* there: fine */
    int (*sync_dir)(struct disk *d, const char *path, struct err *e);
    int (*list)(struct disk *d, const char *path,
                int (*each)(void *arg, const char *name, struct err *e), void *arg,
                struct err *e); /* in byte order of the names; no "." and ".." */
    int (*space)(struct disk *d, const char *path, struct disk_space *out, struct err *e);
    void (*forget)(struct disk_file *f); /* NULL: reads come from the medium anyway */
};

/* The machine's own. Static; never released. */
struct disk *disk_system(void);

/* On failure *out is NULL. */
int disk_open(struct disk *d, struct disk_file **out, const char *path,
              enum disk_open how, struct err *e);
void disk_close(struct disk_file *f); /* NULL is fine; says nothing about syncing */
int disk_file_read(struct disk_file *f, void *bytes, size_t count, uint64_t offset,
                   size_t *got, struct err *e);
int disk_file_write(struct disk_file *f, const void *bytes, size_t count, uint64_t offset,
                    struct err *e);
int disk_file_truncate(struct disk_file *f, uint64_t bytes, struct err *e);
int disk_file_sync(struct disk_file *f, struct err *e);
int disk_file_size(struct disk_file *f, uint64_t *bytes, struct err *e);
int disk_file_descriptor(struct disk_file *f, int *fd, struct err *e);
/* What was synced is read from the medium again, not from memory, as far as the system
 * does as it is asked: for who wants to know what a stick really holds. */
void disk_file_forget(struct disk_file *f);
int disk_stat(struct disk *d, const char *path, struct disk_stat *out, struct err *e);
int disk_rename(struct disk *d, const char *from, const char *to, struct err *e);
int disk_remove(struct disk *d, const char *path, struct err *e);
int disk_make_dir(struct disk *d, const char *path, struct err *e);
int disk_sync_dir(struct disk *d, const char *path, struct err *e);
int disk_list(struct disk *d, const char *path,
              int (*each)(void *arg, const char *name, struct err *e), void *arg,
              struct err *e);
int disk_space(struct disk *d, const char *path, struct disk_space *out, struct err *e);

/* Made from the above. */

/* Makes `path` and its missing parents, each synced into its parent; the deepest
 * one that was there already is synced again. */
int disk_make_dirs(struct disk *d, const char *path, struct err *e);

int disk_free_bytes(struct disk *d, const char *path, uint64_t *out, struct err *e);

/* Appends the whole file to `out`, within its cap. */
int disk_read_all(struct disk *d, const char *path, struct buffer *out, struct err *e);

/* Replaces the file at once and for good: "path.tmp", sync, rename, sync of the
 * directory. After a failure the old file stands, or (when only the last sync
 * failed) the new one does, whole; never a mixture. One caller a path at a time. */
int disk_replace(struct disk *d, const char *path, const void *bytes, size_t count,
                 struct err *e);

/* Formats a path; ERR_TOO_BIG if it does not fit. */
#define DISK_PATH_BYTES 1024
int disk_path(char out[DISK_PATH_BYTES], struct err *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The directory that holds `path`: "." for a bare name, "/" at the top. */
int disk_parent(char out[DISK_PATH_BYTES], const char *path, struct err *e);

/* Every disk_file begins with this; implementations put their own behind it. */
struct disk_file {
    struct disk *disk;
    char path[DISK_PATH_BYTES];
};

#endif
