#include "appliance/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/outbox_internal.h"
#include "appliance/status.h"
#include "schema/fork.h"
#include "schema/statements.h"

#define KEY_NAME "box"

static const char *const sql[OUTBOX_STATEMENTS] = {
    [OUTBOX_CENTRE] = "SELECT province, url, centre_key, tls_key, secret, centre_epoch"
                      " FROM centre_link",
    [OUTBOX_STATE] = "SELECT received, applied, safe, sent, centre_epoch"
                     " FROM sync_state, centre_link",
    [OUTBOX_SEEN] = "SELECT seen, seen_epoch, user_version"
                    " FROM sync_state, pragma_user_version",
    [OUTBOX_LAST] = "SELECT coalesce(max(sequence), 0) FROM changelog",
    [OUTBOX_CHAIN] = "SELECT chain FROM changelog WHERE sequence = ?1",
    [OUTBOX_FRAMES] = "SELECT sequence, schema, seen, changeset, chain, seen_epoch, epoch"
                      " FROM changelog"
                      " WHERE sequence >= ?1 ORDER BY sequence",
    /* What is received of our line, and not lacked. */
    [OUTBOX_LEANING] = "SELECT received, history_after, dictionary_lacked"
                       " FROM sync_state",
    [OUTBOX_BACKWARDS] = "SELECT sequence, changeset FROM changelog"
                         " WHERE sequence <= ?1 AND sequence > ?2"
                         " ORDER BY sequence DESC",
    [OUTBOX_LACKS_HISTORY] = "UPDATE sync_state SET history_after = received",
    [OUTBOX_LACKS_DICTIONARY] = "UPDATE sync_state SET dictionary_lacked = ?1",
    [OUTBOX_BY_OBJECT] = "SELECT bytes FROM outbox WHERE object = ?1",
    /* By what the header says (sync/bundle.h): its packing, its dictionary. */
    [OUTBOX_FORGET_LEANING] = "DELETE FROM outbox WHERE substr(bytes, 6, 1) >= x'02'",
    [OUTBOX_FORGET_UNBEGUN] = "DELETE FROM outbox WHERE object = ?1 AND begun = 0",
    [OUTBOX_FORGET_HISTORY] =
        "DELETE FROM outbox WHERE substr(bytes, 6, 1) IN (x'03', x'05')",
    [OUTBOX_FORGET_DICTIONARY] = "DELETE FROM outbox WHERE substr(bytes, 33, 4) ="
                                 " (SELECT substr(bytes, 33, 4) FROM outbox"
                                 "  WHERE object = ?1)",
    [OUTBOX_ROW] = "SELECT first, last, object, bytes, begun FROM outbox"
                   " WHERE first <= ?1 AND last >= ?1 ORDER BY first DESC LIMIT 1",
    /* Another road may have made it meanwhile: then that one stands; or have left the
     * line: then its frames are no more. */
    [OUTBOX_ADD] = "INSERT INTO outbox (first, last, object, bytes)"
                   " SELECT ?1, ?2, ?3, ?4 FROM changelog"
                   " WHERE sequence = ?2 AND chain = ?5 ON CONFLICT DO NOTHING",
    [OUTBOX_BEGUN] = "UPDATE outbox SET begun = 1 WHERE first = ?1",
    [OUTBOX_SENT] = "UPDATE sync_state SET sent = max(sent, ?1)",
    /* Equal ones go once. Thumbnails go with their images: a list is looked at before a page. Sorted by
     * the key, which is the order of `place`: nothing is sorted for it. */
    [OUTBOX_NEXT_IMAGE] =
        "SELECT 2 * i.page + (i.kind = 'thumbnail') AS place, i.sha256,"
        " b.sha256 IS NOT NULL FROM image i"
        " LEFT JOIN blob_sent b ON b.sha256 = i.sha256"
        " WHERE i.page >= ?1 / 2 AND 2 * i.page + (i.kind = 'thumbnail') > ?1"
        " AND coalesce(b.state, 0) = 0 AND NOT EXISTS (SELECT 1 FROM image j"
        "  WHERE j.sha256 = i.sha256 AND (j.page, j.kind) < (i.page, i.kind))"
        " ORDER BY i.page, i.kind LIMIT 1",
    /* In the form that has begun to leave; else packed, if it is. */
    [OUTBOX_NEXT_ORIGINAL] =
        "SELECT o.id, iif(b.sha256 IS NULL, coalesce(k.packed, o.sha256), o.sha256),"
        " b.sha256 IS NOT NULL OR p.sha256 IS NOT NULL FROM original o"
        " LEFT JOIN blob_sent b ON b.sha256 = o.sha256"
        " LEFT JOIN packing k ON k.original = o.sha256 AND k.here = 1"
        " LEFT JOIN blob_sent p ON p.sha256 = k.packed"
        " WHERE o.id > ?1 AND coalesce(b.state, 0) = 0 ORDER BY o.id LIMIT 1",
    [OUTBOX_BLOB_BEGUN] = "INSERT INTO blob_sent (sha256, state) VALUES (?1, 0)"
                          " ON CONFLICT DO NOTHING",
    [OUTBOX_PACKED_GONE] = "UPDATE packing SET here = 0 WHERE packed = ?1 AND here = 1",
    [OUTBOX_NUMBERS] = "UPDATE sync_state SET received = max(received, ?1),"
                       " applied = max(applied, ?2), safe = max(safe, ?3),"
                       " sent = max(sent, ?1)",
    /* What a restored centre does not hold has to be sent again: it is not sent. */
    [OUTBOX_NUMBERS_ANEW] = "UPDATE sync_state SET received = ?1, applied = ?2,"
                            " safe = ?3, sent = ?1",
    [OUTBOX_CENTRE_EPOCH] = "UPDATE centre_link SET centre_epoch = ?1",
    /* What it calls safe it says again at once; and what was safe only in a newer backup
     * than its own it has lost. What is not here cannot be offered. */
    [OUTBOX_FORGET_BLOBS] =
        "DELETE FROM blob_sent WHERE state < 2 OR NOT EXISTS"
        " (SELECT 1 FROM away_blob a WHERE a.sha256 = blob_sent.sha256)",
    /* With the epoch that the centre has now: room.h goes by it. */
    [OUTBOX_BLOB_STATE] =
        "INSERT INTO blob_sent (sha256, state, centre_epoch)"
        " SELECT ?1, ?2, centre_epoch FROM centre_link WHERE true ON CONFLICT DO UPDATE"
        " SET state = max(state, ?2), centre_epoch = iif(?2 < state, centre_epoch,"
        "  excluded.centre_epoch)",
    /* Who has the packed form has the original. */
    [OUTBOX_PACKED_STATE] =
        "INSERT INTO blob_sent (sha256, state, centre_epoch)"
        " SELECT k.original, ?2, c.centre_epoch FROM packing k, centre_link c"
        " WHERE k.packed = ?1 ON CONFLICT DO UPDATE SET state = max(state, ?2),"
        "  centre_epoch = iif(?2 < state, centre_epoch, excluded.centre_epoch)",
    [OUTBOX_DROP] = "DELETE FROM outbox WHERE last <= (SELECT received FROM sync_state)",
    [OUTBOX_CLAIMED] = "UPDATE centre_link SET secret = NULL WHERE secret IS NOT NULL",
};

/* ----------------------------------------------------------- open and close */

int outbox_enrolled(struct box *b, bool *enrolled, struct err *e)
{
    int64_t rows;

    *enrolled = false;
    if (sql_number(store_db(b->store), "SELECT count(*) FROM centre_link", &rows, e) != 0)
        return -1;
    *enrolled = rows == 1;
    return 0;
}

/* A column that must be exactly so long. */
static int take_blob(sqlite3_stmt *s, int column, void *out, size_t count, struct err *e)
{
    if ((size_t)sqlite3_column_bytes(s, column) != count)
        return err_set(e, ERR_CORRUPT, "%s is malformed", sqlite3_column_name(s, column));
    memcpy(out, sqlite3_column_blob(s, column), count);
    return 0;
}

static int open_keys(struct outbox *o, struct err *e)
{
    struct box *b = o->box;
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_CENTRE);
    int row = statement_step(s, e);
    int rc;

    if (row < 0)
        return -1;
    if (row == 0)
        return err_set(e, ERR_USAGE, "this box is not enrolled with a centre");
    rc = take_blob(s, 2, o->centre.bytes, sizeof o->centre.bytes, e);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    if (rc != 0 || key_pair_load(&o->key, b->disk, b->dir, KEY_NAME, e) != 0)
        return -1;
    if (!key_agree(&o->key, &o->centre, o->shared))
        return err_set(e, ERR_CORRUPT, "the centre's key is no key");
    return 0;
}

int outbox_create(struct outbox **out, struct box *b, struct random *r, struct err *e)
{
    struct outbox *o = calloc(1, sizeof *o);

    *out = NULL;
    if (o == NULL)
        return err_set(e, ERR_MEMORY, "outbox");
    o->box = b;
    o->random = r;
    o->site = store_identity(b->store)->site;
    buffer_init(&o->bundle.bytes, BUNDLE_BYTES_MAX);
    if (statements_prepare(store_db(b->store), o->statements, sql, OUTBOX_STATEMENTS,
                           e) != 0 ||
        open_keys(o, e) != 0) {
        outbox_destroy(o);
        return err_wrap(e, "outbox");
    }
    *out = o;
    return 0;
}

void outbox_destroy(struct outbox *o)
{
    if (o == NULL)
        return;
    statements_finalize(o->statements, OUTBOX_STATEMENTS);
    disk_close(o->image.file);
    disk_close(o->original.file);
    sealed_window_release(&o->image.window);
    sealed_window_release(&o->original.window);
    buffer_release(&o->bundle.bytes);
    sodium_memzero(o, sizeof *o);
    free(o);
}

/* ------------------------------------------------------------------ telling */

int outbox_centre(struct outbox *o, struct outbox_centre *out, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_CENTRE);
    int row = statement_step(s, e);
    int rc;

    *out = (struct outbox_centre){0};
    if (row <= 0)
        return row < 0 ? -1 : err_set(e, ERR_CORRUPT, "the centre's row is gone");
    (void)snprintf(out->province, sizeof out->province, "%s", sqlite3_column_text(s, 0));
    (void)snprintf(out->url, sizeof out->url, "%s", sqlite3_column_text(s, 1));
    rc = take_blob(s, 3, out->tls_key.bytes, sizeof out->tls_key.bytes, e);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return rc;
}

int outbox_last(struct outbox *o, uint64_t *last, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_LAST);
    int row = statement_step(s, e);

    *last = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return row < 0 ? -1 : 0;
}

int outbox_numbers(struct outbox *o, struct outbox_numbers *out, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_STATE);
    int row = statement_step(s, e);

    if (row <= 0)
        return row < 0 ? -1 : err_set(e, ERR_CORRUPT, "sync_state has no row");
    out->received = (uint64_t)sqlite3_column_int64(s, 0);
    out->applied = (uint64_t)sqlite3_column_int64(s, 1);
    out->safe = (uint64_t)sqlite3_column_int64(s, 2);
    out->sent = (uint64_t)sqlite3_column_int64(s, 3);
    out->centre_epoch = (uint8_t)sqlite3_column_int(s, 4);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return 0;
}

int outbox_told(struct outbox *o, struct sync_told *out, struct err *e)
{
    struct outbox_numbers n;

    if (outbox_numbers(o, &n, e) != 0)
        return -1;
    *out = (struct sync_told){.centre_epoch = n.centre_epoch,
                              .received = n.received,
                              .applied = n.applied,
                              .safe = n.safe};
    return 0;
}

static int read_secret(struct outbox *o, struct sync_config *out, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_CENTRE);
    int row = statement_step(s, e);
    int rc = 0;

    if (row <= 0)
        return row < 0 ? -1 : err_set(e, ERR_CORRUPT, "the centre's row is gone");
    out->claimed = sqlite3_column_type(s, 4) == SQLITE_NULL;
    if (!out->claimed)
        rc = take_blob(s, 4, out->secret, sizeof out->secret, e);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return rc;
}

int outbox_config(struct outbox *o, struct sync_config *out, struct err *e)
{
    struct outbox_numbers numbers;

    *out = (struct sync_config){.site = o->site, .box = o->key, .centre = o->centre};
    if (store_epoch(o->box->store, &out->epoch, e) != 0 ||
        outbox_last(o, &out->last, e) != 0 || outbox_numbers(o, &numbers, e) != 0 ||
        read_secret(o, out, e) != 0 || store_lines(o->box->store, out->line_last, e) != 0)
        return err_wrap(e, "outbox");
    out->received = numbers.received;
    out->applied = numbers.applied;
    out->safe = numbers.safe;
    out->centre_epoch = numbers.centre_epoch;
    if (out->received > out->last)
        return err_set(e, ERR_CORRUPT,
                       "outbox: the centre has received more than there is");
    return 0;
}

/* What a centre must know to send anything down. */
static int read_seen(struct outbox *o, struct status_vector *out, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_SEEN);
    int row = statement_step(s, e);

    if (row <= 0)
        return row < 0 ? -1 : err_set(e, ERR_CORRUPT, "sync_state has no row");
    out->seen = (uint64_t)sqlite3_column_int64(s, 0);
    out->seen_epoch = (uint8_t)sqlite3_column_int(s, 1);
    out->schema = (uint32_t)sqlite3_column_int64(s, 2);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return 0;
}

int outbox_status(struct outbox *o, struct status_vector *out, struct err *e)
{
    struct outbox_numbers numbers;
    struct status s;
    int64_t parked;

    *out = (struct status_vector){0};
    if (status_read(o->box, &s, e) != 0 || outbox_last(o, &out->last, e) != 0 ||
        outbox_numbers(o, &numbers, e) != 0 || read_seen(o, out, e) != 0)
        return err_wrap(e, "outbox");
    out->received = numbers.received;
    for (int class = 0; class < SYNC_CLASSES; class ++)
        out->waiting_bytes[class] = s.waiting_bytes[class];
    out->oldest_unsent_s = (uint64_t)s.oldest_unsent_ms_min / 1000;
    out->disk_used_percent = s.disk_used_percent;
    /* What we could not apply: the centre's own have an epoch of their own. */
    if (sql_number(store_db(o->box->store),
                   "SELECT count(*) FROM parked WHERE closed_by IS NULL"
                   " AND (id >> 28 & 255) <> 255",
                   &parked, e) != 0)
        return err_wrap(e, "outbox");
    out->parked = (uint64_t)parked;
    return 0;
}

/* ---------------------------------------------------------------- enrolment */

static int insert_centre(sqlite3 *db, const struct enrolment *f, struct err *e)
{
    const char *const insert = "INSERT INTO centre_link (one, province, url, centre_key,"
                               "  tls_key, secret) VALUES (1, ?1, ?2, ?3, ?4, ?5)";
    sqlite3_stmt *s;
    int rc;

    if (statements_prepare(db, &s, &insert, 1, e) != 0)
        return -1;
    bind_text(s, 1, f->province);
    bind_text(s, 2, f->url);
    bind_blob(s, 3, f->centre_key.bytes, sizeof f->centre_key.bytes);
    bind_blob(s, 4, f->tls_key.bytes, sizeof f->tls_key.bytes);
    bind_blob(s, 5, f->secret, sizeof f->secret);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* In a lost box's place: the event begins its line, so that the centre gives it what the
 * other one had sent, also where nobody writes anything. */
static int begin_line(struct box *b, uint8_t epoch, struct err *e)
{
    char detail[32];

    if (epoch <= STORE_EPOCH_FIRST)
        return 0;
    (void)snprintf(detail, sizeof detail, "{\"epoch\":%u}", epoch);
    return fork_raise(b->store, epoch, e) == 0
               ? fork_tell(b->records, "replaced", b->actor, detail, e)
               : -1;
}

int outbox_enrol(struct box *b, const struct enrolment *f, struct err *e)
{
    bool enrolled;
    uint8_t epoch;

    if (store_identity(b->store)->site != f->site)
        return err_set(e, ERR_REFUSED, "enrol: the file is for site %u, this is %u",
                       f->site, store_identity(b->store)->site);
    if (outbox_enrolled(b, &enrolled, e) != 0)
        return err_wrap(e, "enrol");
    if (enrolled)
        return err_set(e, ERR_BUSY, "enrol: this box has a centre already");
    if (store_apply_begin(b->store, e) != 0)
        return err_wrap(e, "enrol");
    if (insert_centre(store_db(b->store), f, e) != 0 || begin_line(b, f->epoch, e) != 0) {
        store_apply_rollback(b->store);
        return err_wrap(e, "enrol");
    }
    if (store_apply_commit(b->store, e) != 0 || store_epoch(b->store, &epoch, e) != 0)
        return err_wrap(e, "enrol");
    return 0;
}
