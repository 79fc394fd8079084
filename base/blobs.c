#include "base/blobs.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_CHUNK_BYTES 65536
#define FAN_OUT           256

struct blobs {
    struct disk *disk;
    char dir[DISK_PATH_BYTES]; /* DIR/blobs */
    uint64_t tmp_next;         /* the next name to try in DIR/blobs/tmp */
    bool fan_out_synced[FAN_OUT];
};

struct blob_writer {
    struct blobs *blobs;
    struct disk_file *file;
    char tmp[DISK_PATH_BYTES];
    struct hasher hasher;
    uint64_t bytes;
    bool failed; /* something is missing: never keep it */
    bool named;  /* the temporary name is gone */
};

int blobs_open(struct blobs **out, struct disk *d, const char *dir, struct err *e)
{
    int rc = -1;
    struct blobs *b = calloc(1, sizeof *b);
    char tmp[DISK_PATH_BYTES];

    *out = NULL;
    if (b == NULL) {
        err_set(e, ERR_MEMORY, "blobs: out of memory");
        goto out;
    }
    b->disk = d;
    if (disk_path(b->dir, e, "%s/blobs", dir) != 0 ||
        disk_path(tmp, e, "%s/blobs/tmp", dir) != 0 || disk_make_dirs(d, tmp, e) != 0)
        goto out;
    *out = b;
    b = NULL; /* now the caller's */
    rc = 0;
out:
    blobs_close(b);
    return rc;
}

void blobs_close(struct blobs *b)
{
    free(b);
}

static int sweep_one(void *arg, const char *name, struct err *e)
{
    struct blobs *b = arg;
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/tmp/%s", b->dir, name) != 0)
        return -1;
    return disk_remove(b->disk, path, e);
}

int blobs_sweep(struct blobs *b, struct err *e)
{
    char tmp[DISK_PATH_BYTES];

    if (disk_path(tmp, e, "%s/tmp", b->dir) != 0 ||
        disk_list(b->disk, tmp, sweep_one, b, e) != 0)
        return err_wrap(e, "sweep of %s", b->dir);
    return 0;
}

/* The first number that nobody has: others may have this directory open too.
 * Not drawn at random, so that a simulated run can be repeated. */
static int tmp_create(struct blob_writer *w, struct err *e)
{
    struct blobs *b = w->blobs;

    for (;;) {
        if (disk_path(w->tmp, e, "%s/tmp/%" PRIu64, b->dir, b->tmp_next++) != 0)
            return -1;
        if (disk_open(b->disk, &w->file, w->tmp, DISK_CREATE, e) == 0)
            return 0;
        if (e->code != ERR_BUSY)
            return -1;
    }
}

int blob_writer_create(struct blob_writer **out, struct blobs *b, struct err *e)
{
    struct blob_writer *w = calloc(1, sizeof *w);

    *out = NULL;
    if (w == NULL)
        return err_set(e, ERR_MEMORY, "blob: out of memory");
    w->blobs = b;
    hasher_init(&w->hasher);
    if (tmp_create(w, e) != 0) {
        free(w);
        return -1;
    }
    *out = w;
    return 0;
}

int blob_writer_add(struct blob_writer *w, const void *bytes, size_t count, struct err *e)
{
    if (disk_file_write(w->file, bytes, count, w->bytes, e) != 0) {
        w->failed = true;
        return -1;
    }
    hasher_add(&w->hasher, bytes, count);
    w->bytes += count;
    return 0;
}

struct disk_file *blob_writer_file(struct blob_writer *w)
{
    return w->file;
}

/* From its beginning to its end, into the hasher. */
static int hash_file(struct disk_file *f, struct hasher *hasher, uint64_t *bytes,
                     struct err *e)
{
    unsigned char chunk[CHECK_CHUNK_BYTES];
    size_t got;

    *bytes = 0;
    do {
        if (disk_file_read(f, chunk, sizeof chunk, *bytes, &got, e) != 0)
            return -1;
        hasher_add(hasher, chunk, got);
        *bytes += got;
    } while (got == sizeof chunk);
    return 0;
}

int blob_writer_filled(struct blob_writer *w, struct err *e)
{
    hasher_init(&w->hasher);
    if (hash_file(w->file, &w->hasher, &w->bytes, e) == 0)
        return 0;
    w->failed = true;
    return -1;
}

void blob_writer_hash(const struct blob_writer *w, struct hash *out)
{
    struct hasher so_far = w->hasher;

    hasher_finish(&so_far, out);
}

/* DIR/blobs/ab, and DIR/blobs/ab/cdef… */
static int blob_paths(const struct blobs *b, const struct hash *h,
                      char dir[DISK_PATH_BYTES], char path[DISK_PATH_BYTES],
                      struct err *e)
{
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, h);
    if (disk_path(dir, e, "%s/%.2s", b->dir, hex) != 0)
        return -1;
    return disk_path(path, e, "%s/%.2s/%s", b->dir, hex, hex + 2);
}

/* Once for each struct blobs even if it is there: whoever made it may have been
 * stopped before it was synced. */
static int make_fan_out(struct blobs *b, const char *dir, const struct hash *h,
                        struct err *e)
{
    bool *synced = &b->fan_out_synced[h->bytes[0]];

    if (*synced)
        return 0;
    if (disk_make_dirs(b->disk, dir, e) != 0)
        return -1;
    *synced = true;
    return 0;
}

/* A blob that is there may be one that a stopped process had named but not yet
 * synced, so it is made durable before anything is promised of it. *sound is false
 * if somebody has removed it since it was read. */
static int sync_again(struct blobs *b, const char *dir, const char *path, bool *sound,
                      struct err *e)
{
    int rc = -1;
    struct disk_file *f = NULL;

    if (disk_open(b->disk, &f, path, DISK_READ, e) != 0) {
        *sound = false;
        rc = 0;
        goto out;
    }
    if (disk_file_sync(f, e) != 0)
        goto out;
    rc = disk_sync_dir(b->disk, dir, e);
out:
    disk_close(f);
    return rc;
}

static int name_it(struct blob_writer *w, const char *dir, const char *path,
                   struct err *e)
{
    struct disk *d = w->blobs->disk;

    if (disk_file_sync(w->file, e) != 0 || disk_rename(d, w->tmp, path, e) != 0)
        return -1;
    w->named = true;
    return disk_sync_dir(d, dir, e);
}

int blob_writer_keep(struct blob_writer *w, struct hash *out, uint64_t *bytes,
                     bool *was_there, struct err *e)
{
    struct blobs *b = w->blobs;
    char dir[DISK_PATH_BYTES];
    char path[DISK_PATH_BYTES];
    struct hash h;
    bool sound;
    int rc = 0;

    assert(!w->named);
    if (w->failed)
        return err_set(e, ERR_FAILED, "blob: a write to it failed before");
    w->failed = true; /* one attempt: a second sync would prove nothing */
    hasher_finish(&w->hasher, &h);
    if (blob_paths(b, &h, dir, path, e) != 0 || make_fan_out(b, dir, &h, e) != 0)
        return -1;
    if (blob_check(b, &h, &sound, e) != 0)
        sound = false; /* unreadable: the good bytes are in our hands */
    if (sound)
        rc = sync_again(b, dir, path, &sound, e);
    if (rc == 0 && !sound)
        rc = name_it(w, dir, path, e);
    if (rc != 0)
        return -1;
    *out = h;
    *bytes = w->bytes;
    *was_there = sound;
    return 0;
}

void blob_writer_destroy(struct blob_writer *w)
{
    struct err ignored;

    if (w == NULL)
        return;
    disk_close(w->file);
    if (!w->named)
        (void)disk_remove(w->blobs->disk, w->tmp, &ignored); /* else it is swept */
    free(w);
}

int blob_open(struct blobs *b, struct disk_file **out, const struct hash *h,
              struct err *e)
{
    char dir[DISK_PATH_BYTES];
    char path[DISK_PATH_BYTES];

    *out = NULL;
    if (blob_paths(b, h, dir, path, e) != 0)
        return -1;
    return disk_open(b->disk, out, path, DISK_READ, e);
}

int blob_exists(struct blobs *b, const struct hash *h, bool *out, struct err *e)
{
    char dir[DISK_PATH_BYTES];
    char path[DISK_PATH_BYTES];
    struct disk_stat s;

    *out = false;
    if (blob_paths(b, h, dir, path, e) != 0 || disk_stat(b->disk, path, &s, e) != 0)
        return -1;
    *out = s.kind == DISK_FILE;
    return 0;
}

static int hash_of_file(struct disk_file *f, struct hash *out, struct err *e)
{
    struct hasher hasher;
    uint64_t bytes;

    hasher_init(&hasher);
    if (hash_file(f, &hasher, &bytes, e) != 0)
        return -1;
    hasher_finish(&hasher, out);
    return 0;
}

int blob_check(struct blobs *b, const struct hash *h, bool *sound, struct err *e)
{
    int rc = -1;
    struct disk_file *f = NULL;
    struct hash found;
    bool there;

    *sound = false;
    if (blob_exists(b, h, &there, e) != 0)
        goto out;
    if (there) {
        if (blob_open(b, &f, h, e) != 0 || hash_of_file(f, &found, e) != 0)
            goto out;
        *sound = hash_equal(&found, h);
    }
    rc = 0;
out:
    disk_close(f);
    return rc;
}

int blob_remove(struct blobs *b, const struct hash *h, struct err *e)
{
    char dir[DISK_PATH_BYTES];
    char path[DISK_PATH_BYTES];
    bool there;

    if (blob_exists(b, h, &there, e) != 0)
        return -1;
    if (!there)
        return 0; /* nor need its directory be there */
    if (blob_paths(b, h, dir, path, e) != 0 || disk_remove(b->disk, path, e) != 0)
        return -1;
    return disk_sync_dir(b->disk, dir, e);
}

/* ------------------------------------------------------------------- walking */

struct walk {
    struct blobs *blobs;
    int (*each)(void *arg, const struct hash *h, struct err *e);
    void *arg;
    char prefix[3]; /* the directory at hand */
};

static int walk_blob(void *arg, const char *name, struct err *e)
{
    struct walk *w = arg;
    char hex[HASH_HEX_BYTES + 1]; /* one longer, so that too long a name shows */
    struct hash h;

    (void)snprintf(hex, sizeof hex, "%s%s", w->prefix, name);
    return hash_from_hex(&h, hex) ? w->each(w->arg, &h, e) : 0;
}

static int walk_dir(void *arg, const char *name, struct err *e)
{
    struct walk *w = arg;
    char path[DISK_PATH_BYTES];
    struct disk_stat s;

    if (strlen(name) != 2)
        return 0; /* tmp */
    memcpy(w->prefix, name, sizeof w->prefix);
    if (disk_path(path, e, "%s/%s", w->blobs->dir, name) != 0 ||
        disk_stat(w->blobs->disk, path, &s, e) != 0)
        return -1;
    return s.kind == DISK_DIR ? disk_list(w->blobs->disk, path, walk_blob, w, e) : 0;
}

int blobs_each(struct blobs *b,
               int (*each)(void *arg, const struct hash *h, struct err *e), void *arg,
               struct err *e)
{
    struct walk w = {.blobs = b, .each = each, .arg = arg};

    return disk_list(b->disk, b->dir, walk_dir, &w, e);
}
