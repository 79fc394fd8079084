#include "ocr/convert.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/disk.h"
#include "ocr/repack/packed.h"

#define CHUNK_BYTES 65536

/* A file on its way to its place. */
struct draft {
    char path[DISK_PATH_BYTES]; /* beside it */
    int fd;
};

/* A rename would put a file where a device or a link was. */
static int check_place(const char *place, const struct disk_stat *there, struct err *e)
{
    if (there->kind != DISK_NOTHING && there->kind != DISK_FILE)
        return err_set(e, ERR_REFUSED, "%s is there, and is no plain file", place);
    return 0;
}

static int draft_open(struct draft *d, const char *place, struct err *e)
{
    struct disk_stat there;

    d->fd = -1;
    if (disk_stat(disk_system(), place, &there, e) != 0 ||
        check_place(place, &there, e) != 0 ||
        disk_path(d->path, e, "%s.part", place) != 0)
        return -1;
    if (disk_remove(disk_system(), d->path, e) != 0)
        return -1;
    d->fd = open(d->path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0666);
    return d->fd < 0 ? err_set_errno(e, ERR_IO, "%s", d->path) : 0;
}

static int draft_keep(struct draft *d, const char *place, struct err *e)
{
    char parent[DISK_PATH_BYTES];

    if (fsync(d->fd) != 0)
        return err_set_errno(e, ERR_IO, "%s", d->path);
    if (disk_parent(parent, place, e) != 0 ||
        disk_rename(disk_system(), d->path, place, e) != 0)
        return -1;
    return disk_sync_dir(disk_system(), parent, e);
}

/* What was not kept is removed. */
static void draft_close(struct draft *d)
{
    struct err ignored; /* the first failure is the one to tell */

    if (d->fd < 0)
        return;
    (void)close(d->fd); /* synced, or forgotten */
    (void)disk_remove(disk_system(), d->path, &ignored);
}

static int hash_file(int fd, struct hash *out, struct err *e)
{
    unsigned char chunk[CHUNK_BYTES];
    struct hasher hasher;
    off_t at = 0;
    ssize_t n;

    hasher_init(&hasher);
    while ((n = pread(fd, chunk, sizeof chunk, at)) > 0) {
        hasher_add(&hasher, chunk, (size_t)n);
        at += n;
    }
    if (n < 0)
        return err_set_errno(e, ERR_IO, "document");
    hasher_finish(&hasher, out);
    return 0;
}

static int repack(struct ocr_client *client, int fd, int out_fd, bool *gained,
                  enum refusal *refusal, struct err *e)
{
    struct hash sha256;

    if (hash_file(fd, &sha256, e) != 0)
        return -1;
    return ocr_repack(client, fd, &sha256, out_fd, gained, refusal, e);
}

/* Here nobody knows the original's hash but the packed form itself. */
static int restore(struct ocr_client *client, int fd, int out_fd, bool *gained,
                   enum refusal *refusal, struct err *e)
{
    unsigned char head[PACKED_HEAD_BYTES];
    struct packed_reader reader;
    struct err why;
    ssize_t n = pread(fd, head, sizeof head, 0);

    *gained = false;
    *refusal = REFUSAL_DAMAGED;
    if (n < 0)
        return err_set_errno(e, ERR_IO, "packed form");
    if (packed_open(&reader, head, (size_t)n, &why) != 0)
        return 0;
    if (ocr_restore(client, fd, &reader.head.sha256, out_fd, refusal, e) != 0)
        return -1;
    *gained = *refusal == REFUSAL_NONE;
    return 0;
}

static int replace(const char *path, const struct buffer *bytes, struct err *e)
{
    struct disk_stat there;

    if (path == NULL)
        return 0;
    if (disk_stat(disk_system(), path, &there, e) != 0 ||
        check_place(path, &there, e) != 0)
        return -1;
    return disk_replace(disk_system(), path, bytes->bytes, bytes->count, e);
}

static int document_open(const char *path, int *fd, struct err *e)
{
    struct disk_file *file;
    int rc;

    if (disk_open(disk_system(), &file, path, DISK_READ, e) != 0)
        return -1;
    rc = disk_file_descriptor(file, fd, e);
    disk_close(file);
    return rc;
}

int convert_page(struct ocr_client *client, const char *path, uint32_t page,
                 const char *image_path, const char *thumbnail_path,
                 enum refusal *refusal, struct err *e)
{
    struct small s;
    int fd, rc;

    if (document_open(path, &fd, e) != 0)
        return -1;
    rc = ocr_small(client, fd, page, 0, &s, e);
    (void)close(fd); /* only read from */
    if (rc != 0)
        return -1;
    *refusal = s.refusal;
    if (s.refusal == REFUSAL_NONE && (replace(image_path, &s.image, e) != 0 ||
                                      replace(thumbnail_path, &s.thumbnail, e) != 0))
        rc = -1;
    small_release(&s);
    return rc;
}

int convert_file(struct ocr_client *client, enum conversion how, const char *path,
                 const char *out_path, bool *gained, enum refusal *refusal, struct err *e)
{
    struct draft draft = {.fd = -1};
    int fd = -1, rc = -1;

    *gained = false;
    *refusal = REFUSAL_NONE;
    if (document_open(path, &fd, e) != 0 || draft_open(&draft, out_path, e) != 0)
        goto out;
    rc = (how == CONVERT_REPACK ? repack : restore)(client, fd, draft.fd, gained, refusal,
                                                    e);
    if (rc == 0 && *gained)
        rc = draft_keep(&draft, out_path, e);
out:
    draft_close(&draft);
    if (fd >= 0)
        (void)close(fd); /* only read from */
    return rc;
}
