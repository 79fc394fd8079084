#include "base/blob_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_BYTES     65536
#define NAME_BYTES_MAX 200 /* file systems take 255; room for a number before it */

_Static_assert(BLOB_NAME_BYTES == NAME_BYTES_MAX + 16, "room for what follows");

static int copy_blob(struct blobs *b, const struct hash *h, struct disk_file *to,
                     struct err *e)
{
    unsigned char *chunk = malloc(COPY_BYTES);
    struct disk_file *from = NULL;
    uint64_t at = 0;
    size_t got = 0;
    int rc = -1;

    if (chunk == NULL)
        return err_set(e, ERR_MEMORY, "copy");
    if (blob_open(b, &from, h, e) != 0)
        goto out;
    do {
        if (disk_file_read(from, chunk, COPY_BYTES, at, &got, e) != 0 ||
            disk_file_write(to, chunk, got, at, e) != 0)
            goto out;
        at += got;
    } while (got == COPY_BYTES);
    rc = 0;
out:
    disk_close(from);
    free(chunk);
    return rc;
}

int blob_export(struct blobs *b, struct disk *d, const struct hash *h, const char *path,
                struct err *e)
{
    char beside[DISK_PATH_BYTES], parent[DISK_PATH_BYTES];
    struct disk_file *to = NULL;
    struct disk_stat there;
    int rc = -1;

    if (disk_stat(d, path, &there, e) != 0)
        return -1;
    /* A rename would put a file where a device or a link was. */
    if (there.kind != DISK_NOTHING && there.kind != DISK_FILE)
        return err_set(e, ERR_REFUSED, "%s is there, and is no plain file", path);
    if (disk_path(beside, e, "%s.part", path) != 0 || disk_parent(parent, path, e) != 0)
        return -1;
    if (disk_remove(d, beside, e) != 0 || disk_open(d, &to, beside, DISK_CREATE, e) != 0)
        return -1;
    if (copy_blob(b, h, to, e) == 0 && disk_file_sync(to, e) == 0 &&
        disk_rename(d, beside, path, e) == 0)
        rc = disk_sync_dir(d, parent, e);
    disk_close(to);
    if (rc != 0) {
        struct err ignored; /* the first failure is the one to tell */

        (void)disk_remove(d, beside, &ignored);
    }
    return rc;
}

void blob_export_name(char out[BLOB_NAME_BYTES], unsigned number, const char *name)
{
    const char *slash = strrchr(name, '/');
    size_t used;

    (void)snprintf(out, BLOB_NAME_BYTES, "%03u-", number);
    used = strlen(out);
    for (const char *c = slash == NULL ? name : slash + 1; *c != '\0'; c++) {
        bool within_letter = ((unsigned char)*c & 0xc0) == 0x80;

        if (used >= NAME_BYTES_MAX + (within_letter ? 8 : 0))
            break;
        out[used++] = (unsigned char)*c < 0x20 || *c == 0x7f ? '_' : *c;
    }
    out[used] = '\0';
}
