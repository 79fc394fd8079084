#include "sync/centre/journal_internal.h"

#include <string.h>

#include "schema/statements.h"
#include "sync/centre/history.h"
#include "sync/centre/site_keys.h"

/* ---------------------------------------------------------------------- writing */

/* Its frames, if they could not be had from its bytes alone another day. */
static int open_frames(struct taking *t, struct buffer *out, struct err *e)
{
    if (t->bundle.frames == NULL || bundle_stands_alone(&t->bundle.header))
        return 0;
    return bundle_keep(&t->bundle, out, e);
}

/* `begins`: it is held until what is received is applied. */
static int write_row_and_frames(struct taking *t, const char *state, bool begins,
                                bool left, const struct buffer *frames, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(t->centre, &s,
                         "INSERT OR REPLACE INTO journal"
                         " (site, first, last, object, state, bytes, epoch, left_after,"
                         " begins, frames)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)h->first);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)journal_last_of(h));
    journal_bind_object(s, 4, t->object);
    bind_text(s, 5, state);
    bind_blob(s, 6, t->bytes, t->count);
    (void)sqlite3_bind_int(s, 7, h->epoch);
    if (left)
        (void)sqlite3_bind_int64(s, 8, (sqlite3_int64)t->after.sequence);
    (void)sqlite3_bind_int(s, 9, begins);
    if (frames->count > 0)
        bind_blob(s, 10, frames->bytes, frames->count);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int write_row(struct taking *t, const char *state, bool begins, bool left,
                     struct err *e)
{
    struct buffer frames;
    int rc = -1;

    buffer_init(&frames, BUNDLE_PLAIN_MAX + BUNDLE_PLAIN_MAX / 128);
    if (open_frames(t, &frames, e) == 0)
        rc = write_row_and_frames(t, state, begins, left, &frames, e);
    buffer_release(&frames);
    return rc;
}

/* Those of its frames that are new. */
static int write_frames(struct taking *t, const char *sql, struct err *e)
{
    const struct bundle *b = &t->bundle;
    sqlite3_stmt *s;
    int rc = 0;

    if (centre_statement(t->centre, &s, sql, e) != 0)
        return -1;
    for (size_t i = t->known; rc == 0 && i < b->frames_count; i++) {
        (void)sqlite3_bind_int(statement_fresh(s), 1, t->site->site);
        (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)b->frames[i].sequence);
        bind_blob(s, 3, t->chains[i].bytes, HASH_BYTES);
        (void)sqlite3_bind_int(s, 4, b->header.epoch);
        rc = statement_run(s, e);
    }
    statements_finalize(&s, 1);
    return rc;
}

static int write_cursor(struct taking *t, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(t->centre, &s,
                         "UPDATE site SET received = ?2, chain = ?3,"
                         " epoch = max(epoch, ?4) WHERE site = ?1 RETURNING epoch",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)t->site->received);
    bind_blob(s, 3, t->site->chain.bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 4, t->bundle.header.epoch);
    rc = statement_step(s, e) == 1 ? 0 : -1;
    if (rc == 0) {
        t->site->epoch = (uint8_t)sqlite3_column_int(s, 0);
        rc = statement_run(s, e);
    }
    statements_finalize(&s, 1);
    return rc;
}

/* Its first new frame is the first of its epoch, or not. */
static int begin_epoch(struct taking *t, struct err *e)
{
    uint8_t epoch = t->bundle.header.epoch;

    return t->after.epoch == epoch
               ? 0
               : line_begin(t->centre, t->site->site, epoch, &t->after, e);
}

int journal_advance(struct taking *t, struct err *e)
{
    if (begin_epoch(t, e) != 0 || write_row(t, "ready", false, false, e) != 0 ||
        write_frames(t,
                     "INSERT INTO journal_frame (site, sequence, chain, epoch)"
                     " VALUES (?1, ?2, ?3, ?4)",
                     e) != 0)
        return -1;
    t->site->received = journal_last_of(&t->bundle.header);
    t->site->chain = t->chains[t->bundle.frames_count - 1];
    return write_cursor(t, e);
}

int journal_begin_line(struct taking *t, bool *waits, struct err *e)
{
    if (journal_all_applied(t->centre, t->site, waits, e) != 0)
        return -1;
    *waits = !*waits;
    if (*waits)
        return 0;
    if (line_switch(t->centre, t->site, t->bundle.header.epoch, &t->after, e) != 0)
        return -1;
    return journal_advance(t, e);
}

int journal_add_late(struct taking *t, struct err *e)
{
    if (begin_epoch(t, e) != 0 || write_row(t, "ready", false, true, e) != 0)
        return -1;
    return write_frames(t,
                        "INSERT INTO left_frame (site, sequence, chain, epoch, late)"
                        " VALUES (?1, ?2, ?3, ?4, -1)",
                        e);
}

int journal_alarm(struct taking *t, enum refused why, struct err *e)
{
    const char *detail = "a bundle that was forged, altered or cut off";

    if (why == REFUSED_HISTORY || why == REFUSED_DICTIONARY)
        detail = "a bundle that was held cannot be opened with what came before it: the"
                 " box sends its frames again";
    else if (why == REFUSED_FORK)
        detail = "a bundle of this box contradicts what it sent before: the box was"
                 " restored or cloned";
    else if (why == REFUSED_NOT_YOURS)
        detail = "it delivered a bundle that says another site wrote it";
    else if (why == REFUSED_TOO_BIG)
        detail = "more bundles wait for something before them than are kept";
    return site_alarm(t->centre, t->site->site, refused_name(why), detail, e);
}

/* ------------------------------------------------------------------------- take */

/* *why stays 0 for one that is authentic, opened or not. */
static int open_taken(struct taking *t, enum refused *why, struct err *e)
{
    struct history h = {t->centre, t->site};
    struct bundle_sources sources;

    history_sources(&h, &sources);
    if (bundle_open(&t->bundle, t->bytes, t->count, &t->centre->key, &t->key, &sources,
                    e) == 0)
        return 0;
    if (e->code != ERR_REFUSED)
        return -1;
    if (t->bundle.lacks == BUNDLE_LACKS_NOTHING)
        *why = REFUSED_FORGED;
    return 0;
}

/* All that can be said before the journal is asked. *why is 0 if nothing is wrong. */
static int examine(struct taking *t, enum refused *why, struct err *e)
{
    struct bundle_header h;
    struct hash hash;

    *why = 0;
    hash_of(&hash, t->bytes, t->count);
    if (t->object->kind != OBJECT_BUNDLE ||
        memcmp(hash.bytes, t->object->id, OBJECT_ID_BYTES) != 0 ||
        bundle_peek(&h, t->bytes, t->count, e) != 0 || h.direction != DIRECTION_UP) {
        *why = REFUSED_FORGED;
        return 0;
    }
    if (h.site != t->site->site) {
        *why = REFUSED_NOT_YOURS;
        return 0;
    }
    if (site_key_at(t->centre, t->site, h.epoch, &t->key, e) != 0)
        return -1;
    return open_taken(t, why, e);
}

static int refuse(struct taking *t, enum refused how, enum journal_verdict *verdict,
                  enum refused *why, struct err *e)
{
    *verdict = JOURNAL_REFUSED;
    *why = how;
    return journal_alarm(t, how, e);
}

static int hold(struct taking *t, bool begins, enum journal_verdict *verdict,
                enum refused *why, struct err *e)
{
    bool may;

    if (journal_may_hold(t->centre, t->site->site, t->count, &may, e) != 0 ||
        (!may && journal_make_room(t, &may, e) != 0))
        return -1;
    if (!may)
        return refuse(t, REFUSED_TOO_BIG, verdict, why, e);
    *verdict = JOURNAL_HELD;
    return write_row(t, "held", begins, false, e);
}

static int begin_line(struct taking *t, enum journal_verdict *verdict, enum refused *why,
                      struct err *e)
{
    bool waits;

    *verdict = JOURNAL_TAKEN;
    if (journal_begin_line(t, &waits, e) != 0)
        return -1;
    return waits ? hold(t, true, verdict, why, e) : 0;
}

static int place_proved(struct taking *t, enum proof proof, enum journal_verdict *verdict,
                        enum refused *why, struct err *e)
{
    switch (proof) {
    case PROOF_NEW:
        *verdict = JOURNAL_TAKEN;
        return journal_advance(t, e);
    case PROOF_KNOWN:
        *verdict = JOURNAL_KNOWN;
        return centre_sabotaged(CENTRE_FORGET_REPLAY)
                   ? write_row(t, "ready", false, false, e)
                   : 0;
    case PROOF_LINE:
        return begin_line(t, verdict, why, e);
    case PROOF_LATE:
        *verdict = JOURNAL_LATE;
        return journal_add_late(t, e);
    case PROOF_EARLY:
        return hold(t, false, verdict, why, e);
    case PROOF_FORK:
        return refuse(t, REFUSED_FORK, verdict, why, e);
    case PROOF_FORGED:
        break;
    }
    return refuse(t, REFUSED_FORGED, verdict, why, e);
}

/* It leans on what is not here. After a gap that may be what is missing: held unopened.
 * *goes_on: the gap has closed since it was looked at. */
static int place_unopened(struct taking *t, enum journal_verdict *verdict,
                          enum refused *why, bool *goes_on, struct err *e)
{
    struct line_frame before;
    bool found;

    *goes_on = false;
    if (line_nth(t->centre, t->site->site, t->bundle.header.first - 1, NULL, 0, &before,
                 &found, e) != 0)
        return -1;
    if (!found && t->bundle.lacks != BUNDLE_LACKS_DICTIONARY)
        return hold(t, false, verdict, why, e);
    if (open_taken(t, why, e) != 0)
        return -1;
    *goes_on = t->bundle.frames != NULL;
    if (*goes_on)
        return 0;
    *verdict = JOURNAL_REFUSED;
    *why = journal_why_not_opened(t);
    return *why == REFUSED_FORGED ? journal_alarm(t, *why, e) : 0;
}

/* A new box may have taken the site's place since it was opened. */
static int is_key_same(struct taking *t, bool *same, struct err *e)
{
    struct public_key now;

    if (site_key_at(t->centre, t->site, t->bundle.header.epoch, &now, e) != 0)
        return -1;
    *same = memcmp(now.bytes, t->key.bytes, sizeof now.bytes) == 0;
    return 0;
}

/* Inside the transaction; the site's row is fresh. */
static int place(struct taking *t, enum journal_verdict *verdict, enum refused *why,
                 struct err *e)
{
    enum proof proof;
    bool goes_on = true, same;

    if (is_key_same(t, &same, e) != 0)
        return -1;
    if (!same)
        return refuse(t, REFUSED_FORGED, verdict, why, e);
    if (t->bundle.frames == NULL && place_unopened(t, verdict, why, &goes_on, e) != 0)
        return -1;
    if (!goes_on)
        return 0;
    if (journal_prove(t, &proof, e) != 0)
        return -1;
    if (place_proved(t, proof, verdict, why, e) != 0)
        return -1;
    if (*verdict != JOURNAL_TAKEN && *verdict != JOURNAL_LATE)
        return 0;
    return journal_release_all(t->centre, t->site, NULL, e);
}

/* Before and after a commit that a negative control wants to lose. */
static void set_synced(struct centre *c, bool synced)
{
    struct err ignored;

    if (centre_sabotaged(CENTRE_RECEIPT_BEFORE_SYNC))
        (void)sql_run(store_db(c->store),
                      synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF",
                      &ignored);
}

static int take_examined(struct taking *t, enum journal_verdict *verdict,
                         enum refused *why, struct err *e)
{
    struct store *store = t->centre->store;
    uint16_t site = t->site->site;
    bool found;
    int rc = -1;

    set_synced(t->centre, false);
    if (store_apply_begin(store, e) != 0)
        goto out;
    /* Another session of this site may have moved the cursor meanwhile. */
    if (site_find(t->centre, site, t->site, &found, e) != 0 ||
        place(t, verdict, why, e) != 0) {
        store_apply_rollback(store);
        goto out;
    }
    rc = store_apply_commit(store, e);
out:
    set_synced(t->centre, true);
    return rc;
}

int journal_take(struct centre *c, uint16_t site, const struct object_id *object,
                 const void *bytes, size_t count, enum journal_verdict *verdict,
                 enum refused *why, struct err *e)
{
    struct site_row row;
    struct taking t = {
        .centre = c, .site = &row, .bytes = bytes, .count = count, .object = object};
    bool found;
    int rc = -1;

    *verdict = JOURNAL_REFUSED;
    if (site_find(c, site, &row, &found, e) != 0)
        goto out;
    if (!found || !row.claimed) {
        *why = REFUSED_UNKNOWN_SITE;
        rc = 0;
        goto out;
    }
    if (examine(&t, why, e) != 0)
        goto out;
    rc = *why != 0 ? journal_alarm(&t, *why, e) : take_examined(&t, verdict, why, e);
out:
    taking_release(&t);
    return rc == 0 ? 0 : err_wrap(e, "journal");
}
