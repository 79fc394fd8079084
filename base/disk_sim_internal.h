/* What the files of the simulated disk share; nobody else includes this.
 *
 *   disk_sim.c        faults, files, power cut
 *   disk_sim_ops.c    the seam's calls
 *   disk_sim_image.c  pages that two images share
 *   disk_sim_inode.c  bytes: what readers see, what was synced, what is between
 *   disk_sim_names.c  directories: what readers see, what was synced, the journal
 *   disk_sim_vfs.c    SQLite's files over the same inodes
 *   disk_sim_shm.c    SQLite's locks and shared memory among connections
 *
 * One thread at a time. Unlike the rest of base/ this aborts when memory runs
 * out: only tests use it, and a simulator that fails half-way proves nothing. */
#ifndef TRAM_BASE_DISK_SIM_INTERNAL_H
#define TRAM_BASE_DISK_SIM_INTERNAL_H

#include <sqlite3.h>

#include "base/disk_sim.h"
#include "base/hash.h"

#define SIM_SECTOR_BYTES 512
#define SIM_PAGE_BYTES   4096

struct sim_page;

struct sim_image {
    struct sim_page **pages; /* NULL: zeros */
    size_t count;            /* bytes */
    size_t capacity;         /* pages */
};

/* A write or a truncate that was not synced. */
struct sim_write {
    uint64_t offset;      /* a truncate: the new size */
    size_t count;         /* a truncate: 0 */
    unsigned char *bytes; /* a truncate: NULL */
};

struct sim_inode;

struct sim_entry {
    char *name;
    struct sim_inode *inode;
};

struct sim_dir { /* sorted by name, in byte order */
    struct sim_entry *entries;
    size_t count;
    size_t capacity;
};

struct sim_inode {
    size_t refs; /* who points here: entries, journal, handles */
    size_t uses; /* entries that readers see, and handles; 0: takes no room */
    bool is_dir;
    /* A file. */
    struct sim_image now, synced;
    bool settled; /* `now` is not `synced` and `writes` */
    struct sim_write *writes;
    size_t writes_count, writes_capacity;
    struct sim_locks *locks; /* SQLite's; NULL while no connection has any */
    /* A directory. */
    struct sim_dir live, durable;
    bool lost_one; /* during a power cut: the rest of its journal is lost too */
};

/* One step of the journal: up to two names that change together. */
struct sim_op {
    struct sim_set {
        struct sim_inode *dir;
        char *name;
        struct sim_inode *inode; /* NULL: the name goes */
    } sets[2];
    size_t sets_count; /* the last one's directory is the one whose sync counts */
};

struct disk_sim {
    struct disk disk;
    sqlite3_vfs vfs;
    char vfs_name[32];
    uint64_t random;
    struct disk_sim_faults faults;
    uint64_t calls;
    uint64_t bytes; /* in all inodes in use */
    size_t handles;
    struct sim_inode *root;
    struct sim_op *ops;
    size_t ops_count, ops_capacity;
};

/* disk_sim.c */

struct disk_sim *disk_sim_of(const struct disk *d);

/* Grows the array at *items to hold one more. */
void *sim_grow(void *items, size_t count, size_t *capacity, size_t item_bytes);
void *sim_alloc(size_t bytes); /* zeroed */
char *sim_text(const char *text);

uint64_t sim_random(struct disk_sim *s);
bool sim_chance(struct disk_sim *s, unsigned eighths);

/* Counts a call that touches the medium and lets it fail if it must. */
int sim_touch(struct disk_sim *s, const char *what, const char *path, struct err *e);
/* Fails only when the machine is dead: for reads. */
int sim_alive(struct disk_sim *s, const char *what, const char *path, struct err *e);

int sim_open(struct disk_sim *s, struct sim_inode **out, const char *path,
             enum disk_open how, struct err *e);
void sim_close(struct disk_sim *s, struct sim_inode *n);
int sim_file_sync(struct disk_sim *s, struct sim_inode *n, const char *path,
                  struct err *e);
int sim_write(struct disk_sim *s, struct sim_inode *n, const char *path,
              const void *bytes, size_t count, uint64_t offset, struct err *e);
int sim_truncate(struct disk_sim *s, struct sim_inode *n, const char *path,
                 uint64_t bytes, struct err *e);

/* disk_sim_ops.c */

extern const struct disk_ops sim_ops;

/* disk_sim_image.c */

void sim_image_resize(struct sim_image *i, size_t count);
void sim_image_write(struct sim_image *i, const void *bytes, size_t count,
                     uint64_t offset);
/* Of bytes that are there. */
void sim_image_read(const struct sim_image *i, void *bytes, size_t count,
                    uint64_t offset);
/* `to` becomes as long as `from`, and the same in the pages that hold these bytes. */
void sim_image_share(struct sim_image *to, const struct sim_image *from, uint64_t offset,
                     size_t count);
void sim_image_release(struct sim_image *i);

/* disk_sim_inode.c */

struct sim_inode *sim_inode_create(bool is_dir);
void sim_inode_hold(struct sim_inode *n); /* NULL is fine, and below */
void sim_inode_drop(struct sim_inode *n);
/* As above, and it counts as in use: its bytes take room on the disk. */
void sim_inode_use(struct disk_sim *s, struct sim_inode *n);
void sim_inode_unuse(struct disk_sim *s, struct sim_inode *n);

size_t sim_inode_read(const struct sim_inode *n, void *bytes, size_t count,
                      uint64_t offset);
void sim_inode_write(struct disk_sim *s, struct sim_inode *n, const void *bytes,
                     size_t count, uint64_t offset);
void sim_inode_truncate(struct disk_sim *s, struct sim_inode *n, uint64_t bytes);
void sim_inode_sync(struct sim_inode *n);
/* What was not synced is kept, lost or torn, each write for itself, `keep` in
 * eighths; what readers see stays as it is. */
void sim_inode_settle(struct disk_sim *s, struct sim_inode *n, unsigned keep);
/* Readers see what was synced. */
void sim_inode_forget(struct disk_sim *s, struct sim_inode *n);

/* disk_sim_names.c */

/* Where a path leads: *inode is NULL if nothing has that name, *dir is NULL for
 * the root itself. ERR_IO when a directory on the way is missing. */
struct sim_place {
    struct sim_inode *dir;
    char name[DISK_PATH_BYTES];
    struct sim_inode *inode;
};
int sim_names_find(struct disk_sim *s, struct sim_place *out, const char *path,
                   struct err *e);

/* Change what readers see, and note it in the journal. */
void sim_names_set(struct disk_sim *s, const struct sim_place *p, struct sim_inode *n);
void sim_names_move(struct disk_sim *s, const struct sim_place *from,
                    const struct sim_place *to);
void sim_names_sync(struct disk_sim *s, struct sim_inode *dir);

/* What is in the journal is kept or lost, in order within each directory; then
 * readers see what is left. */
void sim_names_cut(struct disk_sim *s, unsigned keep);
void sim_names_release(struct disk_sim *s);

/* disk_sim_vfs.c, disk_sim_shm.c */

void sim_vfs_init(struct disk_sim *s);

#define SIM_SHM_SLOTS 8 /* SQLite's SQLITE_SHM_NLOCK */

struct sim_lock_owner { /* one connection's hold on one file */
    struct sim_inode *inode;
    int level; /* SQLITE_LOCK_… */
    bool mapped;
    bool shared[SIM_SHM_SLOTS], exclusive[SIM_SHM_SLOTS];
};

int sim_lock(struct sim_lock_owner *o, int level);
void sim_unlock(struct sim_lock_owner *o, int level);
bool sim_lock_reserved(const struct sim_lock_owner *o);
int sim_shm_map(struct sim_lock_owner *o, int region, int bytes, bool extend,
                void volatile **out);
int sim_shm_lock(struct sim_lock_owner *o, int first, int count, int flags);
void sim_shm_unmap(struct sim_lock_owner *o);
void sim_locks_destroy(struct sim_locks *l); /* NULL is fine */

#endif
