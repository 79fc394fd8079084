#include "appliance/intake.h"

#include <stdio.h>

#include "appliance/intake_parts.h"
#include "appliance/people/audit.h"
#include "appliance/queue.h"
#include "schema/statements.h"

/* Rows of a transaction: well below STORE_CHANGES_MAX, with those of the document. */
#define CAPTURE_PAGES_MAX 400

/* Document, original, and the two words of what has happened to them; `detail`: NULL
 * unless a person cleared it. */
static int make_document(struct intake *i, struct intake_row *row, const char *detail,
                         uint64_t *original, struct err *e)
{
    struct records *r = i->box->records;
    struct document_row document = {.type = row->type[0] != '\0' ? row->type : NULL};
    struct original_row file = {
        .sha256 = row->sha256,
        .bytes = row->bytes,
        .media = row->media,
        .name = row->name,
        .pages = row->pages,
    };

    if (row->dossier[0] != '\0' &&
        record_dossier(r, row->dossier, &document.dossier, e) != 0)
        return -1;
    if (record_document(r, &document, &row->document, e) != 0 ||
        record_original(r, &file, original, e) != 0)
        return -1;
    if (record_event(r, row->document, "taken", i->box->actor, NULL, e) != 0)
        return -1;
    return record_event(r, row->document, "cleared", i->box->actor, detail, e);
}

/* What earlier transactions of a long document have done: its original, and how
 * many pages. */
static int find_progress(struct intake *i, const struct intake_row *row,
                         uint64_t *original, uint32_t *pages, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(i->sql[INTAKE_PAGES]);
    int got;

    bind_id(s, 1, row->document);
    got = statement_step(s, e);
    if (got != 1)
        return got < 0
                   ? -1
                   : err_set(e, ERR_CORRUPT, "%s: a document without pages", row->name);
    *original = (uint64_t)sqlite3_column_int64(s, 0);
    *pages = (uint32_t)sqlite3_column_int64(s, 1);
    (void)sqlite3_reset(s); /* says only what the last step said */
    return 0;
}

static int add_pages(struct intake *i, const struct intake_row *row, uint64_t original,
                     uint32_t from, uint32_t to, struct err *e)
{
    for (uint32_t n = from; n < to; n++) {
        struct page_row page = {.document = row->document,
                                .original = original,
                                .ordinal = n + 1,
                                .original_page = n};
        uint64_t id;

        if (record_page(i->box->records, &page, &id, e) != 0)
            return -1;
        if (queue_add(i->box, id, e) != 0)
            return -1;
    }
    return 0;
}

static int add_rows(struct intake *i, struct intake_row *row, const char *detail,
                    struct err *e)
{
    uint64_t original = 0;
    uint32_t done = 0, end;

    if (row->document == 0) {
        if (make_document(i, row, detail, &original, e) != 0)
            return -1;
    } else if (find_progress(i, row, &original, &done, e) != 0) {
        return -1;
    }
    end = row->pages - done > CAPTURE_PAGES_MAX ? done + CAPTURE_PAGES_MAX : row->pages;
    if (add_pages(i, row, original, done, end, e) != 0)
        return -1;
    if (end == row->pages)
        row->state = ROW_CAPTURED;
    return intake_row_write(i, row, e);
}

/* Nothing is captured whose bytes are not there. */
static int check_blob(struct intake *i, const struct intake_row *row, struct err *e)
{
    bool there;

    if (blob_exists(i->box->blobs, &row->sha256, &there, e) != 0)
        return -1;
    if (!there)
        return err_set(e, ERR_FAILED, "%s: its bytes are gone from the disk", row->name);
    return 0;
}

/* Held no more: from here on it is as any file that was cleared. */
static void let_go(struct intake_row *row)
{
    row->state = ROW_CLEARED;
    row->reason[0] = '\0';
    row->held = (struct moment){0};
}

/* One transaction. The row is read again in it: another box may have captured
 * this file, or some pages of it, meanwhile. `detail`: NULL unless a person clears. */
static int capture_some(struct intake *i, struct intake_row *row, const char *detail,
                        bool *mine, struct err *e)
{
    struct store *s = i->box->store;
    struct intake_row now;
    bool found, wrote = false, let = false;
    int rc = -1;

    if (store_write_begin(s, e) != 0)
        return -1;
    if (intake_row_read(i, &row->sha256, &now, &found, e) != 0)
        goto out;
    if (!found) {
        (void)err_set(e, ERR_FAILED, "%s: given up elsewhere, the disk was full",
                      row->name);
        goto out;
    }
    if (now.state == ROW_HELD && detail != NULL) {
        let_go(&now);
        let = true;
    }
    if (now.state == ROW_CLEARED) {
        wrote = true;
        if (check_blob(i, &now, e) != 0 || add_rows(i, &now, detail, e) != 0)
            goto out;
    }
    if (let && audit_append(s, "cleared", i->box->actor, now.name, detail, e) != 0)
        goto out;
    if (store_write_commit(s, NULL, e) != 0)
        goto out;
    *row = now;
    *mine = wrote && now.state == ROW_CAPTURED;
    rc = 0;
out:
    if (rc != 0)
        store_write_rollback(s);
    return rc;
}

int intake_capture(struct intake *i, struct intake_row *row, bool *mine, struct err *e)
{
    while (row->state == ROW_CLEARED)
        if (capture_some(i, row, NULL, mine, e) != 0)
            return err_wrap(e, "capture");
    return 0;
}

int intake_capture_held(struct intake *i, struct intake_row *row, const char *detail,
                        bool *mine, struct err *e)
{
    if (capture_some(i, row, detail, mine, e) != 0)
        return err_wrap(e, "capture");
    return intake_capture(i, row, mine, e);
}
