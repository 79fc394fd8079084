#include "appliance/backup_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define MAGIC        "TRC1"
#define PIECE_BYTES  65536
#define SEALED_BYTES (PIECE_BYTES + crypto_secretstream_xchacha20poly1305_ABYTES)
#define HEAD_BYTES   (4 + crypto_secretstream_xchacha20poly1305_HEADERBYTES)

int copy_store_init(struct copy_store *s, struct disk *d, const char *dir,
                    const struct recovery_key *key, struct err *e)
{
    *s = (struct copy_store){.disk = d};
    recovery_derive(key, "tram copy names 1", s->names);
    recovery_derive(key, "tram copy bytes 1", s->bytes);
    return disk_path(s->dir, e, "%s", dir);
}

void copy_store_wipe(struct copy_store *s)
{
    sodium_memzero(s, sizeof *s);
}

/* ------------------------------------------------------------------------- names */

void copy_name(const struct copy_store *s, const struct hash *sha256, struct hash *name)
{
    (void)crypto_generichash(name->bytes, HASH_BYTES, sha256->bytes, HASH_BYTES, s->names,
                             sizeof s->names);
}

static int object_paths(const struct copy_store *s, const struct hash *name,
                        char dir[DISK_PATH_BYTES], char path[DISK_PATH_BYTES],
                        struct err *e)
{
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, name);
    if (disk_path(dir, e, "%s/objects/%.2s", s->dir, hex) != 0)
        return -1;
    return disk_path(path, e, "%s/objects/%.2s/%s", s->dir, hex, hex + 2);
}

static int remove_partial(void *arg, const char *name, struct err *e)
{
    struct copy_store *s = arg;
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/partial/%s", s->dir, name) != 0)
        return -1;
    return disk_remove(s->disk, path, e);
}

int copy_store_prepare(struct copy_store *s, struct err *e)
{
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/objects", s->dir) != 0 ||
        disk_make_dirs(s->disk, path, e) != 0 ||
        disk_path(path, e, "%s/partial", s->dir) != 0 ||
        disk_make_dirs(s->disk, path, e) != 0)
        return -1;
    return disk_list(s->disk, path, remove_partial, s, e);
}

static uint64_t pieces_of(uint64_t plain_bytes)
{
    return plain_bytes == 0 ? 1 : (plain_bytes + PIECE_BYTES - 1) / PIECE_BYTES;
}

int copy_has(struct copy_store *s, const struct hash *sha256, uint64_t plain_bytes,
             bool *there, struct err *e)
{
    char dir[DISK_PATH_BYTES], path[DISK_PATH_BYTES];
    uint64_t expected =
        HEAD_BYTES + plain_bytes + pieces_of(plain_bytes) * (SEALED_BYTES - PIECE_BYTES);
    struct disk_stat found;
    struct hash name;

    *there = false;
    copy_name(s, sha256, &name);
    if (object_paths(s, &name, dir, path, e) != 0 ||
        disk_stat(s->disk, path, &found, e) != 0)
        return -1;
    *there =
        found.kind == DISK_FILE && (plain_bytes == UINT64_MAX || found.bytes == expected);
    return 0;
}

/* ----------------------------------------------------------------------- opening */

struct opening {
    crypto_secretstream_xchacha20poly1305_state state;
    unsigned char sealed[SEALED_BYTES], plain[PIECE_BYTES];
    struct hasher hasher;
};

/* 1: one piece more may follow; 0: that was the last. */
static int open_piece(struct opening *o, struct disk_file *f, uint64_t *at,
                      const struct hash *name, size_t *count, struct err *e)
{
    unsigned long long plain = 0;
    unsigned char tag = 0;
    size_t got = 0;

    if (disk_file_read(f, o->sealed, SEALED_BYTES, *at, &got, e) != 0)
        return -1;
    if (crypto_secretstream_xchacha20poly1305_pull(&o->state, o->plain, &plain, &tag,
                                                   o->sealed, got, name->bytes,
                                                   HASH_BYTES) != 0)
        return err_set(e, ERR_CORRUPT, "altered or cut off");
    *at += got;
    *count = (size_t)plain;
    return tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL;
}

static int open_head(struct opening *o, const struct copy_store *s, struct disk_file *f,
                     struct err *e)
{
    unsigned char head[HEAD_BYTES];
    size_t got = 0;

    if (disk_file_read(f, head, sizeof head, 0, &got, e) != 0)
        return -1;
    if (got != sizeof head || memcmp(head, MAGIC, 4) != 0 ||
        crypto_secretstream_xchacha20poly1305_init_pull(&o->state, head + 4, s->bytes) !=
            0)
        return err_set(e, ERR_CORRUPT, "no object of a copy");
    return 0;
}

static int open_all(const struct copy_store *s, struct disk_file *f,
                    const struct hash *name, const struct hash *sha256,
                    int (*sink)(void *arg, const void *bytes, size_t count,
                                struct err *e),
                    void *arg, struct err *e)
{
    struct opening *o = malloc(sizeof *o);
    uint64_t at = HEAD_BYTES, file_bytes;
    struct hash found;
    int more = 1, rc = -1;

    if (o == NULL)
        return err_set(e, ERR_MEMORY, "copy");
    hasher_init(&o->hasher);
    if (disk_file_size(f, &file_bytes, e) != 0 || open_head(o, s, f, e) != 0)
        goto out;
    while (more == 1) {
        size_t count = 0;

        more = open_piece(o, f, &at, name, &count, e);
        if (more < 0)
            goto out;
        hasher_add(&o->hasher, o->plain, count);
        if (sink != NULL && sink(arg, o->plain, count, e) != 0)
            goto out;
    }
    hasher_finish(&o->hasher, &found);
    rc = at == file_bytes && hash_equal(&found, sha256)
             ? 0
             : err_set(e, ERR_CORRUPT, "another one, or more than one");
out:
    sodium_memzero(o, sizeof *o);
    free(o);
    return rc;
}

int copy_get(struct copy_store *s, const struct hash *sha256,
             int (*sink)(void *arg, const void *bytes, size_t count, struct err *e),
             void *arg, struct err *e)
{
    char dir[DISK_PATH_BYTES], path[DISK_PATH_BYTES];
    struct disk_file *f = NULL;
    struct disk_stat there;
    struct hash name;
    int rc = -1;

    copy_name(s, sha256, &name);
    if (object_paths(s, &name, dir, path, e) != 0 ||
        disk_stat(s->disk, path, &there, e) != 0)
        return -1;
    if (there.kind != DISK_FILE)
        return err_set(e, ERR_CORRUPT, "%s is not there", path);
    if (disk_open(s->disk, &f, path, DISK_READ, e) == 0) {
        disk_file_forget(f);
        rc = open_all(s, f, &name, sha256, sink, arg, e);
    }
    disk_close(f);
    return rc == 0 ? 0 : err_wrap(e, "%s", path);
}

int copy_check(struct copy_store *s, const struct hash *sha256, bool *sound, bool *unread,
               struct err *e)
{
    int rc = copy_get(s, sha256, NULL, NULL, e);

    *sound = rc == 0;
    *unread = rc != 0 && e->code == ERR_IO;
    return rc == 0 || *unread || e->code == ERR_CORRUPT ? 0 : -1;
}

/* ----------------------------------------------------------------------- writing */

struct writing {
    struct copy_store *store;
    struct disk_file *file;
    char path[DISK_PATH_BYTES];
    struct hash name;
    uint64_t at;
    crypto_secretstream_xchacha20poly1305_state state;
    unsigned char plain[PIECE_BYTES], sealed[SEALED_BYTES];
    struct hasher hasher;
};

/* Where the bytes come from; fewer than asked only at their end. */
struct source {
    int (*read)(void *arg, void *bytes, size_t count, uint64_t at, size_t *got,
                struct err *e);
    void *arg;
};

static int begin_file(struct writing *w, struct err *e)
{
    struct copy_store *s = w->store;
    unsigned char head[HEAD_BYTES] = MAGIC;

    (void)crypto_secretstream_xchacha20poly1305_init_push(&w->state, head + 4, s->bytes);
    if (disk_path(w->path, e, "%s/partial/%" PRIu64, s->dir, s->partial_next++) != 0 ||
        disk_open(s->disk, &w->file, w->path, DISK_CREATE, e) != 0)
        return -1;
    w->at = HEAD_BYTES;
    return disk_file_write(w->file, head, sizeof head, 0, e);
}

static int write_pieces(struct writing *w, const struct source *from, struct err *e)
{
    uint64_t read_at = 0;
    bool last = false;

    hasher_init(&w->hasher);
    while (!last) {
        unsigned long long sealed;
        size_t got = 0;
        unsigned char beyond;
        size_t more = 0;

        if (from->read(from->arg, w->plain, PIECE_BYTES, read_at, &got, e) != 0 ||
            from->read(from->arg, &beyond, 1, read_at + got, &more, e) != 0)
            return -1;
        last = more == 0;
        hasher_add(&w->hasher, w->plain, got);
        (void)crypto_secretstream_xchacha20poly1305_push(
            &w->state, w->sealed, &sealed, w->plain, got, w->name.bytes, HASH_BYTES,
            last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                 : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
        if (disk_file_write(w->file, w->sealed, (size_t)sealed, w->at, e) != 0)
            return -1;
        w->at += sealed;
        read_at += got;
    }
    return 0;
}

static int make_fan_out(struct copy_store *s, const char *dir, const struct hash *name,
                        struct err *e)
{
    bool *synced = &s->fan_out_synced[name->bytes[0]];

    if (*synced)
        return 0;
    if (disk_make_dirs(s->disk, dir, e) != 0)
        return -1;
    *synced = true;
    return 0;
}

/* Synced, read again, and only then named. */
static int name_it(struct writing *w, const struct hash *sha256, struct err *e)
{
    struct copy_store *s = w->store;
    char dir[DISK_PATH_BYTES], path[DISK_PATH_BYTES];

    if (disk_file_sync(w->file, e) != 0)
        return -1;
    disk_file_forget(w->file);
    disk_close(w->file);
    w->file = NULL;
    if (disk_open(s->disk, &w->file, w->path, DISK_READ, e) != 0)
        return -1;
    if (open_all(s, w->file, &w->name, sha256, NULL, NULL, e) != 0)
        return err_wrap(e, "what was just written reads otherwise: use another disk");
    if (object_paths(s, &w->name, dir, path, e) != 0 ||
        make_fan_out(s, dir, &w->name, e) != 0 ||
        disk_rename(s->disk, w->path, path, e) != 0)
        return -1;
    w->path[0] = '\0';
    return disk_sync_dir(s->disk, dir, e);
}

static int put(struct copy_store *s, const struct source *from, const struct hash *sha256,
               bool *same, struct err *e)
{
    struct writing *w = calloc(1, sizeof *w);
    struct err ignored;
    struct hash found;
    int rc = -1;

    *same = false;
    if (w == NULL)
        return err_set(e, ERR_MEMORY, "copy");
    w->store = s;
    copy_name(s, sha256, &w->name);
    if (begin_file(w, e) != 0 || write_pieces(w, from, e) != 0)
        goto out;
    hasher_finish(&w->hasher, &found);
    *same = hash_equal(&found, sha256);
    rc = *same ? name_it(w, sha256, e) : 0;
out:
    disk_close(w->file);
    if (w->path[0] != '\0')
        (void)disk_remove(s->disk, w->path, &ignored); /* else the next run does */
    sodium_memzero(w, sizeof *w);
    free(w);
    return rc;
}

struct file_source {
    struct disk_file *file;
    bool unread; /* so it was not the medium */
};

static int read_file(void *arg, void *bytes, size_t count, uint64_t at, size_t *got,
                     struct err *e)
{
    struct file_source *f = arg;

    f->unread = disk_file_read(f->file, bytes, count, at, got, e) != 0;
    return f->unread ? -1 : 0;
}

int copy_put_file(struct copy_store *s, struct disk_file *from, const struct hash *sha256,
                  bool *same, struct err *e)
{
    struct file_source file = {.file = from};
    const struct source source = {read_file, &file};

    if (put(s, &source, sha256, same, e) == 0)
        return 0;
    *same = false;
    return file.unread && e->code == ERR_IO ? 0 : -1;
}

struct memory {
    const unsigned char *bytes;
    size_t count;
};

static int read_memory(void *arg, void *bytes, size_t count, uint64_t at, size_t *got,
                       struct err *e)
{
    const struct memory *m = arg;
    size_t left = m->count - (size_t)at;

    (void)e;
    *got = count < left ? count : left;
    if (*got > 0)
        memcpy(bytes, m->bytes + at, *got);
    return 0;
}

int copy_put_bytes(struct copy_store *s, const void *bytes, size_t count,
                   const struct hash *sha256, struct err *e)
{
    struct memory memory = {bytes, count};
    const struct source source = {read_memory, &memory};
    bool same;

    if (put(s, &source, sha256, &same, e) != 0)
        return -1;
    return same ? 0 : err_set(e, ERR_CORRUPT, "bytes changed in memory");
}
