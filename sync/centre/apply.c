#include "sync/centre/apply.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/apply_park.h"
#include "sync/centre/down.h"
#include "sync/centre/history.h"
#include "sync/centre/journal.h"
#include "sync/centre/late.h"
#include "sync/centre/sites.h"

/* A bundle from the journal, opened. */
struct ready {
    uint64_t first, last;
    struct bundle bundle;
};

/* ------------------------------------------------------------------- one frame */

static int set_applied(struct applying *a, const struct rows_frame *f, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(a->centre, &s,
                         "UPDATE site SET applied = max(applied, ?2), applied_epoch = ?3"
                         " WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)f->frame->sequence);
    (void)sqlite3_bind_int(s, 3, f->epoch);
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
                         " WHERE site = ?1 AND state = 'ready' AND first <= ?2"
                         " AND last <= ?2 AND left_after IS NULL",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int apply_changes(struct applying *a, const struct rows_frame *f, struct err *e)
{
    if (rows_apply(&a->rows, f, e) != 0 || apply_try_parked(a, e) != 0 ||
        down_append(a->centre, e) != 0)
        return -1;
    return rows_index_refresh(&a->index, e);
}

static int advance(struct applying *a, const struct rows_frame *f, const struct ready *r,
                   struct err *e)
{
    if (set_applied(a, f, e) != 0)
        return -1;
    if (f->frame->sequence < r->last)
        return 0;
    return set_done(a->centre, a->site, r->last, e);
}

/* Rows and cursor in one transaction. */
static int apply_frame(struct applying *a, const struct frame *frame,
                       const struct ready *r, struct err *e)
{
    const struct rows_frame f = {.frame = frame,
                                 .epoch = r->bundle.header.epoch,
                                 .seen_epoch = r->bundle.header.seen_epoch};
    struct store *store = a->centre->store;
    bool apart = centre_sabotaged(CENTRE_ADVANCE_APART);

    a->index.count = 0;
    if (store_apply_begin(store, e) != 0)
        return -1;
    if (down_open(a->centre, a->site, frame->sequence, f.epoch, e) != 0 ||
        apply_changes(a, &f, e) != 0)
        goto failed;
    down_close(a->centre);
    if (apart && (store_apply_commit(store, e) != 0 || store_apply_begin(store, e) != 0))
        return -1;
    if (advance(a, &f, r, e) != 0)
        goto failed;
    return store_apply_commit(store, e);
failed:
    down_rollback(a->centre);
    a->own_read = false; /* it may hold frames that were rolled back */
    return err_wrap(e, "frame %" PRIu64, frame->sequence);
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
                         "SELECT first, last, bytes, frames FROM journal"
                         " WHERE site = ?1 AND state = 'ready' AND left_after IS NULL"
                         " ORDER BY first LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    row = statement_step(s, e);
    *any = row == 1;
    if (row == 1) {
        out->first = (uint64_t)sqlite3_column_int64(s, 0);
        out->last = (uint64_t)sqlite3_column_int64(s, 1);
        rc = journal_open(c, site, s, 2, &out->bundle, e);
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
        const struct frame *f = &r->bundle.frames[i];

        if (*count >= frames_max && !again)
            return 0;
        if (f->sequence <= applied && !again)
            continue;
        *waits = f->schema > a->rows.schema;
        if (*waits)
            return 0;
        if (apply_frame(a, f, r, e) != 0)
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

/* What is ready of it, until a frame waits for a newer program. */
static int apply_ready(struct applying *a, unsigned frames_max, unsigned *count,
                       struct err *e)
{
    struct ready r = {0};
    struct site_row site;
    bool any = true, waits = false, found;
    int rc = 0;

    while (rc == 0 && any && !waits && *count < frames_max) {
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

/* What came late of lines that the site has left, and then a new line of the box's, which
 * may have waited for the end of the old one. */
static int apply_site(struct applying *a, unsigned frames_max, unsigned *count,
                      struct err *e)
{
    bool released = true;

    while (released) {
        released = false;
        if (apply_ready(a, frames_max, count, e) != 0 ||
            apply_late(a, frames_max, count, e) != 0 ||
            (*count < frames_max &&
             journal_release(a->centre, a->site, &released, e) != 0))
            return -1;
        a->own_read = a->own_read && !released; /* what was given back is ours too */
    }
    return apply_ready_parked(a, frames_max, count, e);
}

/* -------------------------------------------------------------------- all sites */

static int next_site(struct centre *c, uint16_t after, uint16_t *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *out = 0;
    if (centre_statement(
            c, &s,
            "SELECT min(site) FROM (SELECT min(site) AS site FROM journal"
            " WHERE state = 'ready' AND site > ?1"
            " UNION ALL SELECT min(j.site) FROM journal j JOIN site s ON s.site = j.site"
            " WHERE j.begins = 1 AND j.site > ?1 AND s.applied = s.received"
            " UNION ALL SELECT min(parked >> 36) FROM parked_change"
            " WHERE tried = 0 AND (parked >> 36) > ?1)",
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

static int begin(struct applying *a, struct centre *c, struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(c->store, &names);

    *a = (struct applying){.centre = c,
                           .index = {.records = c->records},
                           .sink = {.own = apply_own,
                                    .conflict = apply_conflict,
                                    .park = apply_parked,
                                    .written = apply_written,
                                    .watch = apply_watch,
                                    .cut = apply_cut,
                                    .holds = apply_holds,
                                    .arg = a}};
    if (rows_init(&a->rows, store_db(c->store), names, count, e) != 0)
        return -1;
    a->rows.sink = &a->sink;
    a->rows.from_box = true;
    return 0;
}

static void turn_to(struct applying *a, uint16_t site)
{
    a->site = a->rows.site = site;
    a->own_read = a->more = false;
}

int apply_some(struct centre *c, unsigned frames_max, unsigned *applied, struct err *e)
{
    struct applying a;
    uint16_t site = 0;
    int rc = -1;

    *applied = 0;
    if (begin(&a, c, e) != 0)
        goto out;
    do {
        if (next_site(c, site, &site, e) != 0)
            goto out;
        turn_to(&a, site);
        if (site != 0 && apply_site(&a, frames_max, applied, e) != 0 &&
            judge_failure(c, site, e) != 0)
            goto out;
    } while (site != 0 && *applied < frames_max);
    rc = 0;
out:
    rows_index_release(&a.index);
    rows_release(&a.rows);
    return rc == 0 ? 0 : err_wrap(e, "apply: site %u", site);
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
