#include "base/blob_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/replacing.h"

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
    struct replacing r = {0};
    int rc = -1;

    if (replacing_begin(&r, d, path, e) == 0 && copy_blob(b, h, r.file, e) == 0)
        rc = replacing_commit(&r, e);
    replacing_release(&r);
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
