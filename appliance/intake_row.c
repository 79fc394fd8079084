#include "appliance/intake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "appliance/intake_parts.h"
#include "appliance/room.h"
#include "schema/statements.h"

static const char *const row_state_names[ROW_STATE_COUNT] = {
    [ROW_TAKEN] = "taken", [ROW_CLEARED] = "cleared", [ROW_CAPTURED] = "captured",
    [ROW_HELD] = "held",   [ROW_REFUSED] = "refused",
};

/* From, to. A move to the same state writes down how far it got. */
static const bool allowed_moves[ROW_STATE_COUNT][ROW_STATE_COUNT] = {
    [ROW_TAKEN] = {[ROW_TAKEN] = true,
                   [ROW_CLEARED] = true,
                   [ROW_HELD] = true,
                   [ROW_REFUSED] = true},
    [ROW_CLEARED] = {[ROW_CLEARED] = true, [ROW_CAPTURED] = true},
    [ROW_REFUSED] = {[ROW_TAKEN] = true},
};

static sqlite3_stmt *fresh(struct intake *i, enum intake_sql which)
{
    return statement_fresh(i->sql[which]);
}

static void bind_hash(sqlite3_stmt *s, int place, const struct hash *h)
{
    /* The place is a constant of ours; no memory shows in the step. */
    (void)sqlite3_bind_blob(s, place, h->bytes, HASH_BYTES, SQLITE_TRANSIENT);
}

static void bind_word(sqlite3_stmt *s, int place, const char *word)
{
    bind_text(s, place, word[0] != '\0' ? word : NULL);
}

static void column_word(sqlite3_stmt *s, int column, char *out, size_t out_bytes)
{
    const char *text = (const char *)sqlite3_column_text(s, column);

    (void)snprintf(out, out_bytes, "%s", text != NULL ? text : ""); /* written by us */
}

static enum intake_row_state state_from_name(const char *name)
{
    for (int s = 0; s < ROW_STATE_COUNT; s++)
        if (strcmp(name, row_state_names[s]) == 0)
            return (enum intake_row_state)s;
    return ROW_HELD; /* not reached: the table's CHECK; held is the careful answer */
}

int intake_row_read(struct intake *i, const struct hash *sha256, struct intake_row *out,
                    bool *found, struct err *e)
{
    sqlite3_stmt *s = fresh(i, INTAKE_FIND);
    int got;

    bind_hash(s, 1, sha256);
    *out = (struct intake_row){.sha256 = *sha256};
    got = statement_step(s, e);
    *found = got == 1;
    if (got != 1)
        return got;
    out->state = state_from_name((const char *)sqlite3_column_text(s, 0));
    column_word(s, 1, out->name, sizeof out->name);
    out->bytes = (uint64_t)sqlite3_column_int64(s, 2);
    column_word(s, 3, out->media, sizeof out->media);
    out->pages = (uint32_t)sqlite3_column_int64(s, 4);
    out->looked = (uint32_t)sqlite3_column_int64(s, 5);
    column_word(s, 6, out->reason, sizeof out->reason);
    column_word(s, 7, out->dossier, sizeof out->dossier);
    column_word(s, 8, out->type, sizeof out->type);
    out->document = (uint64_t)sqlite3_column_int64(s, 9);
    out->held.wall_ms = sqlite3_column_int64(s, 10);
    out->held.confidence = (enum wall_confidence)sqlite3_column_int(s, 11);
    (void)sqlite3_reset(s); /* says only what the last step said */
    return 0;
}

int intake_row_write(struct intake *i, const struct intake_row *row, struct err *e)
{
    sqlite3_stmt *s = fresh(i, INTAKE_PUT);

    bind_hash(s, 1, &row->sha256);
    bind_text(s, 2, row_state_names[row->state]);
    bind_text(s, 3, row->name);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)row->bytes); /* as bind_hash */
    bind_word(s, 5, row->media);
    bind_id(s, 6, row->pages);
    (void)sqlite3_bind_int64(s, 7, row->looked); /* as bind_hash */
    bind_word(s, 8, row->reason);
    bind_word(s, 9, row->dossier);
    bind_word(s, 10, row->type);
    bind_id(s, 11, row->document);
    if (row->state == ROW_HELD) { /* as bind_hash; else NULL, as it is fresh */
        (void)sqlite3_bind_int64(s, 12, row->held.wall_ms);
        (void)sqlite3_bind_int(s, 13, (int)row->held.confidence);
    }
    return statement_run(s, e);
}

/* Rows and frames hold UTF-8; a file's name may be any bytes. */
static void clean_name(char *out, size_t out_bytes, const char *name)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)name;
    size_t left = strlen(name), used = 0;

    while (left > 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)left, &c);
        bool good = n > 0 && c >= ' ' && c != 0x7f && (c < 0x80 || c > 0x9f);
        const char *from = good ? (const char *)at : "_";
        size_t from_bytes = good ? (size_t)n : 1;

        if (used + from_bytes >= out_bytes)
            break;
        memcpy(out + used, from, from_bytes);
        used += from_bytes;
        at += n > 0 ? n : 1;
        left -= n > 0 ? (size_t)n : 1;
    }
    out[used] = '\0';
}

/* What the asker says now goes before what somebody said when it was refused or
 * interrupted. */
static void as_asked(const struct intake_file *f, struct intake_row *row)
{
    row->state = ROW_TAKEN;
    row->bytes = f->bytes;
    row->reason[0] = '\0';
    clean_name(row->name, sizeof row->name, f->name);
    /* Their lengths were checked in intake_create(). */
    (void)snprintf(row->dossier, sizeof row->dossier, "%s",
                   f->dossier != NULL ? f->dossier : "");
    (void)snprintf(row->type, sizeof row->type, "%s", f->type != NULL ? f->type : "");
}

int intake_row_take(struct intake *i, const struct intake_file *f, struct intake_row *out,
                    struct err *e)
{
    bool found, there;
    int rc = -1;

    if (store_write_begin(i->box->store, e) != 0)
        return -1;
    if (intake_row_read(i, &f->sha256, out, &found, e) != 0)
        goto out;
    if (blob_exists(i->box->blobs, &f->sha256, &there, e) != 0)
        goto out;
    if (!there && found &&
        out->state == ROW_REFUSED) { /* this moment: its answer is ours */
        rc = 0;
        goto out;
    }
    if (!there) {
        (void)err_set(e, ERR_BUSY, "the same file is being taken elsewhere: try again");
        goto out;
    }
    if (!found || out->state == ROW_TAKEN || out->state == ROW_REFUSED) {
        if (found && out->state == ROW_REFUSED)
            out->looked = 0;
        as_asked(f, out);
        if (intake_row_write(i, out, e) != 0)
            goto out;
    }
    /* A paper that had left to make room, and is taken in again. */
    if (out->state == ROW_CAPTURED && room_came_back(i->box, &f->sha256, e) != 0)
        goto out;
    rc = store_write_commit(i->box->store, NULL, e);
out:
    store_write_rollback(i->box->store);
    return rc;
}

int intake_blob_remove(struct intake *i, const struct hash *sha256, struct err *e)
{
    sqlite3_stmt *s = fresh(i, INTAKE_BLOB_NAMED);
    int got;

    bind_hash(s, 1, sha256);
    got = statement_step(s, e);
    (void)sqlite3_reset(s); /* says only what the step said */
    if (got != 0)
        return got == 1 ? 0 : -1;
    return blob_remove(i->box->blobs, sha256, e);
}

int intake_row_move(struct intake *i, struct intake_row *row, const struct intake_row *to,
                    struct err *e)
{
    struct intake_row now;
    bool found;
    int rc = -1;

    assert(allowed_moves[row->state][to->state]);
    if (store_write_begin(i->box->store, e) != 0)
        return -1;
    if (intake_row_read(i, &row->sha256, &now, &found, e) != 0)
        goto out;
    if (!found) {
        (void)err_set(e, ERR_FAILED, "%s: given up elsewhere, the disk was full",
                      row->name);
        goto out;
    }
    if (now.state == row->state) {
        /* Before the commit: a row that still says taken and has no blob is
         * forgotten by intake_resume(); a blob that no row names would stay for
         * ever. */
        if (to->state == ROW_REFUSED && intake_blob_remove(i, &row->sha256, e) != 0)
            goto out;
        now = *to;
        if (intake_row_write(i, &now, e) != 0)
            goto out;
    }
    if (store_write_commit(i->box->store, NULL, e) != 0)
        goto out;
    *row = now;
    rc = 0;
out:
    if (rc != 0)
        store_write_rollback(i->box->store);
    return rc;
}

int intake_row_refuse(struct intake *i, struct intake_row *row, enum refusal why,
                      struct err *e)
{
    struct intake_row to = *row;

    to.state = ROW_REFUSED;
    (void)snprintf(to.reason, sizeof to.reason, "%s", refusal_name(why));
    return intake_row_move(i, row, &to, e);
}

int intake_row_forget(struct intake *i, const struct hash *sha256, struct err *e)
{
    struct intake_row row;
    sqlite3_stmt *s;
    bool found;
    int rc = -1;

    if (store_write_begin(i->box->store, e) != 0)
        return -1;
    if (intake_row_read(i, sha256, &row, &found, e) != 0)
        goto out;
    if (found && (row.document != 0 || row.state == ROW_CAPTURED ||
                  row.state == ROW_HELD || row.state == ROW_REFUSED)) {
        rc = 0;
        goto out;
    }
    if (intake_blob_remove(i, sha256, e) != 0)
        goto out;
    s = fresh(i, INTAKE_DELETE);
    bind_hash(s, 1, sha256);
    if (found && statement_run(s, e) != 0)
        goto out;
    rc = store_write_commit(i->box->store, NULL, e);
out:
    store_write_rollback(i->box->store);
    return rc;
}

int intake_row_list(struct intake *i, enum intake_sql which, struct hash **out,
                    size_t *count, struct err *e)
{
    sqlite3_stmt *s = fresh(i, which);
    struct buffer hashes;
    int got, rc = -1;

    *out = NULL;
    *count = 0;
    buffer_init(&hashes, SIZE_MAX); /* as many as our own rows */
    while ((got = statement_step(s, e)) == 1)
        buffer_append(&hashes, sqlite3_column_blob(s, 0), HASH_BYTES);
    if (got != 0 || buffer_check(&hashes, e) != 0)
        goto out;
    *count = hashes.count / HASH_BYTES;
    *out = (struct hash *)hashes.bytes;
    hashes = (struct buffer){0}; /* now the caller's */
    rc = 0;
out:
    buffer_release(&hashes);
    return rc;
}
