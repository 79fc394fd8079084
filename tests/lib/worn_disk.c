#include "tests/lib/worn_disk.h"

#include <stdlib.h>
#include <string.h>

struct worn_file {
    struct disk_file file;
    struct disk_file *under;
};

static struct worn_disk *worn(struct disk *d)
{
    return (struct worn_disk *)(void *)d;
}

static struct disk_file *below(struct disk_file *f)
{
    return ((struct worn_file *)(void *)f)->under;
}

static bool is_in(const char *path, const char *part)
{
    return part != NULL && strstr(path, part) != NULL;
}

static int worn_open(struct disk *d, struct disk_file **out, const char *path,
                     enum disk_open how, struct err *e)
{
    struct worn_file *f = calloc(1, sizeof *f);

    if (f == NULL)
        return err_set(e, ERR_MEMORY, "open %s", path);
    if (is_in(path, worn(d)->absent)) {
        free(f);
        return err_set(e, ERR_IO, "open %s: it is not there", path);
    }
    if (is_in(path, worn(d)->unopened)) {
        free(f);
        return err_set(e, ERR_IO, "open %s: bad block", path);
    }
    if (disk_path(f->file.path, e, "%s", path) != 0 ||
        disk_open(worn(d)->under, &f->under, path, how, e) != 0) {
        free(f);
        return -1;
    }
    f->file.disk = d;
    *out = &f->file;
    return 0;
}

static void worn_close(struct disk_file *f)
{
    disk_close(below(f));
    free(f);
}

static int worn_read(struct disk_file *f, void *bytes, size_t count, uint64_t offset,
                     size_t *got, struct err *e)
{
    struct worn_disk *w = worn(f->disk);

    if (is_in(f->path, w->unread) && offset + count > w->unread_from) {
        if (w->unread_once)
            w->unread = NULL;
        return err_set(e, ERR_IO, "read %s: a bad block", f->path);
    }
    return disk_file_read(below(f), bytes, count, offset, got, e);
}

static int worn_write(struct disk_file *f, const void *bytes, size_t count,
                      uint64_t offset, struct err *e)
{
    return disk_file_write(below(f), bytes, count, offset, e);
}

static int worn_truncate(struct disk_file *f, uint64_t bytes, struct err *e)
{
    return disk_file_truncate(below(f), bytes, e);
}

static int worn_sync(struct disk_file *f, struct err *e)
{
    return disk_file_sync(below(f), e);
}

static int worn_size(struct disk_file *f, uint64_t *bytes, struct err *e)
{
    return disk_file_size(below(f), bytes, e);
}

static int worn_descriptor(struct disk_file *f, int *fd, struct err *e)
{
    return disk_file_descriptor(below(f), fd, e);
}

static int worn_stat(struct disk *d, const char *path, struct disk_stat *out,
                     struct err *e)
{
    if (is_in(path, worn(d)->unseen))
        return err_set(e, ERR_IO, "stat %s: a bad block", path);
    *out = (struct disk_stat){.kind = DISK_NOTHING};
    if (is_in(path, worn(d)->absent))
        return 0;
    return disk_stat(worn(d)->under, path, out, e);
}

static int worn_rename(struct disk *d, const char *from, const char *to, struct err *e)
{
    return disk_rename(worn(d)->under, from, to, e);
}

static int worn_remove(struct disk *d, const char *path, struct err *e)
{
    return disk_remove(worn(d)->under, path, e);
}

static int worn_make_dir(struct disk *d, const char *path, struct err *e)
{
    return disk_make_dir(worn(d)->under, path, e);
}

static int worn_sync_dir(struct disk *d, const char *path, struct err *e)
{
    return disk_sync_dir(worn(d)->under, path, e);
}

static int worn_list(struct disk *d, const char *path,
                     int (*each)(void *arg, const char *name, struct err *e), void *arg,
                     struct err *e)
{
    return disk_list(worn(d)->under, path, each, arg, e);
}

static int worn_space(struct disk *d, const char *path, struct disk_space *out,
                      struct err *e)
{
    return disk_space(worn(d)->under, path, out, e);
}

static const struct disk_ops worn_ops = {
    .open = worn_open,
    .close = worn_close,
    .read_at = worn_read,
    .write_at = worn_write,
    .truncate = worn_truncate,
    .sync = worn_sync,
    .size = worn_size,
    .descriptor = worn_descriptor,
    .stat = worn_stat,
    .rename = worn_rename,
    .remove = worn_remove,
    .make_dir = worn_make_dir,
    .sync_dir = worn_sync_dir,
    .list = worn_list,
    .space = worn_space,
};

void worn_disk_init(struct worn_disk *w, struct disk *under)
{
    *w =
        (struct worn_disk){.disk = {.ops = &worn_ops, .vfs = under->vfs}, .under = under};
}
