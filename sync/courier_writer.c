#include "sync/courier_writer.h"

#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#define BLOCK       512
#define END_BYTES   1024  /* two blocks of zeroes */
#define CHUNK_BYTES 65536 /* written, and read again, at a time */
#define ENTRIES_MAX 200000

struct courier_writer {
    struct disk *stick;
    char dir[DISK_PATH_BYTES], path[DISK_PATH_BYTES], part[DISK_PATH_BYTES];
    struct courier_line line;
    struct disk_file *file;
    struct archive *archive;
    struct archive_entry *entry;
    uint64_t room, used; /* used: with what libarchive has not handed on yet */
    uint64_t at;         /* in the file */
    unsigned entries;
    struct hasher hasher;
    struct err write_err; /* of the stick, inside libarchive */
    bool created, finished, abandoned;
};

/* ----------------------------------------------------------------- create, destroy */

/* A failure is kept, not told to libarchive, which would not free all of its own then:
 * after each call of it we look ourselves. */
static la_ssize_t write_out(struct archive *a, void *arg, const void *bytes, size_t count)
{
    struct courier_writer *w = arg;

    (void)a; /* libarchive's form of a callback */
    if (w->abandoned || w->write_err.code != ERR_NONE)
        return (la_ssize_t)count;
    if (disk_file_write(w->file, bytes, count, w->at, &w->write_err) == 0) {
        hasher_add(&w->hasher, bytes, count);
        w->at += count;
    }
    return (la_ssize_t)count;
}

/* What failed in libarchive: the stick, if it was; else libarchive's own words. */
static int archive_failed(struct courier_writer *w, struct err *e)
{
    const char *why = archive_error_string(w->archive);

    if (w->write_err.code != ERR_NONE) {
        *e = w->write_err;
        return err_wrap(e, "courier");
    }
    return err_set(e, ERR_FAILED, "courier: %s", why == NULL ? "libarchive" : why);
}

static int begin(struct courier_writer *w, struct err *e)
{
    w->archive = archive_write_new();
    w->entry = archive_entry_new();
    if (w->archive == NULL || w->entry == NULL)
        return err_set(e, ERR_MEMORY, "courier");
    if (archive_write_set_format_ustar(w->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(w->archive, CHUNK_BYTES) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(w->archive, 1) != ARCHIVE_OK ||
        archive_write_open(w->archive, w, NULL, write_out, NULL) != ARCHIVE_OK)
        return archive_failed(w, e);
    return 0;
}

static int open_part(struct courier_writer *w, const char *dir,
                     const struct courier_name *name, struct err *e)
{
    struct courier_name part = *name;
    struct disk_stat there;

    part.part = true;
    if (disk_path(w->dir, e, "%s", dir) != 0 ||
        courier_path(w->path, dir, name, e) != 0 ||
        courier_path(w->part, dir, &part, e) != 0 ||
        disk_stat(w->stick, w->path, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING)
        return err_set(e, ERR_BUSY, "%s is there already", w->path);
    if (disk_remove(w->stick, w->part, e) != 0 ||
        disk_open(w->stick, &w->file, w->part, DISK_CREATE, e) != 0)
        return -1;
    w->created = true;
    return 0;
}

int courier_writer_create(struct courier_writer **out, struct disk *stick,
                          const char *dir, const struct courier_name *name, uint64_t room,
                          struct err *e)
{
    struct courier_writer *w = calloc(1, sizeof *w);

    *out = NULL;
    if (w == NULL)
        return err_set(e, ERR_MEMORY, "courier");
    w->stick = stick;
    w->line = name->line;
    w->room = room < COURIER_TAR_BYTES_MAX ? room : COURIER_TAR_BYTES_MAX;
    w->used = END_BYTES;
    hasher_init(&w->hasher);
    if (open_part(w, dir, name, e) != 0 || begin(w, e) != 0) {
        courier_writer_destroy(w);
        return err_wrap(e, "courier");
    }
    *out = w;
    return 0;
}

void courier_writer_destroy(struct courier_writer *w)
{
    struct err ignored; /* the next one that is written takes it away */

    if (w == NULL)
        return;
    w->abandoned = true; /* its end is not written any more */
    archive_write_free(w->archive);
    archive_entry_free(w->entry);
    disk_close(w->file);
    if (w->created && !w->finished)
        (void)disk_remove(w->stick, w->part, &ignored);
    free(w);
}

/* --------------------------------------------------------------------------- add */

uint64_t courier_writer_room(const struct courier_writer *w)
{
    uint64_t around = w->used + BLOCK; /* the header */

    if (w->entries == ENTRIES_MAX || w->room < around)
        return 0;
    return (w->room - around) / BLOCK * BLOCK;
}

int courier_writer_add(struct courier_writer *w, struct courier_entry entry,
                       const void *bytes, size_t count, struct err *e)
{
    char name[COURIER_ENTRY_NAME_MAX + 1];

    if (count > COURIER_ENTRY_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "courier: an entry of %zu bytes", count);
    if (w->room < w->used + BLOCK + count)
        return err_set(e, ERR_NO_SPACE, "courier: no room for %zu bytes", count);
    entry.line = w->line;
    courier_entry_seal(&entry, bytes, count);
    courier_entry_write(name, &entry);
    archive_entry_clear(w->entry);
    archive_entry_set_pathname(w->entry, name);
    archive_entry_set_filetype(w->entry, AE_IFREG);
    archive_entry_set_perm(w->entry, 0600);
    archive_entry_set_size(w->entry, (la_int64_t)count);
    if (archive_write_header(w->archive, w->entry) != ARCHIVE_OK ||
        (count > 0 &&
         archive_write_data(w->archive, bytes, count) != (la_ssize_t)count) ||
        w->write_err.code != ERR_NONE)
        return archive_failed(w, e);
    w->used += BLOCK + (count + BLOCK - 1) / BLOCK * BLOCK;
    w->entries++;
    return 0;
}

uint64_t courier_writer_bytes(const struct courier_writer *w)
{
    return w->used;
}

unsigned courier_writer_entries(const struct courier_writer *w)
{
    return w->entries;
}

/* ------------------------------------------------------------------------ finish */

/* From the stick, not from memory, as far as the system lets us. */
static int read_again(struct courier_writer *w, struct hash *out, struct err *e)
{
    unsigned char *chunk = malloc(CHUNK_BYTES);
    struct hasher h;
    uint64_t at = 0;
    size_t got = 1;
    int rc = 0;

    if (chunk == NULL)
        return err_set(e, ERR_MEMORY, "courier");
    hasher_init(&h);
    while (rc == 0 && got > 0) {
        rc = disk_file_read(w->file, chunk, CHUNK_BYTES, at, &got, e);
        if (rc == 0)
            hasher_add(&h, chunk, got);
        at += got;
    }
    hasher_finish(&h, out);
    free(chunk);
    return rc;
}

static int compare(struct courier_writer *w, struct err *e)
{
    struct hash written, there;

    hasher_finish(&w->hasher, &written);
    disk_close(w->file);
    w->file = NULL;
    if (disk_open(w->stick, &w->file, w->part, DISK_READ, e) != 0)
        return -1;
    disk_file_forget(w->file);
    if (read_again(w, &there, e) != 0)
        return -1;
    if (!hash_equal(&written, &there))
        return err_set(e, ERR_CORRUPT, "%s: what was read again is not what was written",
                       w->part);
    return 0;
}

int courier_writer_finish(struct courier_writer *w, struct err *e)
{
    if (archive_write_close(w->archive) != ARCHIVE_OK || w->write_err.code != ERR_NONE)
        return archive_failed(w, e);
    if (disk_file_sync(w->file, e) != 0 || compare(w, e) != 0 ||
        disk_rename(w->stick, w->part, w->path, e) != 0)
        return err_wrap(e, "courier");
    w->finished = true; /* it may stay, though its name may not be durable yet */
    return disk_sync_dir(w->stick, w->dir, e) == 0 ? 0 : err_wrap(e, "courier");
}
