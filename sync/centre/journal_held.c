#include "sync/centre/journal_internal.h"

#include <string.h>

#include "schema/statements.h"
#include "sync/centre/history.h"

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

/* It stays; `begins`: until what is received is applied. */
static int keep_row(struct taking *t, bool begins, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(t->centre, &s,
                         "UPDATE journal SET begins = ?3 WHERE site = ?1 AND object = ?2"
                         " AND begins <> ?3",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    journal_bind_object(s, 2, t->object);
    (void)sqlite3_bind_int(s, 3, begins);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
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
        return 0;
    return journal_alarm(t, journal_why_not_opened(t), e) == 0 ? remove_row(t, e) : -1;
}

/* Proves the one that was held. The box still has what is dropped here: it was never
 * receipted as received. */
static int release_one(struct taking *t, bool *stays, struct err *e)
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
        return keep_row(t, false, e);
    case PROOF_KNOWN:
        return remove_row(t, e);
    case PROOF_FORK:
    case PROOF_FORGED:
        break;
    }
    return journal_alarm(t, REFUSED_FORK, e) == 0 ? remove_row(t, e) : -1;
}

/* Its frames stay NULL if it cannot be opened. */
static int open_held(struct taking *t, sqlite3_stmt *row, int bytes_column, struct err *e)
{
    struct err why;

    if (journal_open(t->centre, t->site, row, bytes_column, &t->bundle, &why) == 0 ||
        why.code == ERR_REFUSED || why.code == ERR_CORRUPT)
        return 0;
    *e = why;
    return -1;
}

/* The next held one, past those that stay, of which a frame before it is there; *any is
 * false if there is none. */
static int read_held(struct taking *t, unsigned stay, struct object_id *object,
                     struct buffer *bytes, bool *any, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    if (centre_statement(
            t->centre, &s,
            "SELECT object, bytes, frames FROM journal j WHERE site = ?1"
            " AND state = 'held' AND (first = 1 OR EXISTS (SELECT 1 FROM journal_frame f"
            "  WHERE f.site = j.site AND f.sequence = j.first - 1)"
            " OR EXISTS (SELECT 1 FROM left_frame f"
            "  WHERE f.site = j.site AND f.sequence = j.first - 1))"
            " ORDER BY epoch, first, object LIMIT 1 OFFSET ?2",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    (void)sqlite3_bind_int64(s, 2, stay);
    row = statement_step(s, e);
    *any = row == 1;
    if (row == 1) {
        const unsigned char *id = sqlite3_column_blob(s, 0);

        if (sqlite3_column_bytes(s, 0) == 1 + OBJECT_ID_BYTES) {
            object->kind = id[0];
            memcpy(object->id, id + 1, OBJECT_ID_BYTES);
        }
        buffer_append(bytes, sqlite3_column_blob(s, 1),
                      (size_t)sqlite3_column_bytes(s, 1));
        rc = buffer_check(bytes, e) == 0 ? open_held(t, s, 1, e) : -1;
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : rc;
}

static int release_next(struct centre *c, struct site_row *site, unsigned stay, bool *any,
                        bool *stays, struct err *e)
{
    struct taking t = {.centre = c, .site = site};
    struct object_id object = {0};
    struct buffer bytes;
    int rc;

    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    rc = read_held(&t, stay, &object, &bytes, any, e);
    t.object = &object;
    t.bytes = bytes.bytes;
    t.count = bytes.count;
    if (rc == 0 && *any)
        rc = release_one(&t, stays, e);
    taking_release(&t);
    buffer_release(&bytes);
    return rc;
}

/* What goes on may be what those before it waited for. */
int journal_release_all(struct centre *c, struct site_row *site, bool *moved,
                        struct err *e)
{
    unsigned stay = 0;
    bool any = true, stays;

    if (moved != NULL)
        *moved = false;
    while (any) {
        if (release_next(c, site, stay, &any, &stays, e) != 0)
            return err_wrap(e, "held bundle of site %u", site->site);
        if (moved != NULL)
            *moved = *moved || (any && !stays);
        stay = any && stays ? stay + 1 : 0;
    }
    return 0;
}

/* Whether what waited for the old line can begin a new one. */
static int may_begin(struct centre *c, uint16_t site, bool *may, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT 1 FROM journal j JOIN site s ON s.site = j.site"
                         " WHERE j.site = ?1 AND j.begins = 1"
                         " AND s.applied = s.received AND NOT EXISTS (SELECT 1"
                         "  FROM left_frame f WHERE f.site = ?1 AND f.late < 0)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    *may = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int journal_release(struct centre *c, uint16_t site, bool *released, struct err *e)
{
    struct site_row row;
    bool found;

    if (may_begin(c, site, released, e) != 0)
        return err_wrap(e, "journal");
    if (!*released)
        return 0;
    if (store_apply_begin(c->store, e) != 0)
        return err_wrap(e, "journal");
    if (site_find(c, site, &row, &found, e) == 0 &&
        (!found || journal_release_all(c, &row, released, e) == 0))
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "journal");
}
