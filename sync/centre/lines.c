#include "sync/centre/lines.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "sync/centre/history.h"
#include "sync/centre/journal.h"

/* Runs a statement of the line's: ?1 site, ?2 last common frame, ?3 epoch. */
static int run(struct centre *c, const char *sql, uint16_t site, uint64_t last_common,
               uint8_t epoch, struct err *e)
{
    sqlite3_stmt *s;
    int places, rc;

    if (centre_statement(c, &s, sql, e) != 0)
        return -1;
    places = sqlite3_bind_parameter_count(s);
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last_common);
    if (places > 2)
        (void)sqlite3_bind_int(s, 3, epoch);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* ----------------------------------------------------------------- giving back */

struct giving {
    struct centre *centre;
    const struct site_row *site;
    uint64_t last_common, next; /* the next frame to be given back */
    uint8_t epoch;              /* of the new line */
};

static int give_bundle(struct giving *g, sqlite3_stmt *row, struct err *e)
{
    struct bundle b = {0};
    int rc = 0;

    if (journal_open(g->centre, g->site, row, 0, &b, e) != 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < b.frames_count; i++) {
        if (b.frames[i].sequence != g->next || g->next > g->site->received)
            continue; /* another bundle has brought it */
        rc = down_give_back(g->centre, g->site->site, &b.frames[i], g->last_common,
                            g->epoch, e);
        g->next++;
    }
    bundle_release(&b);
    return rc;
}

/* The frames that the box does not have any more, in their order. */
static int give_back(struct giving *g, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(
            g->centre, &s,
            "SELECT bytes, frames FROM journal WHERE site = ?1 AND last > ?2"
            " AND left_after IS NULL AND state = 'applied' ORDER BY first, last",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, g->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)g->last_common);
    while ((row = statement_step(s, e)) == 1)
        if (give_bundle(g, s, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    if (row == 0 && g->next <= g->site->received)
        return err_set(e, ERR_CORRUPT, "frame %" PRIu64 " is not in the journal",
                       g->next);
    return row;
}

/* -------------------------------------------------------------------- leaving */

static int set_aside(struct centre *c, const struct site_row *site, uint64_t last_common,
                     uint8_t epoch, struct err *e)
{
    if (run(c,
            "INSERT INTO left_frame (site, epoch, sequence, chain)"
            " SELECT site, ?3, sequence, chain FROM journal_frame"
            " WHERE site = ?1 AND sequence > ?2",
            site->site, last_common, site->epoch, e) != 0 ||
        run(c, "DELETE FROM journal_frame WHERE site = ?1 AND sequence > ?2", site->site,
            last_common, 0, e) != 0)
        return -1;
    /* What the new line has brought already, and is held, is not of the old one. */
    return run(c,
               "UPDATE journal SET left_after = ?2 WHERE site = ?1 AND last > ?2"
               " AND left_after IS NULL AND epoch < ?3",
               site->site, last_common, epoch, e);
}

static int move_cursor(struct centre *c, struct site_row *site, uint64_t last_common,
                       uint8_t epoch, struct err *e)
{
    struct hash chain;
    sqlite3_stmt *s;
    int rc;

    if (journal_chain(c, site->site, last_common, &chain, e) != 0 ||
        centre_statement(c, &s,
                         "UPDATE site SET received = ?2, applied = ?2,"
                         " safe = min(safe, ?2), chain = ?3, epoch = ?4,"
                         " applied_epoch = ?4 WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last_common);
    bind_blob(s, 3, chain.bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 4, epoch);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    site->received = site->applied = last_common;
    if (site->safe > last_common)
        site->safe = last_common;
    site->chain = chain;
    site->epoch = epoch;
    return rc;
}

int line_may_leave(struct centre *c, const struct site_row *site, uint64_t last_common,
                   bool *may, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT 1 FROM down_frame WHERE site = ?1 AND seen > ?2 LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last_common);
    row = statement_step(s, e);
    *may = row == 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int line_leave(struct centre *c, struct site_row *site, uint64_t last_common,
               uint8_t epoch, struct err *e)
{
    struct giving g = {.centre = c,
                       .site = site,
                       .last_common = last_common,
                       .next = last_common + 1,
                       .epoch = epoch};
    char detail[192];

    (void)snprintf(detail, sizeof detail,
                   "the box goes on from frame %" PRIu64
                   " under epoch %u: it was put back"
                   " or replaced; its frames up to %" PRIu64 " are given back to it",
                   last_common, epoch, site->received);
    if (give_back(&g, e) != 0 || set_aside(c, site, last_common, epoch, e) != 0 ||
        move_cursor(c, site, last_common, epoch, e) != 0)
        return err_wrap(e, "line of site %u", site->site);
    return site_alarm(c, site->site, "restored", detail, e);
}

int line_left_chain(struct centre *c, uint16_t site, uint64_t sequence, unsigned nth,
                    struct hash *out, bool *found, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT chain FROM left_frame WHERE site = ?1 AND sequence = ?2"
                         " ORDER BY epoch DESC LIMIT 1 OFFSET ?3",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int64(s, 3, nth);
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, out);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}
