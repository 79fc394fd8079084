#include "sync/centre/journal_internal.h"

#include <string.h>

#include "schema/statements.h"
#include "sync/centre/history.h"
#include "sync/centre/lines.h"

/* ---------------------------------------------------------------------- writing */

/* Its frames, if they could not be had from its bytes alone another day. */
static int open_frames(struct taking *t, struct buffer *out, struct err *e)
{
    if (t->bundle.frames == NULL || bundle_stands_alone(&t->bundle.header))
        return 0;
    return bundle_keep(&t->bundle, out, e);
}

static int write_row_and_frames(struct taking *t, const char *state,
                                const struct buffer *frames, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(
            t->centre, &s,
            "INSERT OR REPLACE INTO journal"
            " (site, first, last, object, state, bytes, epoch, left_after, frames)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            e) != 0)
        return -1;
    if (frames->count > 0)
        bind_blob(s, 9, frames->bytes, frames->count);
    (void)sqlite3_bind_int(s, 7, h->epoch);
    if (t->late)
        (void)sqlite3_bind_int64(s, 8, (sqlite3_int64)t->last_common);
    (void)sqlite3_bind_int(s, 1, t->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)h->first);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)journal_last_of(h));
    journal_bind_object(s, 4, t->object);
    bind_text(s, 5, state);
    bind_blob(s, 6, t->bytes, t->count);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int write_row(struct taking *t, const char *state, struct err *e)
{
    struct buffer frames;
    int rc = -1;

    buffer_init(&frames, BUNDLE_PLAIN_MAX + BUNDLE_PLAIN_MAX / 128);
    if (open_frames(t, &frames, e) == 0)
        rc = write_row_and_frames(t, state, &frames, e);
    buffer_release(&frames);
    return rc;
}

static int write_frames(struct taking *t, struct err *e)
{
    const struct bundle *b = &t->bundle;
    sqlite3_stmt *s;
    int rc = 0;

    if (centre_statement(
            t->centre, &s,
            "INSERT INTO journal_frame (site, sequence, chain) VALUES (?1, ?2, ?3)",
            e) != 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < b->frames_count; i++) {
        if (b->frames[i].sequence <= t->site->received)
            continue;
        (void)sqlite3_bind_int(statement_fresh(s), 1, t->site->site);
        (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)b->frames[i].sequence);
        bind_blob(s, 3, t->chains[i].bytes, HASH_BYTES);
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
                         " epoch = max(epoch, ?4) WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)t->site->received);
    bind_blob(s, 3, t->site->chain.bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 4, t->bundle.header.epoch);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* A bundle that is proved and brings something. */
static int advance(struct taking *t, struct err *e)
{
    if (write_row(t, "ready", e) != 0 || write_frames(t, e) != 0)
        return -1;
    t->site->received = journal_last_of(&t->bundle.header);
    t->site->chain = t->chains[t->bundle.frames_count - 1];
    return write_cursor(t, e);
}

/* ------------------------------------------------------------------------- held */

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

static int alarm(struct taking *t, enum refused why, struct err *e)
{
    const char *detail = "a bundle that was forged, altered or cut off";

    if (why == REFUSED_HISTORY || why == REFUSED_DICTIONARY)
        detail = "a bundle that was held cannot be opened with what came before it: the"
                 " box sends its frames again";
    else if (t->late)
        detail =
            "frames of a line that the box has left came late: they are kept, and not"
            " applied";
    else if (why == REFUSED_FORK)
        detail = "a bundle of this box contradicts what it sent before: the box was"
                 " restored or cloned";
    else if (why == REFUSED_NOT_YOURS)
        detail = "it delivered a bundle that says another site wrote it";
    return site_alarm(t->centre, t->site->site, refused_name(why), detail, e);
}

/* The first bundle of a new line: the old one is left once all of it is applied. */
static int begin_line(struct taking *t, bool *waits, struct err *e)
{
    *waits = t->site->applied < t->site->received;
    if (*waits)
        return write_row(t, "held", e);
    if (line_leave(t->centre, t->site, t->last_common, t->bundle.header.epoch, e) != 0)
        return -1;
    return advance(t, e);
}

/* It is authentic, or it would not be asked. */
static enum refused why_not_opened(const struct taking *t)
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

/* Proves the one that was held, now that nothing is missing before it. The box still
 * has what is dropped here: it was never receipted as received. */
static int release_one(struct taking *t, bool *waits, struct err *e)
{
    enum proof proof;

    *waits = false;
    if (t->bundle.frames == NULL)
        return alarm(t, why_not_opened(t), e) == 0 ? remove_row(t, e) : -1;
    if (journal_prove(t, &proof, e) != 0)
        return -1;
    if (proof == PROOF_NEW)
        return advance(t, e);
    if (proof == PROOF_LINE)
        return begin_line(t, waits, e);
    if (proof == PROOF_LATE)
        return alarm(t, REFUSED_FORK, e) == 0 ? write_row(t, "held", e) : -1;
    if (proof != PROOF_KNOWN && alarm(t, REFUSED_FORK, e) != 0)
        return -1;
    return remove_row(t, e);
}

/* Takes the first held bundle that the cursor has reached; *any is false if there is
 * none. */
static int release_next(struct centre *c, struct site_row *site, bool *any, struct err *e)
{
    struct taking t = {.centre = c, .site = site};
    struct object_id object = {0};
    struct buffer bytes;
    sqlite3_stmt *s;
    bool waits;
    int row, rc = 0;

    if (centre_statement(c, &s,
                         "SELECT object, bytes, frames FROM journal WHERE site = ?1"
                         " AND state = 'held' AND left_after IS NULL AND first <= ?2"
                         " ORDER BY first LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)site->received + 1);
    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    row = statement_step(s, e);
    *any = row == 1;
    if (row == 1) {
        const unsigned char *id = sqlite3_column_blob(s, 0);

        if (sqlite3_column_bytes(s, 0) == 1 + OBJECT_ID_BYTES) {
            object.kind = id[0];
            memcpy(object.id, id + 1, OBJECT_ID_BYTES);
        }
        buffer_append(&bytes, sqlite3_column_blob(s, 1),
                      (size_t)sqlite3_column_bytes(s, 1));
        rc = buffer_check(&bytes, e) == 0 ? open_held(&t, s, 1, e) : -1;
    }
    statements_finalize(&s, 1);
    t.object = &object;
    t.bytes = bytes.bytes;
    t.count = bytes.count;
    if (row == 1 && rc == 0) {
        rc = release_one(&t, &waits, e);
        *any = !waits;
    }
    taking_release(&t);
    buffer_release(&bytes);
    return row < 0 ? -1 : rc;
}

static int release_all(struct centre *c, struct site_row *site, struct err *e)
{
    bool any = true;

    while (any)
        if (release_next(c, site, &any, e) != 0)
            return err_wrap(e, "held bundle of site %u", site->site);
    return 0;
}

/* ------------------------------------------------------------------------- take */

/* *why stays 0 for one that is authentic, opened or not. */
static int open_taken(struct taking *t, enum refused *why, struct err *e)
{
    struct history h = {t->centre, t->site};
    struct bundle_sources sources;

    history_sources(&h, &sources);
    if (bundle_open(&t->bundle, t->bytes, t->count, &t->centre->key, &t->site->key,
                    &sources, e) == 0)
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
    return open_taken(t, why, e);
}

/* Inside the transaction; the site's row is fresh. */
static int place(struct taking *t, enum journal_verdict *verdict, enum refused *why,
                 struct err *e)
{
    enum proof proof;
    bool waits = false;

    *verdict = JOURNAL_HELD;
    if (journal_after_gap(t) && t->bundle.lacks != BUNDLE_LACKS_DICTIONARY &&
        (t->bundle.frames == NULL || !centre_sabotaged(CENTRE_ACCEPT_GAP)))
        return write_row(t, "held", e);
    /* The gap before it may have closed since it was looked at. */
    if (t->bundle.frames == NULL && open_taken(t, why, e) != 0)
        return -1;
    if (t->bundle.frames == NULL) {
        *verdict = JOURNAL_REFUSED;
        *why = why_not_opened(t);
        return *why == REFUSED_FORGED ? alarm(t, *why, e) : 0;
    }
    if (journal_prove(t, &proof, e) != 0)
        return -1;
    if (journal_after_gap(t))
        proof = PROOF_NEW;
    if (proof == PROOF_KNOWN) {
        *verdict = JOURNAL_KNOWN;
        return centre_sabotaged(CENTRE_FORGET_REPLAY) ? write_row(t, "ready", e) : 0;
    }
    if (proof == PROOF_LATE)
        return alarm(t, REFUSED_FORK, e) == 0 ? write_row(t, "held", e) : -1;
    if (proof != PROOF_NEW && proof != PROOF_LINE) {
        *verdict = JOURNAL_REFUSED;
        *why = proof == PROOF_FORK ? REFUSED_FORK : REFUSED_FORGED;
        return alarm(t, *why, e);
    }
    if (proof == PROOF_LINE) {
        if (begin_line(t, &waits, e) != 0 || waits)
            return waits ? 0 : -1;
    } else if (advance(t, e) != 0)
        return -1;
    *verdict = JOURNAL_TAKEN;
    return release_all(t->centre, t->site, e);
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
    rc = *why != 0 ? alarm(&t, *why, e) : take_examined(&t, verdict, why, e);
out:
    taking_release(&t);
    return rc == 0 ? 0 : err_wrap(e, "journal");
}

/* Whether what is held can go on now. */
static int any_held(struct centre *c, uint16_t site, bool *any, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT 1 FROM journal JOIN site ON site.site = journal.site"
                         " WHERE journal.site = ?1 AND state = 'held'"
                         " AND left_after IS NULL AND first <= received + 1"
                         " AND applied = received",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    *any = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int journal_release(struct centre *c, uint16_t site, bool *released, struct err *e)
{
    struct site_row row;
    bool found;

    if (any_held(c, site, released, e) != 0)
        return err_wrap(e, "journal");
    if (!*released)
        return 0;
    if (store_apply_begin(c->store, e) != 0)
        return err_wrap(e, "journal");
    if (site_find(c, site, &row, &found, e) == 0 &&
        (!found || release_all(c, &row, e) == 0))
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "journal");
}
