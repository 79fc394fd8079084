#include "sync/centre/apply.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/migrations.h"
#include "schema/statements.h"
#include "sync/centre/apply_change.h"
#include "sync/centre/apply_park.h"
#include "sync/centre/sites.h"

/* A bundle from the journal, opened. */
struct ready {
    uint64_t first, last;
    struct bundle bundle;
};

/* ------------------------------------------------------------------- one frame */

static int set_applied(struct applying *a, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(a->centre, &s,
                         "UPDATE site SET applied = max(applied, ?2) WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)a->frame->sequence);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* Its bundles up to this sequence are done. */
static int set_done(struct centre *c, uint16_t site, uint64_t sequence, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "UPDATE journal SET state = 'applied'"
                         " WHERE site = ?1 AND state = 'ready' AND last <= ?2",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* Walks once without a deed: a frame is well-formed to its end, or parked whole. */
static bool is_well_formed(const struct frame *f)
{
    sqlite3_changeset_iter *iter = NULL;

    if (f->changeset_bytes > INT32_MAX ||
        sqlite3changeset_start(&iter, (int)f->changeset_bytes,
                               (void *)(uintptr_t)f->changeset) != SQLITE_OK)
        return false;
    while (sqlite3changeset_next(iter) == SQLITE_ROW)
        continue;
    return sqlite3changeset_finalize(iter) == SQLITE_OK;
}

static int apply_changes(struct applying *a, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    int rc = 0;

    if (!is_well_formed(a->frame))
        return park_frame(a, "the changeset is malformed", e);
    if (sqlite3changeset_start(&iter, (int)a->frame->changeset_bytes,
                               (void *)(uintptr_t)a->frame->changeset) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW)
        rc = change_apply(a, iter, e);
    if (sqlite3changeset_finalize(iter) != SQLITE_OK && rc == 0)
        rc = err_set(e, ERR_MEMORY, "changeset"); /* it was well-formed a moment ago */
    return rc == 0 ? apply_index_refresh(&a->index, e) : -1;
}

static int advance(struct applying *a, const struct ready *r, struct err *e)
{
    if (set_applied(a, e) != 0)
        return -1;
    if (a->frame->sequence < r->last)
        return 0;
    return set_done(a->centre, a->site, r->last, e);
}

/* Rows and cursor in one transaction. */
static int apply_frame(struct applying *a, const struct ready *r, struct err *e)
{
    struct store *store = a->centre->store;
    bool apart = centre_sabotaged(CENTRE_ADVANCE_APART);
    int64_t own_last;

    a->index.count = 0;
    if (store_apply_begin(store, e) != 0)
        return -1;
    if (sql_number(store_db(store), "SELECT max(sequence) FROM changelog", &own_last,
                   e) != 0)
        goto failed;
    a->own_last = (uint64_t)own_last;
    if (apply_changes(a, e) != 0)
        goto failed;
    if (apart && (store_apply_commit(store, e) != 0 || store_apply_begin(store, e) != 0))
        return -1;
    if (advance(a, r, e) != 0)
        goto failed;
    return store_apply_commit(store, e);
failed:
    store_apply_rollback(store);
    return err_wrap(e, "frame %" PRIu64, a->frame->sequence);
}

/* -------------------------------------------------------------------- one site */

/* The first bundle that is ready; *any is false if there is none. */
static int read_ready(struct centre *c, const struct site_row *site, struct ready *out,
                      bool *any, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    *out = (struct ready){0};
    if (centre_statement(c, &s,
                         "SELECT first, last, bytes FROM journal"
                         " WHERE site = ?1 AND state = 'ready' ORDER BY first LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    row = statement_step(s, e);
    *any = row == 1;
    if (row == 1) {
        out->first = (uint64_t)sqlite3_column_int64(s, 0);
        out->last = (uint64_t)sqlite3_column_int64(s, 1);
        rc = bundle_open(&out->bundle, sqlite3_column_blob(s, 2),
                         (size_t)sqlite3_column_bytes(s, 2), &c->key, &site->key, e);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : rc;
}

/* Frames that were applied before are not applied again, whichever bundle brings
 * them. *waits: the next one is of a newer schema. */
static int apply_bundle(struct applying *a, const struct ready *r, uint64_t applied,
                        unsigned frames_max, unsigned *count, bool *waits, struct err *e)
{
    bool again = centre_sabotaged(CENTRE_FORGET_REPLAY);

    *waits = false;
    if (r->first > applied + 1 && !again)
        return err_set(e, ERR_CORRUPT, "frame %" PRIu64 " is not in the journal",
                       applied + 1);
    for (size_t i = 0; i < r->bundle.frames_count; i++) {
        if (*count >= frames_max && !again)
            return 0;
        a->frame = &r->bundle.frames[i];
        if (a->frame->sequence <= applied && !again)
            continue;
        *waits = a->frame->schema > a->schema;
        if (*waits)
            return 0;
        if (apply_frame(a, r, e) != 0)
            return -1;
        ++*count;
    }
    return 0;
}

/* What another bundle has brought already. */
static int pass_over(struct centre *c, uint16_t site, uint64_t applied, struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (set_done(c, site, applied, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}

static int apply_site(struct applying *a, unsigned frames_max, unsigned *count,
                      struct err *e)
{
    struct ready r = {0};
    bool any = true, waits = false, found;
    int rc = 0;

    while (rc == 0 && any && !waits && *count < frames_max) {
        struct site_row site;

        rc = site_find(a->centre, a->site, &site, &found, e);
        if (rc == 0 && found)
            rc = read_ready(a->centre, &site, &r, &any, e);
        if (rc != 0 || !found || !any)
            break;
        if (r.last <= site.applied && !centre_sabotaged(CENTRE_FORGET_REPLAY))
            rc = pass_over(a->centre, a->site, site.applied, e);
        else
            rc = apply_bundle(a, &r, site.applied, frames_max, count, &waits, e);
        bundle_release(&r.bundle);
    }
    bundle_release(&r.bundle);
    return rc;
}

/* -------------------------------------------------------------------- all sites */

static int next_site(struct centre *c, uint16_t after, uint16_t *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *out = 0;
    if (centre_statement(
            c, &s, "SELECT min(site) FROM journal WHERE state = 'ready' AND site > ?1",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, after);
    row = statement_step(s, e);
    if (row == 1)
        *out = (uint16_t)sqlite3_column_int(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* What is wrong with one site's journal is an alarm; with our disk or memory, a
 * failure. */
static int judge_failure(struct centre *c, uint16_t site, struct err *e)
{
    char detail[sizeof e->text];

    switch (e->code) {
    case ERR_IO:
    case ERR_NO_SPACE:
    case ERR_BUSY:
    case ERR_MEMORY:
    case ERR_NONE:
        return -1;
    case ERR_FAILED:
    case ERR_TOO_BIG:
    case ERR_CORRUPT:
    case ERR_REFUSED:
    case ERR_USAGE:
        break;
    }
    memcpy(detail, e->text, sizeof detail);
    return site_alarm(c, site, "damaged", detail, e);
}

int apply_some(struct centre *c, unsigned frames_max, unsigned *applied, struct err *e)
{
    struct applying a = {.centre = c, .index = {.centre = c}};
    size_t schema;
    int rc = -1;

    *applied = 0;
    (void)migrations_all(&schema);
    a.schema = (uint32_t)schema;
    if (apply_tables_init(&a.tables, c, e) != 0)
        goto out;
    do {
        if (next_site(c, a.site, &a.site, e) != 0)
            goto out;
        if (a.site != 0 && apply_site(&a, frames_max, applied, e) != 0 &&
            judge_failure(c, a.site, e) != 0)
            goto out;
    } while (a.site != 0 && *applied < frames_max);
    rc = 0;
out:
    apply_index_release(&a.index);
    apply_tables_release(&a.tables);
    return rc == 0 ? 0 : err_wrap(e, "apply: site %u", a.site);
}

int apply_parked_count(struct centre *c, uint16_t site, uint64_t *count, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *count = 0;
    if (centre_statement(c, &s,
                         "SELECT count(*) FROM parked WHERE id BETWEEN ?1 AND ?2"
                         " AND closed_by IS NULL",
                         e) != 0)
        return -1;
    bind_id(s, 1, id_make(site, 0, 0));
    bind_id(s, 2, id_make((uint16_t)(site + 1), 0, 0) - 1);
    row = statement_step(s, e);
    if (row == 1)
        *count = (uint64_t)sqlite3_column_int64(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}
