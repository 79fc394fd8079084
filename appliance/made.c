#include "appliance/made.h"

#include <stdlib.h>

#include "base/order.h"

#define MADE_BYTES_MAX (256u << 20) /* four million pages */

static int path_of(struct box *b, char path[DISK_PATH_BYTES], struct err *e)
{
    return disk_path(path, e, "%s/made", b->dir);
}

/* Opens it; makes it where there is none. */
static int open_file(struct box *b, struct disk_file **out, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;

    if (path_of(b, path, e) != 0 || disk_stat(b->disk, path, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING)
        return disk_open(b->disk, out, path, DISK_WRITE, e);
    if (disk_open(b->disk, out, path, DISK_CREATE, e) != 0)
        return -1;
    return disk_sync_dir(b->disk, b->dir, e);
}

int made_note(struct box *b, const struct hash *sha256, struct err *e)
{
    struct disk_file *f = NULL;
    uint64_t bytes;
    int rc = -1;

    /* What was cut short at its end is written over. */
    if (open_file(b, &f, e) == 0 && disk_file_size(f, &bytes, e) == 0 &&
        disk_file_write(f, sha256->bytes, HASH_BYTES, bytes / HASH_BYTES * HASH_BYTES,
                        e) == 0)
        rc = disk_file_sync(f, e);
    disk_close(f);
    return rc == 0 ? 0 : err_wrap(e, "made");
}

int made_read(struct made *out, struct box *b, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;

    *out = (struct made){0};
    buffer_init(&out->hashes, MADE_BYTES_MAX);
    if (path_of(b, path, e) != 0 || disk_stat(b->disk, path, &there, e) != 0)
        return err_wrap(e, "made");
    if (there.kind == DISK_NOTHING)
        return 0;
    if (disk_read_all(b->disk, path, &out->hashes, e) != 0)
        return err_wrap(e, "made");
    if (out->hashes.count >= HASH_BYTES)
        qsort(out->hashes.bytes, out->hashes.count / HASH_BYTES, HASH_BYTES, order_hash);
    return 0;
}

bool made_has(const struct made *m, const struct hash *sha256)
{
    return m->hashes.count >= HASH_BYTES &&
           bsearch(sha256->bytes, m->hashes.bytes, m->hashes.count / HASH_BYTES,
                   HASH_BYTES, order_hash) != NULL;
}

void made_release(struct made *m)
{
    buffer_release(&m->hashes);
}
