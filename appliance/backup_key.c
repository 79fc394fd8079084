#include <string.h>

#include <sodium/utils.h>

#include "appliance/backup_parts.h"
#include "appliance/outbox.h"
#include "schema/statements.h"

/* ----------------------------------------------------------------------- the key */

static int key_path(struct box *b, char path[DISK_PATH_BYTES], struct err *e)
{
    return disk_path(path, e, "%s/keys/" BACKUP_KEY_NAME, b->dir);
}

int second_copy_key(struct box *b, struct recovery_key *out, bool *found, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct buffer raw;
    int rc = -1;

    *found = false;
    if (key_path(b, path, e) != 0 || disk_stat(b->disk, path, &there, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING)
        return 0;
    buffer_init(&raw, RECOVERY_BYTES);
    if (disk_read_all(b->disk, path, &raw, e) == 0) {
        if (raw.count == RECOVERY_BYTES) {
            memcpy(out->bytes, raw.bytes, RECOVERY_BYTES);
            *found = true;
            rc = 0;
        } else {
            (void)err_set(e, ERR_CORRUPT, "%s is no recovery key", path);
        }
    }
    if (raw.bytes != NULL)
        sodium_memzero(raw.bytes, raw.count);
    buffer_release(&raw);
    return rc;
}

/* What was copied is closed by a key that is lost here: it does not count as this box's
 * copy, and the new key is shown like a first one. */
static int forget_copies(struct box *b, struct err *e)
{
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (sql_run(store_db(b->store), "DELETE FROM second_copy", e) == 0)
        return store_write_commit(b->store, NULL, e);
    store_write_rollback(b->store);
    return -1;
}

/* On disk before it is used: what a lost key has closed stays closed. */
static int make_key(struct box *b, struct random *r, struct recovery_key *out,
                    struct err *e)
{
    char path[DISK_PATH_BYTES], keys[DISK_PATH_BYTES];

    if (key_path(b, path, e) != 0 || disk_path(keys, e, "%s/keys", b->dir) != 0 ||
        disk_make_dirs(b->disk, keys, e) != 0)
        return -1;
    recovery_make(out, r);
    return disk_replace(b->disk, path, out->bytes, sizeof out->bytes, e);
}

int backup_key_ready(struct box *b, struct random *r, struct recovery_key *out,
                     bool *made, struct err *e)
{
    int64_t copies;
    bool found;

    if (second_copy_key(b, out, &found, e) != 0 ||
        sql_number(store_db(b->store), "SELECT count(*) FROM second_copy", &copies, e) !=
            0)
        return -1;
    *made = copies == 0 || !found;
    if (!found && copies > 0 && forget_copies(b, e) != 0)
        return -1;
    return found ? 0 : make_key(b, r, out, e);
}

/* ------------------------------------------------------------------- the box's keys */

static int take_key(void *arg, const char *name, struct err *e)
{
    struct making_copy *m = arg;
    struct manifest_key *k = &m->manifest.keys[m->manifest.keys_count];
    char path[DISK_PATH_BYTES];
    struct buffer raw;
    int rc = -1;

    if (strcmp(name, BACKUP_KEY_NAME) == 0 || strchr(name, '.') != NULL)
        return 0; /* the recovery key opens this; what was cut short is no key */
    if (m->manifest.keys_count == MANIFEST_KEYS_MAX || strlen(name) >= sizeof k->name)
        return err_set(e, ERR_FAILED, "keys/%s: more than a copy takes", name);
    buffer_init(&raw, MANIFEST_KEY_BYTES);
    if (disk_path(path, e, "%s/keys/%s", m->box->dir, name) == 0 &&
        disk_read_all(m->box->disk, path, &raw, e) == 0) {
        memcpy(k->name, name, strlen(name) + 1);
        memcpy(k->bytes, raw.bytes, raw.count);
        k->count = raw.count;
        m->manifest.keys_count++;
        rc = 0;
    }
    if (raw.bytes != NULL)
        sodium_memzero(raw.bytes, raw.count);
    buffer_release(&raw);
    return rc;
}

int backup_take_keys(struct making_copy *m, struct err *e)
{
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/keys", m->box->dir) != 0)
        return -1;
    return disk_list(m->box->disk, path, take_key, m, e);
}

/* -------------------------------------------------------------------- for people */

static const char words_text[] =
    "BẢN SAO THỨ HAI CỦA HỘP TRẠM\r\n"
    "Mọi thứ ở đây đã được mã hóa. Đừng xóa hay sửa gì.\r\n"
    "Để dựng lại hộp: tram-box --data THƯ-MỤC-MỚI restore THƯ-MỤC-NÀY\r\n"
    "Lệnh sẽ hỏi mã khôi phục, tám nhóm sáu chữ số, mà xã đã ghi ra giấy. Nếu mất "
    "giấy,\r\n"
    "hãy gửi tệp province.key cho trung tâm tỉnh: tỉnh mở được mã đó.\r\n"
    "\r\n"
    "THE SECOND COPY OF A TRAM BOX\r\n"
    "All of it is encrypted. Delete and change nothing.\r\n"
    "To make the box again: tram-box --data NEW-DIRECTORY restore THIS-DIRECTORY\r\n"
    "It asks for the recovery key, eight groups of six digits, that the commune wrote\r\n"
    "down. If that paper is lost, send the file province.key to the provincial "
    "centre,\r\n"
    "which can open it.\r\n";

static int is_there(struct making_copy *m, const char *name, bool *there, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat s;

    *there = false;
    if (disk_path(path, e, "%s/%s", m->store.dir, name) != 0 ||
        disk_stat(m->store.disk, path, &s, e) != 0)
        return -1;
    *there = s.kind == DISK_FILE && s.bytes > 0;
    return 0;
}

/* In digits, so that it can go by mail. */
static int write_province_key(struct making_copy *m, struct err *e)
{
    uint8_t sealed[RECOVERY_SEALED_BYTES];
    char hex[2 * RECOVERY_SEALED_BYTES + 1];
    const char *const sql = "SELECT centre_key FROM centre_link";
    struct public_key centre;
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(m->box->store), &s, &sql, 1, e) != 0)
        return -1;
    row = statement_step(s, e);
    if (row == 1 && sqlite3_column_bytes(s, 0) == (int)sizeof centre.bytes)
        memcpy(centre.bytes, sqlite3_column_blob(s, 0), sizeof centre.bytes);
    else if (row == 1)
        row = 0;
    statements_finalize(&s, 1);
    if (row <= 0)
        return row; /* no centre: nobody to seal it for */
    if (recovery_seal(&m->key, &centre, sealed, e) != 0)
        return -1;
    (void)sodium_bin2hex(hex, sizeof hex, sealed, sizeof sealed);
    return copy_write_file(&m->store, "province.key", hex, strlen(hex), e);
}

int backup_write_words(struct making_copy *m, struct err *e)
{
    bool there;

    /* Each time: for another centre, of another key, or rotten, it looks the same. */
    if (write_province_key(m, e) != 0 || is_there(m, "READ-ME.txt", &there, e) != 0)
        return -1;
    return there ? 0
                 : copy_write_file(&m->store, "READ-ME.txt", words_text,
                                   sizeof words_text - 1, e);
}
