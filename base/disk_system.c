/* The machine's own disk: POSIX calls, each done to its end. */
#include "base/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Papers of other people: nobody but the owner looks in. */
#define FILE_MODE 0600
#define DIR_MODE  0700

struct system_file {
    struct disk_file file;
    int fd;
    enum disk_open how;
};

static int fd_of(struct disk_file *f)
{
    return ((struct system_file *)f)->fd;
}

static int open_retrying(const char *path, int flags)
{
    int fd;

    do
        fd = open(path, flags | O_CLOEXEC, FILE_MODE);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static int open_failed(const char *path, struct err *e)
{
    switch (errno) {
    case EEXIST:
        return err_set_errno(e, ERR_BUSY, "open %s", path);
    case ELOOP:  /* O_NOFOLLOW met a link */
    case EISDIR: /* to write */
    case ENXIO:  /* a socket */
        return err_set(e, ERR_REFUSED, "%s is not a plain file", path);
    default:
        return err_set_errno(e, ERR_IO, "open %s", path);
    }
}

/* O_NONBLOCK so that a named pipe cannot hold us; a plain file ignores it. */
static int open_plain_file(int *out, const char *path, enum disk_open how, struct err *e)
{
    static const int flags[] = {
        [DISK_READ] = O_RDONLY,
        [DISK_WRITE] = O_RDWR,
        [DISK_CREATE] = O_RDWR | O_CREAT | O_EXCL,
    };
    struct stat s;
    int fd = open_retrying(path, flags[how] | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return open_failed(path, e);
    if (fstat(fd, &s) != 0) {
        err_set_errno(e, ERR_IO, "stat %s", path);
        (void)close(fd); /* only read so far */
        return -1;
    }
    if (!S_ISREG(s.st_mode)) {
        (void)close(fd); /* only read so far */
        return err_set(e, ERR_REFUSED, "%s is not a plain file", path);
    }
    *out = fd;
    return 0;
}

static int system_open(struct disk *d, struct disk_file **out, const char *path,
                       enum disk_open how, struct err *e)
{
    struct system_file *f = calloc(1, sizeof *f);

    if (f == NULL)
        return err_set(e, ERR_MEMORY, "open %s: out of memory", path);
    f->file.disk = d;
    f->how = how;
    if (disk_path(f->file.path, e, "%s", path) != 0 ||
        open_plain_file(&f->fd, path, how, e) != 0) {
        free(f);
        return -1;
    }
    *out = &f->file;
    return 0;
}

static void system_close(struct disk_file *f)
{
    (void)close(fd_of(f)); /* what matters was synced before, or is thrown away */
    free(f);
}

static int system_read_at(struct disk_file *f, void *bytes, size_t count, uint64_t offset,
                          size_t *got, struct err *e)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n =
            pread(fd_of(f), (char *)bytes + done, count - done, (off_t)(offset + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(e, ERR_IO, "read %s", f->path);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
    return 0;
}

static int system_write_at(struct disk_file *f, const void *bytes, size_t count,
                           uint64_t offset, struct err *e)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = pwrite(fd_of(f), (const char *)bytes + done, count - done,
                           (off_t)(offset + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(e, ERR_IO, "write %s", f->path);
        done += (size_t)n;
    }
    return 0;
}

static int system_truncate(struct disk_file *f, uint64_t bytes, struct err *e)
{
    int rc;

    do
        rc = ftruncate(fd_of(f), (off_t)bytes);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : err_set_errno(e, ERR_IO, "truncate %s", f->path);
}

/* Not retried after EIO: the kernel has then dropped the pages, and a second
 * fsync would report success over them. */
static int sync_fd(int fd, const char *path, struct err *e)
{
    int rc;

    do
        rc = fsync(fd);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : err_set_errno(e, ERR_IO, "sync %s", path);
}

static int system_sync(struct disk_file *f, struct err *e)
{
    return sync_fd(fd_of(f), f->path, e);
}

static int system_size(struct disk_file *f, uint64_t *bytes, struct err *e)
{
    struct stat s;

    if (fstat(fd_of(f), &s) != 0)
        return err_set_errno(e, ERR_IO, "stat %s", f->path);
    *bytes = (uint64_t)s.st_size;
    return 0;
}

/* Opened anew, so that the other process gets a file offset of its own and no
 * right to write; where /proc is missing, a file that was opened for reading can
 * still be shared. */
static void system_forget(struct disk_file *f)
{
    (void)posix_fadvise(fd_of(f), 0, 0, POSIX_FADV_DONTNEED); /* only advice */
}

static int system_descriptor(struct disk_file *f, int *fd, struct err *e)
{
    const struct system_file *s = (const struct system_file *)f;
    char link[64];

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", s->fd);
    *fd = open_retrying(link, O_RDONLY);
    if (*fd < 0 && s->how == DISK_READ)
        *fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
    return *fd >= 0 ? 0 : err_set_errno(e, ERR_IO, "reopen %s", f->path);
}

static int system_stat(struct disk *d, const char *path, struct disk_stat *out,
                       struct err *e)
{
    struct stat s;

    (void)d;
    if (lstat(path, &s) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return 0;
        return err_set_errno(e, ERR_IO, "stat %s", path);
    }
    out->kind = S_ISREG(s.st_mode)   ? DISK_FILE
                : S_ISDIR(s.st_mode) ? DISK_DIR
                                     : DISK_OTHER;
    out->bytes = out->kind == DISK_FILE ? (uint64_t)s.st_size : 0;
    return 0;
}

static int system_rename(struct disk *d, const char *from, const char *to, struct err *e)
{
    (void)d;
    return rename(from, to) == 0 ? 0
                                 : err_set_errno(e, ERR_IO, "rename %s to %s", from, to);
}

static int system_remove(struct disk *d, const char *path, struct err *e)
{
    int rc = unlink(path);

    (void)d;
    if (rc != 0 && errno == EISDIR)
        rc = rmdir(path);
    if (rc != 0 && errno != ENOENT)
        return err_set_errno(e, ERR_IO, "remove %s", path);
    return 0;
}

/* A link to a directory is a directory here: /var/lib/tram may be one. */
static int system_make_dir(struct disk *d, const char *path, struct err *e)
{
    struct stat s;

    (void)d;
    if (mkdir(path, DIR_MODE) == 0)
        return 0;
    if (errno != EEXIST)
        return err_set_errno(e, ERR_IO, "make directory %s", path);
    if (stat(path, &s) != 0)
        return err_set_errno(e, ERR_IO, "stat %s", path);
    if (!S_ISDIR(s.st_mode))
        return err_set(e, ERR_IO, "%s is there and is not a directory", path);
    return 0;
}

static int system_sync_dir(struct disk *d, const char *path, struct err *e)
{
    int fd = open_retrying(path, O_RDONLY | O_DIRECTORY);
    int rc;

    (void)d;
    if (fd < 0)
        return open_failed(path, e);
    rc = sync_fd(fd, path, e);
    (void)close(fd); /* nothing was written through it */
    return rc;
}

static int not_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Byte order, whatever the locale says. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int system_list(struct disk *d, const char *path,
                       int (*each)(void *arg, const char *name, struct err *e), void *arg,
                       struct err *e)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, not_dots, by_name);
    int rc = 0;

    (void)d;
    if (count < 0)
        return err_set_errno(e, ERR_IO, "list %s", path);
    for (int i = 0; i < count; i++) {
        if (rc == 0)
            rc = each(arg, entries[i]->d_name, e);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

/* What is kept back for root is neither free nor ours. */
static int system_space(struct disk *d, const char *path, struct disk_space *out,
                        struct err *e)
{
    struct statvfs s;

    (void)d;
    if (statvfs(path, &s) != 0)
        return err_set_errno(e, ERR_IO, "free space of %s", path);
    out->free_bytes = (uint64_t)s.f_bavail * s.f_frsize;
    out->total_bytes = (uint64_t)(s.f_blocks - s.f_bfree + s.f_bavail) * s.f_frsize;
    return 0;
}

static const struct disk_ops system_ops = {
    .open = system_open,
    .close = system_close,
    .read_at = system_read_at,
    .write_at = system_write_at,
    .truncate = system_truncate,
    .sync = system_sync,
    .size = system_size,
    .descriptor = system_descriptor,
    .forget = system_forget,
    .stat = system_stat,
    .rename = system_rename,
    .remove = system_remove,
    .make_dir = system_make_dir,
    .sync_dir = system_sync_dir,
    .list = system_list,
    .space = system_space,
};

struct disk *disk_system(void)
{
    static struct disk system = {.ops = &system_ops, .vfs = NULL};

    return &system;
}
