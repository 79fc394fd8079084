#include "sync/centre/journal_internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/statements.h"

/* What may wait at a time: a stick that holds all of a year, whose first bundle is on
 * another one. */
#define HELD_COUNT_MAX 4096

int journal_may_hold(struct centre *c, uint16_t site, size_t bytes, bool *may,
                     struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT count(*), coalesce(sum(length(bytes)"
                         " + coalesce(length(frames), 0)), 0) FROM journal"
                         " WHERE site = ?1 AND state = 'held'",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    *may = row == 1 && sqlite3_column_int64(s, 0) < HELD_COUNT_MAX &&
           (uint64_t)sqlite3_column_int64(s, 1) + bytes <= JOURNAL_HELD_BYTES_MAX;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int journal_make_room(struct taking *t, bool *may, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(
            t->centre, &s,
            "DELETE FROM journal WHERE site = ?1 AND state = 'held'"
            " AND last <= ?2 AND epoch < ?3 AND begins < 0"
            /* … and not for nothing */
            " AND (SELECT count(*) < ?4"
            "  AND coalesce(sum(length(bytes) + coalesce(length(frames),"
            "   0)), 0) + ?5 <= ?6 FROM journal k WHERE site = ?1 AND state = 'held'"
            "  AND NOT (last <= ?2 AND epoch < ?3 AND begins < 0))",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)t->site->received);
    (void)sqlite3_bind_int(s, 3, t->site->epoch);
    (void)sqlite3_bind_int(s, 4, HELD_COUNT_MAX);
    (void)sqlite3_bind_int64(s, 5, (sqlite3_int64)t->count);
    (void)sqlite3_bind_int64(s, 6, JOURNAL_HELD_BYTES_MAX);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    *may = false;
    if (rc != 0 || sqlite3_changes(store_db(t->centre->store)) == 0)
        return rc;
    if (site_alarm(t->centre, t->site->site, "stranded",
                   "what waited behind the line that the box has left was dropped: no"
                   " more bundles are kept",
                   e) != 0)
        return -1;
    return journal_may_hold(t->centre, t->site->site, t->count, may, e);
}

int journal_all_applied(struct centre *c, const struct site_row *site, bool *all,
                        struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *all = site->applied == site->received;
    if (!*all)
        return 0;
    if (centre_statement(c, &s,
                         "SELECT 1 FROM left_frame WHERE site = ?1 AND late < 0 LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    row = statement_step(s, e);
    *all = row == 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* ---------------------------------------------------------------------- releasing */

static int remove_row(struct taking *t, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(t->centre, &s,
                         "DELETE FROM journal WHERE site = ?1 AND object = ?2", e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    journal_bind_object(s, 2, t->object);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* It stays; `begins`: until what is received is applied. Else it follows nothing that we
 * have, and is looked at again when there is more that it could follow. */
static int keep_row(struct taking *t, bool begins, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(t->centre, &s,
                         "UPDATE journal SET begins = iif(?3, 1, -" JOURNAL_BEFORE ")"
                         " WHERE site = ?1 AND object = ?2"
                         " AND begins <> iif(?3, 1, -" JOURNAL_BEFORE ")",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    journal_bind_object(s, 2, t->object);
    (void)sqlite3_bind_int(s, 3, begins);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* Its box has gone on under a later epoch, past all of its frames: what is missing before
 * it may be on a stick that nobody has brought yet, or gone. */
static int keep_early(struct taking *t, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    char detail[256];

    if (h->epoch < t->site->epoch && journal_last_of(h) <= t->site->received) {
        (void)snprintf(detail, sizeof detail,
                       "frames %" PRIu64 " to %" PRIu64 " of epoch %u wait for what was"
                       " made before them: a stick of then is missing, or the box has"
                       " made them anew",
                       h->first, journal_last_of(h), h->epoch);
        if (site_alarm(t->centre, t->site->site, "stranded", detail, e) != 0)
            return -1;
    }
    return keep_row(t, false, e);
}

enum refused journal_why_not_opened(const struct taking *t)
{
    switch (t->bundle.lacks) {
    case BUNDLE_LACKS_HISTORY:
        return REFUSED_HISTORY;
    case BUNDLE_LACKS_DICTIONARY:
        return REFUSED_DICTIONARY;
    case BUNDLE_LACKS_NOTHING:
        break;
    }
    return REFUSED_FORGED;
}

/* It leans on what is not here, which may be what is missing before it. */
static int release_unopened(struct taking *t, bool *stays, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;

    *stays = t->bundle.lacks == BUNDLE_LACKS_HISTORY &&
             (h->epoch != t->site->epoch || h->first > t->site->received + 1);
    if (*stays)
        return keep_early(t, e);
    return journal_alarm(t, journal_why_not_opened(t), e) == 0 ? remove_row(t, e) : -1;
}

/* The box still has what is dropped here: it was never receipted as received. */
int journal_release_one(struct taking *t, bool *stays, struct err *e)
{
    enum proof proof;

    *stays = false;
    if (t->bundle.frames == NULL)
        return release_unopened(t, stays, e);
    if (journal_prove(t, &proof, e) != 0)
        return -1;
    switch (proof) {
    case PROOF_NEW:
        return journal_advance(t, e);
    case PROOF_LINE:
        if (journal_begin_line(t, stays, e) != 0)
            return -1;
        return *stays ? keep_row(t, true, e) : 0;
    case PROOF_LATE:
        return journal_add_late(t, e);
    case PROOF_EARLY:
        *stays = true;
        return keep_early(t, e);
    case PROOF_KNOWN:
        return remove_row(t, e);
    case PROOF_FORK:
    case PROOF_FORGED:
        break;
    }
    return journal_alarm(t, REFUSED_FORK, e) == 0 ? remove_row(t, e) : -1;
}
