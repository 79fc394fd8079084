#include "appliance/package_zip.h"

#include <stdlib.h>

#include <archive.h>
#include <archive_entry.h>

#define CHUNK_BYTES 65536

struct package_zip {
    struct disk_file *file;
    struct archive *archive;
    struct archive_entry *entry;
    uint64_t at;
    struct err write_err; /* of the disk, inside libarchive */
    bool abandoned;
    unsigned char chunk[CHUNK_BYTES];
};

/* A failure is kept, not told to libarchive, which would not free all of its own then. */
static la_ssize_t write_out(struct archive *a, void *arg, const void *bytes, size_t count)
{
    struct package_zip *z = arg;

    (void)a; /* libarchive's form of a callback */
    if (!z->abandoned && z->write_err.code == ERR_NONE &&
        disk_file_write(z->file, bytes, count, z->at, &z->write_err) == 0)
        z->at += count;
    return (la_ssize_t)count;
}

/* The disk, if it was; else libarchive's own words. */
static int failed(struct package_zip *z, struct err *e)
{
    const char *why = archive_error_string(z->archive);

    if (z->write_err.code != ERR_NONE) {
        *e = z->write_err;
        return err_wrap(e, "zip");
    }
    return err_set(e, ERR_FAILED, "zip: %s", why == NULL ? "libarchive" : why);
}

/* Packed, though a PDF hardly gets smaller: libarchive gives an entry's sum only behind
 * it, and there are readers (Java's) that take that of packed entries alone. */
static int begin(struct package_zip *z, struct err *e)
{
    z->archive = archive_write_new();
    z->entry = archive_entry_new();
    if (z->archive == NULL || z->entry == NULL)
        return err_set(e, ERR_MEMORY, "zip");
    if (archive_write_set_format_zip(z->archive) != ARCHIVE_OK ||
        archive_write_set_options(
            z->archive,
            "zip:hdrcharset=UTF-8,zip:compression=deflate,zip:compression-level=1") !=
            ARCHIVE_OK ||
        archive_write_set_bytes_per_block(z->archive, CHUNK_BYTES) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(z->archive, 1) != ARCHIVE_OK ||
        archive_write_open(z->archive, z, NULL, write_out, NULL) != ARCHIVE_OK)
        return failed(z, e);
    return 0;
}

int package_zip_create(struct package_zip **out, struct disk_file *file, struct err *e)
{
    struct package_zip *z = calloc(1, sizeof *z);

    *out = NULL;
    if (z == NULL)
        return err_set(e, ERR_MEMORY, "zip");
    z->file = file;
    if (begin(z, e) != 0) {
        package_zip_destroy(z);
        return -1;
    }
    *out = z;
    return 0;
}

void package_zip_destroy(struct package_zip *z)
{
    if (z == NULL)
        return;
    z->abandoned = true; /* its end is not written any more */
    archive_write_free(z->archive);
    archive_entry_free(z->entry);
    free(z);
}

static int write_data(struct package_zip *z, struct disk_file *from, uint64_t bytes,
                      struct err *e)
{
    size_t got = 1;

    for (uint64_t at = 0; at < bytes; at += got) {
        if (disk_file_read(from, z->chunk, CHUNK_BYTES, at, &got, e) != 0)
            return -1;
        if (got == 0)
            return err_set(e, ERR_IO, "zip: %s became shorter", from->path);
        if (archive_write_data(z->archive, z->chunk, got) != (la_ssize_t)got ||
            z->write_err.code != ERR_NONE)
            return failed(z, e);
    }
    return 0;
}

int package_zip_add(struct package_zip *z, const char *name, struct disk_file *from,
                    struct err *e)
{
    uint64_t bytes;

    if (disk_file_size(from, &bytes, e) != 0)
        return -1;
    archive_entry_clear(z->entry);
    archive_entry_set_pathname_utf8(z->entry, name);
    archive_entry_set_filetype(z->entry, AE_IFREG);
    archive_entry_set_perm(z->entry, 0644);
    archive_entry_set_size(z->entry, (la_int64_t)bytes);
    if (archive_write_header(z->archive, z->entry) != ARCHIVE_OK)
        return failed(z, e);
    return write_data(z, from, bytes, e);
}

int package_zip_finish(struct package_zip *z, struct err *e)
{
    if (archive_write_close(z->archive) != ARCHIVE_OK || z->write_err.code != ERR_NONE)
        return failed(z, e);
    return 0;
}
