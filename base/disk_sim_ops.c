/* The seam's calls on the simulated disk. */
#include "base/disk_sim_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FREE_BYTES_UNLIMITED ((uint64_t)1 << 40)

struct sim_file {
    struct disk_file file;
    struct sim_inode *inode;
};

static struct sim_inode *inode_of(const struct disk_file *f)
{
    return ((const struct sim_file *)f)->inode;
}

static int sim_op_open(struct disk *d, struct disk_file **out, const char *path,
                       enum disk_open how, struct err *e)
{
    struct sim_file *f = sim_alloc(sizeof *f);

    f->file.disk = d;
    if (disk_path(f->file.path, e, "%s", path) != 0 ||
        sim_open(disk_sim_of(d), &f->inode, path, how, e) != 0) {
        free(f);
        return -1;
    }
    *out = &f->file;
    return 0;
}

static void sim_op_close(struct disk_file *f)
{
    sim_close(disk_sim_of(f->disk), inode_of(f));
    free(f);
}

static int sim_op_read_at(struct disk_file *f, void *bytes, size_t count, uint64_t offset,
                          size_t *got, struct err *e)
{
    if (sim_alive(disk_sim_of(f->disk), "read", f->path, e) != 0)
        return -1;
    *got = sim_inode_read(inode_of(f), bytes, count, offset);
    return 0;
}

static int sim_op_write_at(struct disk_file *f, const void *bytes, size_t count,
                           uint64_t offset, struct err *e)
{
    return sim_write(disk_sim_of(f->disk), inode_of(f), f->path, bytes, count, offset, e);
}

static int sim_op_truncate(struct disk_file *f, uint64_t bytes, struct err *e)
{
    return sim_truncate(disk_sim_of(f->disk), inode_of(f), f->path, bytes, e);
}

static int sim_op_sync(struct disk_file *f, struct err *e)
{
    return sim_file_sync(disk_sim_of(f->disk), inode_of(f), f->path, e);
}

static int sim_op_size(struct disk_file *f, uint64_t *bytes, struct err *e)
{
    *bytes = inode_of(f)->now.count;
    return sim_alive(disk_sim_of(f->disk), "stat", f->path, e);
}

static int copy_to_descriptor(int fd, const struct sim_image *i, const char *path,
                              struct err *e)
{
    unsigned char page[SIM_PAGE_BYTES];
    size_t done = 0;

    while (done < i->count) {
        size_t part = i->count - done < sizeof page ? i->count - done : sizeof page;
        ssize_t n;

        sim_image_read(i, page, part, done);
        n = pwrite(fd, page, part, (off_t)done);

        if (n < 0)
            return err_set_errno(e, ERR_IO, "copy %s", path);
        done += (size_t)n;
    }
    return 0;
}

static int sim_op_descriptor(struct disk_file *f, int *fd, struct err *e)
{
    int copy;

    if (sim_alive(disk_sim_of(f->disk), "open", f->path, e) != 0)
        return -1;
    copy = memfd_create("tram-sim", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy < 0)
        return err_set_errno(e, ERR_IO, "copy %s", f->path);
    if (copy_to_descriptor(copy, &inode_of(f)->now, f->path, e) != 0) {
        (void)close(copy); /* nobody has seen it */
        return -1;
    }
    if (fcntl(copy, F_ADD_SEALS,
              F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        err_set_errno(e, ERR_IO, "seal %s", f->path);
        (void)close(copy); /* nobody has seen it */
        return -1;
    }
    *fd = copy;
    return 0;
}

static int sim_op_stat(struct disk *d, const char *path, struct disk_stat *out,
                       struct err *e)
{
    struct sim_place p;
    struct err missing;

    if (sim_alive(disk_sim_of(d), "stat", path, e) != 0)
        return -1;
    /* A missing directory on the way is an answer too. */
    if (sim_names_find(disk_sim_of(d), &p, path, &missing) != 0 || p.inode == NULL)
        return 0;
    out->kind = p.inode->is_dir ? DISK_DIR : DISK_FILE;
    out->bytes = p.inode->now.count;
    return 0;
}

/* Directories are only moved to where nothing is. */
static int rename_check(const struct sim_place *f, const struct sim_place *t,
                        const char *from, const char *to, struct err *e)
{
    if (f->inode == NULL || f->dir == NULL || t->dir == NULL)
        return err_set(e, ERR_IO, "rename %s to %s: no such file", from, to);
    if (f->inode->is_dir && (t->inode != NULL || strncmp(from, to, strlen(from)) == 0))
        return err_set(e, ERR_IO, "rename %s to %s: a directory cannot go there", from,
                       to);
    if (t->inode != NULL && t->inode->is_dir)
        return err_set(e, ERR_IO, "rename %s to %s: a directory is there", from, to);
    return 0;
}

static int sim_op_rename(struct disk *d, const char *from, const char *to, struct err *e)
{
    struct disk_sim *s = disk_sim_of(d);
    struct sim_place f, t;

    if (sim_touch(s, "rename", from, e) != 0 || sim_names_find(s, &f, from, e) != 0 ||
        sim_names_find(s, &t, to, e) != 0 || rename_check(&f, &t, from, to, e) != 0)
        return -1;
    if (f.inode != t.inode)
        sim_names_move(s, &f, &t);
    return 0;
}

static int sim_op_remove(struct disk *d, const char *path, struct err *e)
{
    struct disk_sim *s = disk_sim_of(d);
    struct sim_place p;
    struct err missing;

    if (sim_touch(s, "remove", path, e) != 0)
        return -1;
    if (sim_names_find(s, &p, path, &missing) != 0 || p.inode == NULL)
        return 0;
    if (p.dir == NULL || (p.inode->is_dir && p.inode->live.count > 0))
        return err_set(e, ERR_IO, "remove %s: the directory is not empty", path);
    sim_names_set(s, &p, NULL);
    return 0;
}

static int sim_op_make_dir(struct disk *d, const char *path, struct err *e)
{
    struct disk_sim *s = disk_sim_of(d);
    struct sim_place p;
    struct sim_inode *n;

    if (sim_touch(s, "make directory", path, e) != 0 ||
        sim_names_find(s, &p, path, e) != 0)
        return -1;
    if (p.inode != NULL) {
        if (!p.inode->is_dir)
            return err_set(e, ERR_IO, "%s is there and is not a directory", path);
        return 0;
    }
    n = sim_inode_create(true);
    sim_names_set(s, &p, n);
    sim_inode_drop(n); /* the name holds it now */
    return 0;
}

static int find_dir(struct disk_sim *s, struct sim_inode **out, const char *path,
                    struct err *e)
{
    struct sim_place p;

    if (sim_names_find(s, &p, path, e) != 0)
        return -1;
    if (p.inode == NULL || !p.inode->is_dir)
        return err_set(e, ERR_IO, "%s: no such directory", path);
    *out = p.inode;
    return 0;
}

static int sim_op_sync_dir(struct disk *d, const char *path, struct err *e)
{
    struct disk_sim *s = disk_sim_of(d);
    struct sim_inode *dir;

    if (sim_touch(s, "sync", path, e) != 0 || find_dir(s, &dir, path, e) != 0)
        return -1;
    if (!s->faults.ignore_dir_sync)
        sim_names_sync(s, dir);
    return 0;
}

/* `each` may remove what it is told of, so the names are copied first. */
static int sim_op_list(struct disk *d, const char *path,
                       int (*each)(void *arg, const char *name, struct err *e), void *arg,
                       struct err *e)
{
    struct sim_inode *dir;
    char **names;
    size_t count;
    int rc = 0;

    if (sim_alive(disk_sim_of(d), "list", path, e) != 0 ||
        find_dir(disk_sim_of(d), &dir, path, e) != 0)
        return -1;
    count = dir->live.count;
    names = sim_alloc((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = sim_text(dir->live.entries[i].name);
    for (size_t i = 0; i < count; i++) {
        if (rc == 0)
            rc = each(arg, names[i], e);
        free(names[i]);
    }
    free(names);
    return rc;
}

static int sim_op_space(struct disk *d, const char *path, struct disk_space *out,
                        struct err *e)
{
    struct disk_sim *s = disk_sim_of(d);
    uint64_t max = s->faults.bytes_max;

    out->free_bytes = max == 0         ? FREE_BYTES_UNLIMITED
                      : max > s->bytes ? max - s->bytes
                                       : 0;
    out->total_bytes = s->bytes + out->free_bytes;
    return sim_alive(s, "stat", path, e);
}

const struct disk_ops sim_ops = {
    .open = sim_op_open,
    .close = sim_op_close,
    .read_at = sim_op_read_at,
    .write_at = sim_op_write_at,
    .truncate = sim_op_truncate,
    .sync = sim_op_sync,
    .size = sim_op_size,
    .descriptor = sim_op_descriptor,
    .stat = sim_op_stat,
    .rename = sim_op_rename,
    .remove = sim_op_remove,
    .make_dir = sim_op_make_dir,
    .sync_dir = sim_op_sync_dir,
    .list = sim_op_list,
    .space = sim_op_space,
};
