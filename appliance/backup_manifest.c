#include "appliance/backup_manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define MAGIC      "TRAMCOPY"
#define VERSION    1
#define MARK_BYTES 8
#define OPEN_BYTES 28 /* magic, version, generation, key mark */
#define NONCE      crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG        crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PREFIX     "generation-"

void copy_manifest_release(struct manifest *m)
{
    free(m->database.hashes);
    free(m->blobs.hashes);
    sodium_memzero(m, sizeof *m);
}

/* ----------------------------------------------------------------------- the rest */

static void encode_pieces(const struct manifest_pieces *p, struct buffer *out)
{
    buffer_append_varint(out, p->bytes);
    buffer_append(out, p->sha256.bytes, HASH_BYTES);
    buffer_append_varint(out, p->count);
    if (p->count > 0)
        buffer_append(out, p->hashes, p->count * HASH_BYTES);
}

void copy_manifest_encode(const struct manifest *m, struct buffer *out)
{
    buffer_append_varint(out, m->generation);
    buffer_append_u16(out, m->site);
    buffer_append_byte(out, m->epoch);
    buffer_append_varint(out, strlen(m->name));
    buffer_append_text(out, m->name);
    buffer_append_varint(out, m->sequence);
    buffer_append_varint(out, m->original);
    buffer_append_varint(out, m->lacking);
    buffer_append_varint(out, m->held);
    buffer_append_signed(out, m->wall_ms);
    buffer_append_varint(out, m->keys_count);
    for (size_t i = 0; i < m->keys_count; i++) {
        buffer_append_varint(out, strlen(m->keys[i].name));
        buffer_append_text(out, m->keys[i].name);
        buffer_append_varint(out, m->keys[i].count);
        buffer_append(out, m->keys[i].bytes, m->keys[i].count);
    }
    encode_pieces(&m->database, out);
    encode_pieces(&m->blobs, out);
}

/* At most `bytes_max`; nothing is copied beyond it. */
static size_t decode_bytes(struct cursor *c, void *out, size_t bytes_max)
{
    uint64_t count = cursor_varint(c);
    const unsigned char *bytes;

    if (count > bytes_max || count > cursor_left(c)) {
        c->failed = true;
        return 0;
    }
    bytes = cursor_take(c, (size_t)count);
    if (bytes != NULL && count > 0)
        memcpy(out, bytes, (size_t)count);
    return (size_t)count;
}

static void decode_text(struct cursor *c, char *out, size_t out_bytes)
{
    size_t count = decode_bytes(c, out, out_bytes - 1);

    out[count] = '\0';
    if (strlen(out) != count)
        c->failed = true;
}

static int decode_pieces(struct cursor *c, struct manifest_pieces *out, struct err *e)
{
    const unsigned char *bytes;
    uint64_t count;

    out->bytes = cursor_varint(c);
    bytes = cursor_take(c, HASH_BYTES);
    if (bytes != NULL)
        memcpy(out->sha256.bytes, bytes, HASH_BYTES);
    count = cursor_varint(c);
    if (c->failed || count > cursor_left(c) / HASH_BYTES)
        return err_set(e, ERR_CORRUPT, "manifest: cut off in its pieces");
    out->hashes = malloc(count == 0 ? 1 : (size_t)count * HASH_BYTES);
    if (out->hashes == NULL)
        return err_set(e, ERR_MEMORY, "manifest");
    out->count = (size_t)count;
    bytes = cursor_take(c, out->count * HASH_BYTES);
    if (bytes != NULL && count > 0)
        memcpy(out->hashes, bytes, out->count * HASH_BYTES);
    return 0;
}

/* Its name becomes a path. */
static bool name_is_plain(const char *name)
{
    return name[0] != '\0' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz-_0123456789") == strlen(name);
}

static int decode_keys(struct cursor *c, struct manifest *m, struct err *e)
{
    uint64_t count = cursor_varint(c);

    if (count > MANIFEST_KEYS_MAX)
        return err_set(e, ERR_CORRUPT, "manifest: too many keys");
    for (; m->keys_count < count; m->keys_count++) {
        struct manifest_key *k = &m->keys[m->keys_count];

        decode_text(c, k->name, sizeof k->name);
        k->count = decode_bytes(c, k->bytes, sizeof k->bytes);
        if (c->failed || !name_is_plain(k->name))
            return err_set(e, ERR_CORRUPT, "manifest: malformed key");
    }
    return 0;
}

int copy_manifest_decode(struct manifest *out, const void *bytes, size_t count,
                         struct err *e)
{
    struct manifest m = {0};
    struct cursor c;

    *out = m;
    cursor_init(&c, bytes, count);
    m.generation = cursor_varint(&c);
    m.site = cursor_u16(&c);
    m.epoch = cursor_byte(&c);
    decode_text(&c, m.name, sizeof m.name);
    m.sequence = cursor_varint(&c);
    m.original = cursor_varint(&c);
    m.lacking = cursor_varint(&c);
    m.held = cursor_varint(&c);
    m.wall_ms = cursor_signed(&c);
    if (decode_keys(&c, &m, e) == 0 && decode_pieces(&c, &m.database, e) == 0 &&
        decode_pieces(&c, &m.blobs, e) == 0 && cursor_done(&c, "manifest", e) == 0) {
        *out = m;
        return 0;
    }
    copy_manifest_release(&m);
    return -1;
}

/* ---------------------------------------------------------------------- the file */

static void file_name(char out[MANIFEST_NAME_BYTES], uint64_t generation)
{
    (void)snprintf(out, MANIFEST_NAME_BYTES, PREFIX "%010" PRIu64, generation);
}

static void append_open(struct buffer *out, uint64_t generation,
                        const struct recovery_key *key)
{
    uint8_t mark[RECOVERY_KEY_BYTES];

    recovery_derive(key, "tram copy mark 1", mark);
    buffer_append(out, MAGIC, 8);
    buffer_append_u32(out, VERSION);
    buffer_append_u64(out, generation);
    buffer_append(out, mark, MARK_BYTES);
}

int copy_manifest_write(const struct manifest *m, struct copy_store *s,
                        const struct recovery_key *key, struct random *r, struct err *e)
{
    uint8_t cipher[RECOVERY_KEY_BYTES], nonce[NONCE];
    char name[MANIFEST_NAME_BYTES];
    struct buffer plain, file;
    unsigned char *sealed = NULL;
    int rc = -1;

    buffer_init(&plain, MANIFEST_BYTES_MAX);
    buffer_init(&file, MANIFEST_BYTES_MAX + 1024);
    recovery_derive(key, "tram copy manifest 1", cipher);
    r->fill(r, nonce, sizeof nonce);
    copy_manifest_encode(m, &plain);
    append_open(&file, m->generation, key);
    sealed = malloc(plain.count + TAG);
    if (sealed == NULL || buffer_check(&plain, e) != 0) {
        (void)err_set(e, sealed == NULL ? ERR_MEMORY : ERR_TOO_BIG, "manifest");
        goto out;
    }
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain.bytes,
                                                     plain.count, file.bytes, OPEN_BYTES,
                                                     NULL, nonce, cipher);
    buffer_append(&file, nonce, sizeof nonce);
    buffer_append(&file, sealed, plain.count + TAG);
    file_name(name, m->generation);
    if (buffer_check(&file, e) == 0)
        rc = copy_write_file(s, name, file.bytes, file.count, e);
out:
    if (plain.bytes != NULL)
        sodium_memzero(plain.bytes, plain.count); /* it holds the keys */
    sodium_memzero(cipher, sizeof cipher);
    free(sealed);
    buffer_release(&file);
    buffer_release(&plain);
    return rc;
}

/* What stands in the open first, then the rest. */
static int open_file(struct manifest *out, const struct buffer *file, uint64_t generation,
                     const struct recovery_key *key, struct err *e)
{
    uint8_t cipher[RECOVERY_KEY_BYTES];
    unsigned long long count = 0;
    unsigned char *plain = NULL;
    struct buffer open;
    int rc = -1;

    buffer_init(&open, OPEN_BYTES);
    append_open(&open, generation, key);
    if (buffer_check(&open, e) != 0)
        goto out;
    if (file->count < OPEN_BYTES + NONCE + TAG ||
        memcmp(file->bytes, open.bytes, OPEN_BYTES - MARK_BYTES) != 0) {
        (void)err_set(e, ERR_CORRUPT, "no manifest of a copy, or a damaged one");
        goto out;
    }
    if (memcmp(file->bytes + OPEN_BYTES - MARK_BYTES,
               open.bytes + OPEN_BYTES - MARK_BYTES, MARK_BYTES) != 0) {
        (void)err_set(e, ERR_REFUSED, "made with another recovery key");
        goto out;
    }
    plain = malloc(file->count);
    if (plain == NULL) {
        (void)err_set(e, ERR_MEMORY, "manifest");
        goto out;
    }
    recovery_derive(key, "tram copy manifest 1", cipher);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, &count, NULL, file->bytes + OPEN_BYTES + NONCE,
            file->count - OPEN_BYTES - NONCE, file->bytes, OPEN_BYTES,
            file->bytes + OPEN_BYTES, cipher) != 0)
        (void)err_set(e, ERR_CORRUPT, "damaged");
    else
        rc = copy_manifest_decode(out, plain, (size_t)count, e);
out:
    sodium_memzero(cipher, sizeof cipher);
    if (plain != NULL)
        sodium_memzero(plain, file->count);
    free(plain);
    buffer_release(&open);
    return rc;
}

int copy_manifest_read(struct manifest *out, struct copy_store *s, uint64_t generation,
                       const struct recovery_key *key, struct err *e)
{
    char name[MANIFEST_NAME_BYTES], path[DISK_PATH_BYTES];
    struct buffer file;
    int rc = -1;

    *out = (struct manifest){0};
    buffer_init(&file, MANIFEST_BYTES_MAX + 1024);
    file_name(name, generation);
    if (disk_path(path, e, "%s/%s", s->dir, name) == 0 &&
        disk_read_all(s->disk, path, &file, e) == 0)
        rc = open_file(out, &file, generation, key, e);
    if (rc == 0 && out->generation != generation) {
        copy_manifest_release(out);
        rc = err_set(e, ERR_CORRUPT, "of another generation");
    }
    buffer_release(&file);
    return rc == 0 ? 0 : err_wrap(e, "%s/%s", s->dir, name);
}

/* ------------------------------------------------------------------ generations */

struct listing {
    struct buffer numbers;
};

/* In the order of the names, which is that of the numbers. */
static int add_number(void *arg, const char *name, struct err *e)
{
    struct listing *l = arg;
    char again[MANIFEST_NAME_BYTES];
    uint64_t number;

    (void)e;
    if (sscanf(name, PREFIX "%10" SCNu64, &number) != 1)
        return 0;
    file_name(again, number);
    if (strcmp(again, name) == 0)
        buffer_append(&l->numbers, &number, sizeof number);
    return 0;
}

int copy_manifest_list(struct copy_store *s, uint64_t **out, size_t *count, struct err *e)
{
    struct disk_stat there;
    struct listing l;
    int rc = -1;

    *out = NULL;
    *count = 0;
    buffer_init(&l.numbers, 1u << 20);
    if (disk_stat(s->disk, s->dir, &there, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING)
        return 0;
    if (disk_list(s->disk, s->dir, add_number, &l, e) == 0 &&
        buffer_check(&l.numbers, e) == 0) {
        *out = (uint64_t *)(void *)l.numbers.bytes;
        *count = l.numbers.count / sizeof **out;
        l.numbers = (struct buffer){0}; /* now the caller's */
        rc = 0;
    }
    buffer_release(&l.numbers);
    return rc;
}

int copy_manifest_remove(struct copy_store *s, uint64_t generation, struct err *e)
{
    char name[MANIFEST_NAME_BYTES], path[DISK_PATH_BYTES];

    file_name(name, generation);
    if (disk_path(path, e, "%s/%s", s->dir, name) != 0 ||
        disk_remove(s->disk, path, e) != 0)
        return -1;
    return disk_sync_dir(s->disk, s->dir, e);
}
