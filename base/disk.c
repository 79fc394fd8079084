#include "base/disk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define READ_CHUNK_BYTES 65536

int disk_open(struct disk *d, struct disk_file **out, const char *path,
              enum disk_open how, struct err *e)
{
    *out = NULL;
    return d->ops->open(d, out, path, how, e);
}

void disk_close(struct disk_file *f)
{
    if (f != NULL)
        f->disk->ops->close(f);
}

int disk_file_read(struct disk_file *f, void *bytes, size_t count, uint64_t offset,
                   size_t *got, struct err *e)
{
    return f->disk->ops->read_at(f, bytes, count, offset, got, e);
}

int disk_file_write(struct disk_file *f, const void *bytes, size_t count, uint64_t offset,
                    struct err *e)
{
    return f->disk->ops->write_at(f, bytes, count, offset, e);
}

int disk_file_truncate(struct disk_file *f, uint64_t bytes, struct err *e)
{
    return f->disk->ops->truncate(f, bytes, e);
}

int disk_file_sync(struct disk_file *f, struct err *e)
{
    return f->disk->ops->sync(f, e);
}

int disk_file_size(struct disk_file *f, uint64_t *bytes, struct err *e)
{
    return f->disk->ops->size(f, bytes, e);
}

int disk_file_descriptor(struct disk_file *f, int *fd, struct err *e)
{
    *fd = -1;
    return f->disk->ops->descriptor(f, fd, e);
}

void disk_file_forget(struct disk_file *f)
{
    if (f->disk->ops->forget != NULL)
        f->disk->ops->forget(f);
}

int disk_stat(struct disk *d, const char *path, struct disk_stat *out, struct err *e)
{
    *out = (struct disk_stat){DISK_NOTHING, 0};
    return d->ops->stat(d, path, out, e);
}

int disk_rename(struct disk *d, const char *from, const char *to, struct err *e)
{
    return d->ops->rename(d, from, to, e);
}

int disk_remove(struct disk *d, const char *path, struct err *e)
{
    return d->ops->remove(d, path, e);
}

int disk_make_dir(struct disk *d, const char *path, struct err *e)
{
    return d->ops->make_dir(d, path, e);
}

int disk_sync_dir(struct disk *d, const char *path, struct err *e)
{
    return d->ops->sync_dir(d, path, e);
}

int disk_list(struct disk *d, const char *path,
              int (*each)(void *arg, const char *name, struct err *e), void *arg,
              struct err *e)
{
    return d->ops->list(d, path, each, arg, e);
}

int disk_space(struct disk *d, const char *path, struct disk_space *out, struct err *e)
{
    *out = (struct disk_space){0};
    return d->ops->space(d, path, out, e);
}

int disk_free_bytes(struct disk *d, const char *path, uint64_t *out, struct err *e)
{
    struct disk_space space;
    int rc = disk_space(d, path, &space, e);

    *out = space.free_bytes;
    return rc;
}

int disk_path(char out[DISK_PATH_BYTES], struct err *e, const char *format, ...)
{
    va_list args;
    int count;

    va_start(args, format);
    count = vsnprintf(out, DISK_PATH_BYTES, format, args);
    va_end(args);
    if (count < 0 || count >= DISK_PATH_BYTES)
        return err_set(e, ERR_TOO_BIG, "path is longer than %d bytes: %.60s…",
                       DISK_PATH_BYTES - 1, out);
    return 0;
}

int disk_parent(char out[DISK_PATH_BYTES], const char *path, struct err *e)
{
    const char *end = path + strlen(path);

    while (end > path + 1 && end[-1] == '/')
        end--;
    while (end > path && end[-1] != '/')
        end--;
    if (end == path)
        return disk_path(out, e, ".");
    while (end > path + 1 && end[-1] == '/')
        end--;
    return disk_path(out, e, "%.*s", (int)(end - path), path);
}

static int make_dir_for_good(struct disk *d, const char *path, struct err *e)
{
    char parent[DISK_PATH_BYTES];

    if (disk_parent(parent, path, e) != 0 || disk_make_dir(d, path, e) != 0)
        return -1;
    return disk_sync_dir(d, parent, e);
}

/* The deepest directory that is there already is synced too: whoever made it may
 * have been stopped before syncing it. */
int disk_make_dirs(struct disk *d, const char *path, struct err *e)
{
    char parent[DISK_PATH_BYTES];
    struct disk_stat s;

    if (disk_stat(d, path, &s, e) != 0)
        return -1;
    if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
        return 0;
    if (s.kind == DISK_NOTHING) {
        if (disk_parent(parent, path, e) != 0 || disk_make_dirs(d, parent, e) != 0)
            return -1;
    }
    return make_dir_for_good(d, path, e);
}

int disk_read_all(struct disk *d, const char *path, struct buffer *out, struct err *e)
{
    int rc = -1;
    struct disk_file *f = NULL;
    unsigned char chunk[READ_CHUNK_BYTES];
    uint64_t offset = 0;
    size_t got;

    if (disk_open(d, &f, path, DISK_READ, e) != 0)
        goto out;
    do {
        if (disk_file_read(f, chunk, sizeof chunk, offset, &got, e) != 0)
            goto out;
        buffer_append(out, chunk, got);
        if (buffer_check(out, e) != 0) {
            err_wrap(e, "%s", path);
            goto out;
        }
        offset += got;
    } while (got == sizeof chunk);
    rc = 0;
out:
    disk_close(f);
    return rc;
}

static int write_new_file(struct disk *d, const char *path, const void *bytes,
                          size_t count, struct err *e)
{
    int rc = -1;
    struct disk_file *f = NULL;

    if (disk_open(d, &f, path, DISK_CREATE, e) != 0)
        goto out;
    if (disk_file_write(f, bytes, count, 0, e) != 0 || disk_file_sync(f, e) != 0)
        goto out;
    rc = 0;
out:
    disk_close(f);
    return rc;
}

int disk_replace(struct disk *d, const char *path, const void *bytes, size_t count,
                 struct err *e)
{
    char tmp[DISK_PATH_BYTES];
    char parent[DISK_PATH_BYTES];
    struct err ignored;

    if (disk_path(tmp, e, "%s.tmp", path) != 0 || disk_parent(parent, path, e) != 0)
        return -1;
    /* A power cut may have left one. */
    if (disk_remove(d, tmp, e) != 0)
        return -1;
    if (write_new_file(d, tmp, bytes, count, e) != 0 ||
        disk_rename(d, tmp, path, e) != 0) {
        (void)disk_remove(d, tmp, &ignored); /* the first failure is the one to tell */
        return -1;
    }
    return disk_sync_dir(d, parent, e);
}
