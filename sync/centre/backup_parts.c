#include "sync/centre/backup_parts.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium/utils.h>

#include "schema/statements.h"
#include "sync/centre/console.h"
#include "sync/centre/sites.h"

#define COPY_BYTES       65536
#define MANIFEST_VERSION 1

/* Hands the bytes of `from` to `sink`, and gives their hash. */
static int pump(struct disk_file *from,
                int (*sink)(void *arg, const void *bytes, size_t count, struct err *e),
                void *arg, struct hash *sha256, struct err *e)
{
    unsigned char *chunk = malloc(COPY_BYTES);
    struct hasher hasher;
    uint64_t at = 0;
    size_t got = 0;
    int rc = -1;

    if (chunk == NULL)
        return err_set(e, ERR_MEMORY, "copy");
    hasher_init(&hasher);
    do {
        if (disk_file_read(from, chunk, COPY_BYTES, at, &got, e) != 0 ||
            sink(arg, chunk, got, e) != 0)
            goto out;
        hasher_add(&hasher, chunk, got);
        at += got;
    } while (got == COPY_BYTES);
    hasher_finish(&hasher, sha256);
    rc = 0;
out:
    free(chunk);
    return rc;
}

struct file_sink {
    struct disk_file *file;
    uint64_t at;
};

static int sink_file(void *arg, const void *bytes, size_t count, struct err *e)
{
    struct file_sink *s = arg;

    if (disk_file_write(s->file, bytes, count, s->at, e) != 0)
        return -1;
    s->at += count;
    return 0;
}

int backup_copy_file(struct disk *d, const char *from, const char *to,
                     struct hash *sha256, struct err *e)
{
    struct disk_file *source = NULL;
    struct file_sink target = {0};
    int rc = -1;

    if (disk_open(d, &source, from, DISK_READ, e) == 0 &&
        disk_open(d, &target.file, to, DISK_CREATE, e) == 0 &&
        pump(source, sink_file, &target, sha256, e) == 0)
        rc = disk_file_sync(target.file, e);
    disk_close(source);
    disk_close(target.file);
    return rc;
}

static int sink_nothing(void *arg, const void *bytes, size_t count, struct err *e)
{
    (void)arg;
    (void)bytes;
    (void)count;
    (void)e;
    return 0;
}

int backup_hash_file(struct disk *d, const char *path, struct hash *sha256, struct err *e)
{
    struct disk_file *f = NULL;
    int rc;

    if (disk_open(d, &f, path, DISK_READ, e) != 0)
        return -1;
    rc = pump(f, sink_nothing, NULL, sha256, e);
    disk_close(f);
    return rc;
}

/* ------------------------------------------------------------------------- keys */

static int copy_key(struct disk *d, const char *from, const char *to, const char *name,
                    struct err *e)
{
    struct key_pair k;
    int rc;

    if (key_pair_load(&k, d, from, name, e) != 0)
        return -1;
    rc = key_pair_save(&k, d, to, name, e);
    key_pair_wipe(&k);
    return rc;
}

int backup_copy_keys(struct disk *d, const char *from, const char *to, struct err *e)
{
    if (copy_key(d, from, to, CENTRE_KEY_SIGN, e) != 0)
        return -1;
    return copy_key(d, from, to, CENTRE_KEY_TLS, e);
}

/* -------------------------------------------------------------------- originals */

struct blob_sink {
    struct blob_writer *writer;
    bool failed; /* so it was not the source */
};

static int sink_blob(void *arg, const void *bytes, size_t count, struct err *e)
{
    struct blob_sink *s = arg;

    s->failed = blob_writer_add(s->writer, bytes, count, e) != 0;
    return s->failed ? -1 : 0;
}

/* *copied is false where the source does not give it. */
static int copy_original(struct blobs *from, struct blobs *to, const struct hash *h,
                         bool *copied, struct err *e)
{
    struct disk_file *f = NULL;
    struct blob_sink sink = {0};
    struct hash read, kept;
    uint64_t bytes;
    bool was_there;
    int rc = -1;

    *copied = false;
    if (blob_open(from, &f, h, e) != 0)
        return e->code == ERR_IO ? 0 : -1;
    if (blob_writer_create(&sink.writer, to, e) != 0)
        goto out;
    if (pump(f, sink_blob, &sink, &read, e) != 0) {
        rc = e->code == ERR_IO && !sink.failed ? 0 : -1;
        goto out;
    }
    *copied = hash_equal(&read, h);
    rc = *copied ? blob_writer_keep(sink.writer, &kept, &bytes, &was_there, e) : 0;
out:
    blob_writer_destroy(sink.writer);
    disk_close(f);
    return rc;
}

int backup_copy_originals(sqlite3 *db, struct blobs *from, struct blobs *to,
                          uint64_t *count, struct buffer *lacking, struct err *e)
{
    static const char *const sql = "SELECT DISTINCT sha256 FROM held_blob";
    sqlite3_stmt *s;
    struct hash h;
    bool copied;
    int row;

    *count = 0;
    if (statements_prepare(db, &s, &sql, 1, e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        if (!column_hash(s, 0, &h)) {
            row = err_set(e, ERR_CORRUPT, "a row names no SHA-256");
            break;
        }
        if (copy_original(from, to, &h, &copied, e) != 0) {
            row = -1;
            break;
        }
        *count += copied;
        if (!copied)
            buffer_append(lacking, h.bytes, HASH_BYTES);
    }
    statements_finalize(&s, 1);
    return row == 0 ? buffer_check(lacking, e) : -1;
}

/* --------------------------------------------------------------------- manifest */

bool *withheld_create(struct err *e)
{
    bool *out = calloc(UINT16_MAX + 1, sizeof *out);

    if (out == NULL)
        (void)err_set(e, ERR_MEMORY, "backup");
    return out;
}

struct listing {
    json_t *sites;
    const bool *withheld;
};

static int add_site(void *arg, const struct site_row *row, struct err *e)
{
    const struct listing *l = arg;
    json_t *j =
        json_pack("{s:i, s:o, s:I}", "site", (int)row->site, "name",
                  json_any_text(row->name), "received", (json_int_t)row->received);

    if ((l->withheld[row->site] &&
         json_object_set_new(j, "withheld", json_true()) != 0) ||
        json_array_append_new(l->sites, j) != 0)
        return err_set(e, ERR_MEMORY, "manifest");
    return 0;
}

static void read_withheld(const json_t *sites, bool *withheld)
{
    json_int_t site;
    const json_t *j;
    size_t i;

    json_array_foreach(sites, i, j)
    {
        site = json_integer_value(json_object_get(j, "site"));
        if (site > 0 && site <= UINT16_MAX)
            withheld[site] = json_is_true(json_object_get(j, "withheld"));
    }
}

int manifest_write(struct centre *copy, const char *dir, const struct hash *database,
                   const struct backup_counts *counts, const bool *withheld,
                   struct err *e)
{
    enum wall_confidence ignored;
    char hex[HASH_HEX_BYTES], path[DISK_PATH_BYTES];
    json_t *sites = json_array(), *j = NULL;
    struct listing listing = {.sites = sites, .withheld = withheld};
    struct buffer text;
    char *words = NULL;
    int rc = -1;

    buffer_init(&text, MANIFEST_BYTES_MAX);
    hash_to_hex(hex, database);
    if (disk_path(path, e, "%s/manifest.json", dir) != 0 ||
        site_each(copy, add_site, &listing, e) != 0)
        goto out;
    j = json_pack(
        "{s:s, s:i, s:o, s:i, s:I, s:s, s:I, s:O}", "tram", "backup", "version",
        MANIFEST_VERSION, "province", json_any_text(store_identity(copy->store)->name),
        "centre_epoch", (int)copy->epoch, "made_wall_ms",
        (json_int_t)copy->clock->wall_ms(copy->clock, &ignored), "database_sha256", hex,
        "originals", (json_int_t)counts->originals, "sites", sites);
    words = j == NULL ? NULL : json_dumps(j, JSON_INDENT(2));
    if (words == NULL) {
        (void)err_set(e, ERR_MEMORY, "manifest");
        goto out;
    }
    buffer_append_text(&text, words);
    buffer_append_byte(&text, '\n');
    if (buffer_check(&text, e) == 0)
        rc = disk_replace(copy->disk, path, text.bytes, text.count, e);
out:
    free(words);
    buffer_release(&text);
    json_decref(j);
    json_decref(sites);
    return rc;
}

int manifest_read(struct disk *d, const char *dir, struct hash *database, bool *withheld,
                  struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct buffer text;
    json_t *j = NULL;
    const char *kind, *hex;
    int rc = -1;

    buffer_init(&text, MANIFEST_BYTES_MAX);
    if (disk_path(path, e, "%s/manifest.json", dir) != 0 ||
        disk_stat(d, path, &there, e) != 0)
        goto out;
    if (there.kind != DISK_FILE) {
        (void)err_set(e, ERR_REFUSED, "%s is not there: no backup, or one cut short",
                      path);
        goto out;
    }
    if (disk_read_all(d, path, &text, e) != 0)
        goto out;
    j = json_loadb((const char *)text.bytes, text.count, JSON_REJECT_DUPLICATES, NULL);
    kind = json_string_value(json_object_get(j, "tram"));
    hex = json_string_value(json_object_get(j, "database_sha256"));
    if (kind == NULL || strcmp(kind, "backup") != 0 || hex == NULL ||
        !hash_from_hex(database, hex) ||
        json_integer_value(json_object_get(j, "version")) != MANIFEST_VERSION)
        (void)err_set(e, ERR_REFUSED, "%s is not the manifest of a backup", path);
    else
        rc = 0;
    if (rc == 0)
        read_withheld(json_object_get(j, "sites"), withheld);
out:
    json_decref(j);
    buffer_release(&text);
    return rc;
}
