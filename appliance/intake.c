#include "appliance/intake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "appliance/intake_parts.h"
#include "appliance/loose.h"
#include "schema/statements.h"

/* By the records, or by what this box made of them. */
#define NAMED                                                                            \
    "SELECT 1 FROM original WHERE sha256 = ?1 UNION ALL"                                 \
    " SELECT 1 FROM image WHERE sha256 = ?1 UNION ALL"                                   \
    " SELECT 1 FROM packing WHERE packed = ?1 AND here = 1"

static const char *const intake_sql[INTAKE_SQL_COUNT] = {
    [INTAKE_FIND] =
        "SELECT state, name, bytes, media, pages, looked, reason, dossier,"
        " type, document, held_wall_ms, held_confidence FROM intake WHERE sha256 = ?1",
    [INTAKE_PUT] =
        "INSERT INTO intake (sha256, state, name, bytes, media, pages, looked, reason,"
        " dossier, type, document, held_wall_ms, held_confidence)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        " ON CONFLICT (sha256) DO UPDATE SET state = ?2, name = ?3, bytes = ?4,"
        " media = ?5, pages = ?6, looked = ?7, reason = ?8, dossier = ?9, type = ?10,"
        " document = ?11, held_wall_ms = ?12, held_confidence = ?13",
    [INTAKE_DELETE] = "DELETE FROM intake WHERE sha256 = ?1",
    [INTAKE_UNFINISHED] =
        "SELECT sha256 FROM intake WHERE state IN ('taken', 'cleared')"
        " ORDER BY media IN ('application/zip', 'application/x-tar') DESC, name, sha256",
    [INTAKE_BLOB_NAMED] = NAMED,
    [INTAKE_BLOB_WANTED] = NAMED " UNION ALL SELECT 1 FROM intake WHERE sha256 = ?1"
                                 " AND state <> 'refused'",
    [INTAKE_PAGES] = "SELECT original, count(*) FROM page WHERE document = ?1"
                     " GROUP BY original",
};

const char *intake_state_name(enum intake_state s)
{
    static const char *const names[] = {
        [INTAKE_KEPT] = "kept",
        [INTAKE_DUPLICATE] = "duplicate",
        [INTAKE_HELD] = "held",
        [INTAKE_REFUSED] = "refused",
    };

    return names[s];
}

static int check_word(const char *what, const char *word, struct err *e)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)word;
    utf8proc_int32_t c;

    if (word == NULL)
        return 0;
    if (strlen(word) >= INTAKE_WORD_BYTES)
        return err_set(e, ERR_USAGE, "the %s is longer than %d bytes", what,
                       INTAKE_WORD_BYTES - 1);
    while (*at != '\0') {
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &c);

        if (n <= 0)
            return err_set(e, ERR_USAGE, "the %s is not UTF-8", what);
        at += n;
    }
    return 0;
}

int intake_create(struct intake **out, struct box *b, const struct intake_options *o,
                  struct err *e)
{
    int rc = -1;
    struct intake *i = NULL;

    *out = NULL;
    if (b->reader == NULL)
        return err_set(e, ERR_FAILED, "this box has no reader");
    if (check_word("dossier", o->dossier, e) != 0 || check_word("type", o->type, e) != 0)
        return -1;
    i = calloc(1, sizeof *i);
    if (i == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for an intake");
    i->box = b;
    i->options = *o;
    if (statements_prepare(store_db(b->store), i->sql, intake_sql, INTAKE_SQL_COUNT, e) !=
        0) {
        (void)err_wrap(e, "intake");
        goto out;
    }
    *out = i;
    i = NULL; /* now the caller's */
    rc = 0;
out:
    free(i);
    return rc;
}

void intake_destroy(struct intake *i)
{
    if (i == NULL)
        return;
    intake_abort(i);
    statements_finalize(i->sql, INTAKE_SQL_COUNT);
    free(i);
}

/* ------------------------------------------------------------------- telling */

int intake_go_on(const struct intake *i, struct err *e)
{
    const struct intake_options *o = &i->options;

    if (o->cancelled == NULL || !o->cancelled(o->arg))
        return 0;
    return err_set(e, ERR_FAILED, "stopped; what was told is kept");
}

int intake_tell_refused(struct intake *i, const char *file, const char *reason,
                        struct err *e)
{
    struct intake_result r = {.file = file, .state = INTAKE_REFUSED, .reason = reason};

    return i->options.each == NULL ? 0 : i->options.each(i->options.arg, &r, e);
}

/* `mine`: it became a document just now. */
static int tell(struct intake *i, const char *file, const struct intake_row *row,
                bool mine, struct err *e)
{
    struct intake_result r = {.file = file, .sha256 = row->sha256, .pages = row->pages};

    if (row->state == ROW_CAPTURED) {
        r.state = mine ? INTAKE_KEPT : INTAKE_DUPLICATE;
        r.document = row->document;
    } else {
        r.state = row->state == ROW_HELD ? INTAKE_HELD : INTAKE_REFUSED;
        r.reason = row->reason;
    }
    return i->options.each == NULL ? 0 : i->options.each(i->options.arg, &r, e);
}

/* -------------------------------------------------------------- a file's road */

int intake_file_go_on(struct intake *i, const struct intake_file *f,
                      struct intake_row *row, struct err *e)
{
    bool mine = false, gone = false;

    while (!gone)
        switch (row->state) {
        case ROW_TAKEN:
            if (intake_examine(i, f, row, &gone, e) != 0)
                return -1;
            break;
        case ROW_CLEARED:
            if (intake_capture(i, row, &mine, e) != 0)
                return -1;
            break;
        case ROW_CAPTURED:
        case ROW_HELD:
        case ROW_REFUSED:
            return tell(i, f->file, row, mine, e);
        }
    return 0;
}

int intake_file_go(struct intake *i, const struct intake_file *f, struct err *e)
{
    struct intake_row row;
    struct err ignored;

    if (intake_row_take(i, f, &row, e) == 0 && intake_file_go_on(i, f, &row, e) == 0)
        return 0;
    /* Not kept: it leaves nothing behind. A disk that refuses even this leaves a
     * row that intake_resume() goes on with, as does one who only stopped us. */
    if (!i->stopped)
        (void)intake_row_forget(i, &f->sha256, &ignored);
    return err_wrap(e, "%s", f->file);
}

/* ------------------------------------------------------------------ in pieces */

int intake_begin(struct intake *i, const char *file, struct err *e)
{
    intake_abort(i); /* a file that was never ended is forgotten */
    i->stopped = false;
    i->file = strdup(file);
    if (i->file == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a file's name");
    if (blob_writer_create(&i->writer, i->box->blobs, e) != 0) {
        (void)err_wrap(e, "%s", file);
        intake_abort(i);
        return -1;
    }
    return 0;
}

int intake_add(struct intake *i, const void *bytes, size_t count, struct err *e)
{
    const struct intake_options *o = &i->options;

    assert(i->writer != NULL);
    if (blob_writer_add(i->writer, bytes, count, e) != 0) {
        (void)err_wrap(e, "%s", i->file);
        intake_abort(i);
        return -1;
    }
    i->bytes += count;
    if (o->progress != NULL)
        o->progress(o->arg, i->file, i->bytes);
    return 0;
}

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : file;
}

int intake_end(struct intake *i, struct err *e)
{
    struct intake_file f = {.file = i->file,
                            .name = base_name(i->file),
                            .dossier = i->options.dossier,
                            .type = i->options.type};
    bool was_there;
    int rc = -1;

    assert(i->writer != NULL);
    if (i->bytes == 0) {
        rc = intake_tell_refused(i, i->file, refusal_name(REFUSAL_EMPTY), e);
        goto out;
    }
    if (blob_writer_keep(i->writer, &f.sha256, &f.bytes, &was_there, e) != 0) {
        (void)err_wrap(e, "%s", i->file);
        goto out;
    }
    rc = intake_file_go(i, &f, e);
out:
    intake_abort(i); /* all that is left to forget is memory */
    return rc;
}

void intake_abort(struct intake *i)
{
    blob_writer_destroy(i->writer);
    i->writer = NULL;
    free(i->file);
    i->file = NULL;
    i->bytes = 0;
}

/* ------------------------------------------------------------------- resuming */

static int blob_bytes(struct blobs *b, const struct hash *sha256, uint64_t *out,
                      struct err *e)
{
    struct disk_file *f = NULL;
    int rc = -1;

    if (blob_open(b, &f, sha256, e) == 0)
        rc = disk_file_size(f, out, e);
    disk_close(f);
    return rc;
}

/* A blob is kept before its row is written: the power may have gone between the two.
 * Or it is of a refused file that was offered again; or the database was put back to
 * an older copy. Nobody can tell which, so it is taken in as any file is: a paper
 * becomes a record, a stamp is held, and what is refused goes. What this box has made
 * itself is no paper. */
static int take_unnamed(void *arg, const struct hash *sha256, struct err *e)
{
    struct intake *i = arg;
    struct intake_file f = {.sha256 = *sha256};
    struct intake_row row;
    char hex[HASH_HEX_BYTES], name[32];
    sqlite3_stmt *s = statement_fresh(i->sql[INTAKE_BLOB_WANTED]);
    int got;

    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    got = statement_step(s, e);
    (void)sqlite3_reset(s); /* says only what the step said */
    if (got != 0)
        return got == 1 ? 0 : -1;
    if (made_has(&i->made, sha256))
        return blob_remove(i->box->blobs, sha256, e);
    hash_to_hex(hex, sha256);
    (void)snprintf(name, sizeof name, "found-%.12s", hex);
    f.file = f.name = name;
    if (blob_bytes(i->box->blobs, sha256, &f.bytes, e) != 0)
        return -1;
    return intake_row_take(i, &f, &row, e);
}

static int resume_row(struct intake *i, const struct hash *sha256, struct err *e)
{
    struct intake_row row;
    struct intake_file f;
    struct intake_row as_found;
    bool found, there;

    if (intake_row_read(i, sha256, &row, &found, e) != 0 ||
        blob_exists(i->box->blobs, sha256, &there, e) != 0)
        return -1;
    /* An entry of an archive may have gone its road while that was unpacked anew. */
    if (!found || (row.state != ROW_TAKEN && row.state != ROW_CLEARED))
        return 0;
    if (!there && row.document == 0) /* it was on its way to being refused */
        return intake_row_forget(i, sha256, e);
    as_found = row;
    f = (struct intake_file){.file = as_found.name,
                             .name = as_found.name,
                             .dossier = as_found.dossier,
                             .type = as_found.type,
                             .sha256 = *sha256,
                             .bytes = row.bytes};
    if (intake_file_go_on(i, &f, &row, e) != 0)
        return err_wrap(e, "%s", f.file);
    return 0;
}

int intake_resume(struct intake *i, struct err *e)
{
    struct hash *hashes = NULL;
    size_t count;
    int rc = blobs_sweep(i->box->blobs, e);

    if (rc == 0)
        rc = loose_sweep(i->box, e); /* before them: these are no papers */
    if (rc == 0)
        rc = made_read(&i->made, i->box, e);
    if (rc == 0)
        rc = blobs_each(i->box->blobs, take_unnamed, i, e);
    made_release(&i->made);
    if (rc == 0)
        rc = intake_row_list(i, INTAKE_UNFINISHED, &hashes, &count, e);
    for (size_t n = 0; rc == 0 && n < count; n++)
        rc = resume_row(i, &hashes[n], e);
    free(hashes);
    return rc == 0 ? 0 : err_wrap(e, "intake: resume");
}
