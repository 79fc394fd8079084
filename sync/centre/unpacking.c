#include "sync/centre/unpacking.h"

#include <stdio.h>

#include "ocr/repack/packed.h"
#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "sync/receipt.h"

#define ALARM "unpacking"
/* How its alarms begin: taken back by these words when they are true no more. */
#define ALARM_WAIT    "originals that came packed wait to be restored: "
#define ALARM_DAMAGED "an original that came packed cannot be restored: "
/* So much stays free for what boxes send: an original waits rather than take it. */
#define FREE_BYTES_MIN (1024ull << 20)

struct waiting {
    struct hash packed, original;
    uint64_t original_bytes;
    uint16_t site;
};

/* -------------------------------------------------------------------- statements */

/* Runs `sql`: ?1 is the packed form, ?2 the site, ?3 the original, ?4 a reason. */
static int run(struct centre *c, const char *sql, const struct waiting *w,
               const char *reason, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s, sql, e) != 0)
        return -1;
    /* Those that `sql` has no place for are not bound, which is no failure. */
    bind_blob(s, 1, w->packed.bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 2, w->site);
    (void)sqlite3_bind_blob(s, 3, w->original.bytes, HASH_BYTES, SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(s, 4, reason, -1, SQLITE_TRANSIENT);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* The first row of `sql`: packed, site, original, its length. `w` is the one before it
 * (?1, ?2, if `sql` asks), and becomes this one. */
static int find(struct centre *c, const char *sql, struct waiting *w, bool *found,
                struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s, sql, e) != 0)
        return -1;
    (void)sqlite3_bind_blob(s, 1, w->packed.bytes, HASH_BYTES, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int(s, 2, w->site);
    row = statement_step(s, e);
    w->site = row == 1 ? (uint16_t)sqlite3_column_int(s, 1) : 0;
    w->original_bytes = row == 1 ? (uint64_t)sqlite3_column_int64(s, 3) : 0;
    *found = row == 1 && column_hash(s, 0, &w->packed) && column_hash(s, 2, &w->original);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------------ arrival */

/* *packed is false for anything but a packed form: its head alone is looked at. */
static int read_head(struct centre *c, const struct hash *sha256, struct packed_head *out,
                     bool *packed, struct err *e)
{
    unsigned char head[PACKED_HEAD_BYTES];
    struct packed_reader reader;
    struct disk_file *f = NULL;
    struct err other;
    size_t got;
    int rc = -1;

    *packed = false;
    if (blob_open(c->blobs, &f, sha256, e) == 0 &&
        disk_file_read(f, head, sizeof head, 0, &got, e) == 0) {
        *packed = packed_open(&reader, head, got, &other) == 0;
        if (*packed)
            *out = reader.head;
        rc = 0;
    }
    disk_close(f);
    return rc;
}

int unpacking_note(struct centre *c, uint16_t site, const struct hash *sha256,
                   struct err *e)
{
    struct packed_head head;
    sqlite3_stmt *s;
    bool packed;
    int rc;

    if (read_head(c, sha256, &head, &packed, e) != 0)
        return -1;
    if (!packed)
        return 0;
    if (centre_statement(c, &s,
                         "INSERT INTO unpacking (packed, site, original, original_bytes,"
                         "  state) VALUES (?1, ?2, ?3, ?4, 'waiting')"
                         " ON CONFLICT (packed, site)"
                         " DO UPDATE SET state = 'waiting', reason = NULL",
                         e) != 0)
        return -1;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 2, site);
    bind_blob(s, 3, head.sha256.bytes, HASH_BYTES);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)head.original_bytes);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* ---------------------------------------------------------------------- restoring */

/* Only what the site's records name; 36 bits of an id are epoch and counter. Without
 * "<> 'done'", here and below, SQLite does not see that the index of the open ones will
 * do, and looks at all that ever came. */
#define WAITS                                                                            \
    " u.state = 'waiting' AND u.state <> 'done'"                                         \
    " AND EXISTS (SELECT 1 FROM original o WHERE o.sha256 = u.original"                  \
    "             AND o.bytes = u.original_bytes AND o.id >> 36 = u.site)"

static const char next_sql[] =
    "SELECT u.packed, u.site, u.original, u.original_bytes FROM unpacking u"
    " WHERE (u.packed, u.site) > (?1, ?2) AND" WAITS " ORDER BY u.packed, u.site LIMIT 1";

/* Of `a.site`, so that it is asked where there is such an alarm only. */
static const char waiting_over_sql[] =
    "DELETE FROM alarm AS a WHERE a.site = ?2 AND a.kind = '" ALARM "'"
    " AND substr(a.detail, 1, length(?4)) = ?4"
    " AND NOT EXISTS (SELECT 1 FROM unpacking u WHERE u.site = a.site AND" WAITS ")";

static int roll_back(struct centre *c, struct err *e)
{
    store_apply_rollback(c->store);
    return err_wrap(e, ALARM);
}

/* Inside a write that has given this one its new state: what alarms said of it is true no
 * more; that some wait, not while another of the site does. */
static int take_back_alarms(struct centre *c, const struct waiting *w, struct err *e)
{
    char hex[HASH_HEX_BYTES], told[80];

    hash_to_hex(hex, &w->original);
    (void)snprintf(told, sizeof told, ALARM_DAMAGED "%.12s", hex);
    return run(c, waiting_over_sql, w, ALARM_WAIT, e) == 0
               ? site_alarm_over(c, w->site, ALARM, told, e)
               : -1;
}

static int settle(struct centre *c, const struct waiting *w, struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (run(c,
            "INSERT INTO held_blob (sha256, site, state) VALUES (?3, ?2, 1)"
            " ON CONFLICT DO NOTHING",
            w, NULL, e) != 0 ||
        run(c, "DELETE FROM held_blob WHERE sha256 = ?1 AND site = ?2", w, NULL, e) !=
            0 ||
        run(c, "UPDATE unpacking SET state = 'restored' WHERE packed = ?1 AND site = ?2",
            w, NULL, e) != 0 ||
        take_back_alarms(c, w, e) != 0)
        return roll_back(c, e);
    return store_apply_commit(c->store, e);
}

static int fail(struct centre *c, const struct waiting *w, enum refusal why,
                struct err *e)
{
    char hex[HASH_HEX_BYTES], detail[128];

    hash_to_hex(hex, &w->original);
    (void)snprintf(detail, sizeof detail, ALARM_DAMAGED "%.12s, %s", hex,
                   refusal_name(why));
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (run(c,
            "UPDATE unpacking SET state = 'failed', reason = ?4 WHERE packed = ?1"
            " AND site = ?2",
            w, refusal_name(why), e) != 0 ||
        take_back_alarms(c, w, e) != 0 || site_alarm(c, w->site, ALARM, detail, e) != 0)
        return roll_back(c, e);
    return store_apply_commit(c->store, e);
}

/* Nobody can be asked, there is no room, or the disk fails: an administrator hears of it as
 * long as it lasts, and nothing is lost. */
static int cannot(struct centre *c, const struct waiting *w, struct err *e)
{
    char detail[200];
    struct err ignored;

    (void)snprintf(detail, sizeof detail, ALARM_WAIT "%.140s", e->text);
    (void)site_alarm(c, w->site, ALARM, detail, &ignored); /* the first failure tells */
    return -1;
}

static int check_room(struct centre *c, const struct waiting *w, struct err *e)
{
    uint64_t free_bytes;

    if (disk_free_bytes(c->disk, c->dir, &free_bytes, e) != 0)
        return -1;
    if (free_bytes >= FREE_BYTES_MIN + w->original_bytes)
        return 0;
    (void)err_set(e, ERR_NO_SPACE, "the disk is low, %llu MiB are free",
                  (unsigned long long)(free_bytes >> 20));
    return cannot(c, w, e);
}

/* Its packed form cannot be opened. Absent, it does not come back: a refusal. A disk that
 * fails says nothing of it. */
static int judge_unopened(struct centre *c, const struct waiting *w,
                          enum refusal *refusal, struct err *e)
{
    struct err other;
    bool there;

    if (blob_exists(c->blobs, &w->packed, &there, &other) == 0 && !there) {
        *refusal = REFUSAL_EMPTY;
        return 0;
    }
    (void)cannot(c, w, e);
    return 1;
}

/* The original, kept. *refusal: it cannot be restored. 1: it waits, but not the others for
 * it; `e` says why. */
static int restore(struct centre *c, struct restorer *r, const struct waiting *w,
                   enum refusal *refusal, struct err *e)
{
    struct disk_file *packed = NULL;
    struct blob_writer *writer = NULL;
    struct hash kept;
    uint64_t bytes;
    bool was_there;
    int rc = -1;

    if (blob_open(c->blobs, &packed, &w->packed, e) != 0)
        return judge_unopened(c, w, refusal, e);
    if (blob_writer_create(&writer, c->blobs, e) != 0)
        goto out;
    if (r->restore(r, packed, &w->original, blob_writer_file(writer), refusal, e) != 0) {
        rc = e->code == ERR_BUSY ? -1 : cannot(c, w, e);
        goto out;
    }
    if (*refusal == REFUSAL_NONE) {
        if (blob_writer_filled(writer, e) != 0)
            goto out;
        blob_writer_hash(writer, &kept);
        if (!hash_equal(&kept, &w->original)) /* whatever the restorer says */
            *refusal = REFUSAL_DAMAGED;
        else if (blob_writer_keep(writer, &kept, &bytes, &was_there, e) != 0)
            goto out;
    }
    rc = 0;
out:
    blob_writer_destroy(writer);
    disk_close(packed);
    return rc;
}

/* As restore(). */
static int unpack_one(struct centre *c, struct restorer *r, const struct waiting *w,
                      unsigned *restored, struct err *e)
{
    enum refusal refusal = REFUSAL_NONE;
    int rc = check_room(c, w, e);

    if (rc == 0)
        rc = restore(c, r, w, &refusal, e);
    if (rc != 0) {
        (void)err_wrap(e, ALARM);
        return rc;
    }
    if (refusal != REFUSAL_NONE)
        return fail(c, w, refusal, e);
    if (settle(c, w, e) != 0)
        return -1;
    ++*restored;
    return 0;
}

/* ------------------------------------------------------------------------- leaving */

static const char safe_sql[] =
    "SELECT u.packed, u.site, u.original, u.original_bytes FROM unpacking u"
    " JOIN held_blob h ON h.sha256 = u.original AND h.site = u.site"
    " WHERE u.state = 'restored' AND u.state <> 'done' AND h.state = 2 LIMIT 1";

/* Another site may have delivered the same bytes; or an original is just these. */
static int is_needed(struct centre *c, const struct hash *packed, bool *out,
                     struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT 1 FROM held_blob WHERE sha256 = ?1 UNION ALL"
                         " SELECT 1 FROM unpacking WHERE packed = ?1 AND state <> 'done'",
                         e) != 0)
        return -1;
    bind_blob(s, 1, packed->bytes, HASH_BYTES);
    row = statement_step(s, e);
    *out = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* The file before the commit: a row whose file is gone comes here again. */
static int drop_packed(struct centre *c, const struct waiting *w, struct err *e)
{
    bool needed;

    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (run(c, "UPDATE unpacking SET state = 'done' WHERE packed = ?1 AND site = ?2", w,
            NULL, e) != 0 ||
        is_needed(c, &w->packed, &needed, e) != 0 ||
        (!needed && blob_remove(c->blobs, &w->packed, e) != 0))
        return roll_back(c, e);
    return store_apply_commit(c->store, e);
}

static int drop_all(struct centre *c, struct err *e)
{
    struct waiting w = {0};
    bool found = true;

    while (found) {
        if (find(c, safe_sql, &w, &found, e) != 0 ||
            (found && drop_packed(c, &w, e) != 0))
            return -1;
    }
    return 0;
}

int unpacking_some(struct centre *c, struct restorer *r, struct unpacking_walk *walk,
                   unsigned max, unsigned *restored, struct err *e)
{
    struct waiting w = {.packed = walk->packed, .site = walk->site};
    struct err trouble = {0};
    unsigned done = 0, unopened = 0;
    bool found = true;

    *restored = 0;
    if (drop_all(c, e) != 0) /* first: what waits for room may get it */
        return -1;
    while (done < max && unopened < UNPACKING_UNOPENED_MAX && found) {
        int rc = 0;

        if (find(c, next_sql, &w, &found, e) != 0 ||
            (found && (rc = unpack_one(c, r, &w, restored, e)) < 0))
            return -1;
        if (rc == 0) {
            done++;
        } else {
            unopened++;
            trouble = *e;
        }
        *walk = found ? (struct unpacking_walk){w.packed, w.site}
                      : (struct unpacking_walk){0}; /* from the beginning again */
    }
    if (trouble.code == ERR_NONE || *restored > 0)
        return 0;
    *e = trouble;
    return -1;
}

int unpacking_again(struct centre *c, struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (sql_run(store_db(c->store),
                "UPDATE unpacking SET state = 'waiting', reason = NULL"
                " WHERE state = 'failed'",
                e) == 0)
        return store_apply_commit(c->store, e);
    return roll_back(c, e);
}
