#include <inttypes.h>
#include <stdio.h>

#include "schema/statements.h"
#include "sync/centre/giving.h"
#include "sync/centre/lines.h"

/* A site on its way from one line to another. */
struct switching {
    struct centre *centre;
    struct site_row *site; /* the row on the old line; the new one's at the end */
    uint8_t epoch;         /* of the new line */
    const struct line_frame *after;
    struct line_path from, to;
    uint64_t common; /* the last frame of both */
};

/* ?1 is the site. */
static int run(struct switching *w, const char *sql, uint64_t second, uint64_t third,
               struct err *e)
{
    sqlite3_stmt *s;
    int places, rc;

    if (centre_statement(w->centre, &s, sql, e) != 0)
        return -1;
    places = sqlite3_bind_parameter_count(s);
    (void)sqlite3_bind_int(s, 1, w->site->site);
    if (places > 1)
        (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)second);
    if (places > 2)
        (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)third);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* A bundle is of the line that its last frame is of. */
static int set_aside(struct switching *w, struct err *e)
{
    if (run(w,
            "INSERT INTO left_frame (site, epoch, sequence, chain, late)"
            " SELECT site, epoch, sequence, chain, late FROM journal_frame"
            " WHERE site = ?1 AND sequence > ?2",
            w->common, 0, e) != 0)
        return -1;
    if (run(w, "DELETE FROM journal_frame WHERE site = ?1 AND sequence > ?2", w->common,
            0, e) != 0)
        return -1;
    return run(w,
               "UPDATE journal SET left_after = ?2 WHERE site = ?1 AND state <> 'held'"
               " AND last > ?2",
               w->common, 0, e);
}

static int take_up_epoch(struct switching *w, size_t epoch, struct err *e)
{
    static const char *const sql[] = {
        "INSERT INTO journal_frame (site, sequence, chain, epoch, late)"
        " SELECT site, sequence, chain, epoch, late FROM left_frame"
        " WHERE site = ?1 AND epoch = ?2 AND sequence <= ?3",
        "DELETE FROM left_frame WHERE site = ?1 AND epoch = ?2 AND sequence <= ?3",
        "UPDATE journal SET left_after = NULL WHERE site = ?1 AND state <> 'held'"
        " AND last <= ?3 AND epoch = ?2"};

    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
        if (run(w, sql[i], epoch, w->to.last[epoch], e) != 0)
            return -1;
    return 0;
}

/* What a line that was left has of the way to the new one. */
static int take_up(struct switching *w, struct err *e)
{
    for (size_t i = 1; i < LINE_EPOCHS; i++)
        if (w->to.last[i] > w->common && take_up_epoch(w, i, e) != 0)
            return -1;
    return 0;
}

static int move_cursor(struct switching *w, struct err *e)
{
    struct site_row *site = w->site;
    sqlite3_stmt *s;
    int rc;

    if (site->safe > w->common)
        site->safe = w->common;
    site->received = site->applied = w->after->sequence;
    site->chain = w->after->chain;
    site->epoch = w->epoch;
    if (centre_statement(w->centre, &s,
                         "UPDATE site SET received = ?2, applied = ?2, safe = ?3,"
                         " chain = ?4, epoch = ?5, applied_epoch = ?5 WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)site->received);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)site->safe);
    bind_blob(s, 4, site->chain.bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 5, site->epoch);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* Who goes on from where another has been since is not the only one. */
static int tell(struct switching *w, uint8_t left, uint64_t received, struct err *e)
{
    bool cloned = w->after->sequence > w->common;
    char detail[256];

    if (cloned)
        (void)snprintf(detail, sizeof detail,
                       "two boxes work in its name: the one of epoch %u goes on from"
                       " frame %" PRIu64 " under epoch %u, after the other one made"
                       " frames up to %" PRIu64 " under epoch %u",
                       w->after->epoch, w->after->sequence, w->epoch, received, left);
    else
        (void)snprintf(detail, sizeof detail,
                       "the box goes on from frame %" PRIu64
                       " under epoch %u: it was put back"
                       " or replaced; its frames up to %" PRIu64 " are given back to it",
                       w->common, w->epoch, received);
    return site_alarm(w->centre, w->site->site, cloned ? "cloned" : "restored", detail,
                      e);
}

int line_switch(struct centre *c, struct site_row *site, uint8_t epoch,
                const struct line_frame *after, struct err *e)
{
    struct switching w = {.centre = c, .site = site, .epoch = epoch, .after = after};
    uint64_t received = site->received;
    uint8_t left = site->epoch;

    if (line_begin(c, site->site, epoch, after, e) != 0 ||
        line_path_now(c, site, &w.from, e) != 0 ||
        line_path(c, site->site, epoch, after->sequence, &w.to, e) != 0)
        goto failed;
    w.common = line_path_common(&w.from, &w.to);
    w.to.last[epoch] = INT64_MAX; /* what it will have */
    if (giving_all(c, site, epoch, &w.from, &w.to, e) != 0)
        goto failed;
    w.to.last[epoch] = 0;
    if (set_aside(&w, e) != 0 || take_up(&w, e) != 0 || move_cursor(&w, e) != 0 ||
        tell(&w, left, received, e) != 0)
        goto failed;
    return 0;
failed:
    return err_wrap(e, "line of site %u", site->site);
}
