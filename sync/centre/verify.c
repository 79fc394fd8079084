#include "sync/centre/verify_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/search/search.h"
#include "schema/statements.h"

void verify_problem(struct verification *v, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a cut text is fine */
    va_end(args);
    if (v->site != 0 && v->sink->of_site != NULL)
        v->sink->of_site(v->sink->arg, v->site, text);
    else
        v->sink->problem(v->sink->arg, text);
}

static int check_integrity(struct verification *v, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(v->centre, &s, "PRAGMA integrity_check", e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        const char *text = (const char *)sqlite3_column_text(s, 0);

        if (text == NULL || strcmp(text, "ok") != 0)
            verify_problem(v, "database: %s", text == NULL ? "?" : text);
    }
    statements_finalize(&s, 1);
    return row;
}

static int check_claimed(void *arg, const struct site_row *row, struct err *e)
{
    struct verification *v = arg;
    int rc;

    if (!row->claimed)
        return 0; /* nobody could have sent anything */
    v->site = row->site;
    rc = verify_site(v, row, e);
    v->site = 0;
    return rc;
}

/* ------------------------------------------------------------ originals, search */

/* What the disk cannot give is as good as gone: the others are still looked at. */
static int check_original(struct verification *v, const struct hash *sha256,
                          struct err *e)
{
    char hex[HASH_HEX_BYTES];
    bool sound = false;

    if (blob_check(v->centre->blobs, sha256, &sound, e) != 0 && e->code != ERR_IO)
        return -1;
    hash_to_hex(hex, sha256);
    if (!sound && v->sink->of_original != NULL)
        v->sink->of_original(v->sink->arg, sha256);
    else if (!sound)
        verify_problem(v, "original %s is absent or altered", hex);
    return 0;
}

static int check_originals(struct verification *v, struct err *e)
{
    sqlite3_stmt *s;
    struct hash h;
    int row;

    if (centre_statement(v->centre, &s, "SELECT DISTINCT sha256 FROM held_blob", e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        if (!column_hash(s, 0, &h))
            verify_problem(v, "a row of what was delivered names no SHA-256");
        else if (check_original(v, &h, e) != 0)
            break;
        if (v->sink->progress != NULL &&
            v->sink->progress(v->sink->arg, ++v->originals) != 0) {
            (void)err_set(e, ERR_FAILED, "stopped");
            break;
        }
    }
    statements_finalize(&s, 1);
    return row == 0 ? 0 : -1;
}

/* What cannot be made what it was is no loss while it is kept, but a person's matter. */
static int check_unpacking(struct verification *v, struct err *e)
{
    sqlite3_stmt *s;
    char text[256];
    int row;

    if (v->sink->unrestored == NULL)
        return 0;
    if (centre_statement(v->centre, &s,
                         "SELECT site, lower(hex(original)), reason FROM unpacking"
                         " WHERE state = 'failed'",
                         e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        (void)snprintf(text, sizeof text,
                       "site %d: original %s came packed and cannot be restored: %s",
                       sqlite3_column_int(s, 0), (const char *)sqlite3_column_text(s, 1),
                       (const char *)sqlite3_column_text(s, 2));
        v->sink->unrestored(v->sink->arg, text);
    }
    statements_finalize(&s, 1);
    return row;
}

static int check_index(struct verification *v, struct err *e)
{
    uint64_t missing, surplus;

    if (search_verify(v->centre->records, &missing, &surplus, e) != 0)
        return -1;
    if (missing > 0 || surplus > 0)
        verify_problem(v,
                       "search index lacks %" PRIu64 " rows and has %" PRIu64 " too many",
                       missing, surplus);
    return 0;
}

int centre_verify(struct centre *c, const struct centre_verify_sink *sink, struct err *e)
{
    struct verification v = {.centre = c, .sink = sink};
    int rc = -1;

    /* One snapshot: a serve beside us goes on meanwhile. */
    if (store_read_begin(c->store, e) != 0)
        return err_wrap(e, "verify");
    if (check_integrity(&v, e) == 0 && site_each(c, check_claimed, &v, e) == 0 &&
        check_index(&v, e) == 0 && check_unpacking(&v, e) == 0 &&
        check_originals(&v, e) == 0)
        rc = 0;
    store_read_end(c->store);
    return rc == 0 ? 0 : err_wrap(e, "verify");
}
