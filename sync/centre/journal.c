#include "sync/centre/journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/bundle.h"

/* A bundle in hand, opened. */
struct taking {
    struct centre *centre;
    struct site_row *site; /* the cursor in it moves */
    struct bundle bundle;
    const void *bytes;
    size_t count;
    const struct object_id *object;
    struct hash *chains; /* owned: after each of its frames */
};

enum proof { PROOF_NEW, PROOF_KNOWN, PROOF_FORK, PROOF_FORGED };

static void taking_release(struct taking *t)
{
    bundle_release(&t->bundle);
    free(t->chains);
}

static uint64_t last_of(const struct bundle_header *h)
{
    return h->first + h->frames - 1;
}

/* ------------------------------------------------------------------------ proof */

static bool is_after_gap(const struct taking *t)
{
    return t->bundle.header.first > t->site->received + 1;
}

/* The chain through all its frames, from what we have before the first. */
static int chain_through(struct taking *t, struct err *e)
{
    const struct bundle *b = &t->bundle;
    struct hash before;

    t->chains = calloc(b->frames_count, sizeof *t->chains);
    if (t->chains == NULL)
        return err_set(e, ERR_MEMORY, "bundle of %zu frames", b->frames_count);
    if (is_after_gap(t)) /* only a negative control comes here */
        before = t->site->chain;
    else if (journal_chain(t->centre, t->site->site, b->header.first - 1, &before, e) !=
             0)
        return -1;
    for (size_t i = 0; i < b->frames_count; i++) {
        const struct frame *f = &b->frames[i];

        chain_next(&t->chains[i], &before, f->sequence, f->schema, f->changeset,
                   f->changeset_bytes);
        before = t->chains[i];
    }
    return 0;
}

/* Two chains that are equal at one frame were equal before it: the last of the
 * frames that we have says it for all of them. */
static int known_agree(struct taking *t, bool *agree, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    uint64_t known = t->site->received;
    struct hash ours;

    *agree = true;
    if (known < h->first)
        return 0;
    if (known > last_of(h))
        known = last_of(h);
    if (journal_chain(t->centre, t->site->site, known, &ours, e) != 0)
        return -1;
    *agree = hash_equal(&ours, &t->chains[known - h->first]);
    return 0;
}

/* Without a gap before it. The cipher has shown that the site's key wrote it, and its
 * id that nothing changed since: a signature over new frames that does not fit our
 * chain is of another history of the same box. */
static int prove(struct taking *t, enum proof *out, struct err *e)
{
    const struct bundle *b = &t->bundle;
    bool known = last_of(&b->header) <= t->site->received;
    bool agree;

    if (chain_through(t, e) != 0 || known_agree(t, &agree, e) != 0)
        return -1;
    if (!agree)
        *out = PROOF_FORK;
    else if (bundle_proved(t->bytes, t->count, &t->site->key,
                           &t->chains[b->frames_count - 1]))
        *out = known ? PROOF_KNOWN : PROOF_NEW;
    else
        *out = known ? PROOF_FORGED : PROOF_FORK;
    return 0;
}

/* ---------------------------------------------------------------------- writing */

static int write_row(struct taking *t, const char *state, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(t->centre, &s,
                         "INSERT OR REPLACE INTO journal"
                         " (site, first, last, object, state, bytes)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)h->first);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)last_of(h));
    journal_bind_object(s, 4, t->object);
    bind_text(s, 5, state);
    bind_blob(s, 6, t->bytes, t->count);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
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
    t->site->received = last_of(&t->bundle.header);
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

    if (why == REFUSED_FORK)
        detail = "a bundle of this box contradicts what it sent before: the box was"
                 " restored or cloned";
    else if (why == REFUSED_NOT_YOURS)
        detail = "it delivered a bundle that says another site wrote it";
    return site_alarm(t->centre, t->site->site, refused_name(why), detail, e);
}

/* Proves the one that was held, now that nothing is missing before it. The box still
 * has what is dropped here: it was never receipted as received. */
static int release_one(struct taking *t, struct err *e)
{
    enum proof proof;

    if (bundle_open(&t->bundle, t->bytes, t->count, &t->centre->key, &t->site->key, e) !=
            0 ||
        prove(t, &proof, e) != 0)
        return -1;
    if (proof == PROOF_NEW)
        return advance(t, e);
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
    int row, rc = 0;

    if (centre_statement(c, &s,
                         "SELECT object, bytes FROM journal WHERE site = ?1"
                         " AND state = 'held' AND first <= ?2 ORDER BY first LIMIT 1",
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
        rc = buffer_check(&bytes, e);
    }
    statements_finalize(&s, 1);
    t.object = &object;
    t.bytes = bytes.bytes;
    t.count = bytes.count;
    if (row == 1 && rc == 0)
        rc = release_one(&t, e);
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
    if (bundle_open(&t->bundle, t->bytes, t->count, &t->centre->key, &t->site->key, e) ==
        0)
        return 0;
    if (e->code != ERR_REFUSED)
        return -1;
    *why = REFUSED_FORGED;
    return 0;
}

/* Inside the transaction; the site's row is fresh. */
static int place(struct taking *t, enum journal_verdict *verdict, enum refused *why,
                 struct err *e)
{
    enum proof proof;

    *verdict = JOURNAL_HELD;
    if (is_after_gap(t) && !centre_sabotaged(CENTRE_ACCEPT_GAP))
        return write_row(t, "held", e);
    if (prove(t, &proof, e) != 0)
        return -1;
    if (is_after_gap(t))
        proof = PROOF_NEW;
    if (proof == PROOF_KNOWN) {
        *verdict = JOURNAL_KNOWN;
        return centre_sabotaged(CENTRE_FORGET_REPLAY) ? write_row(t, "ready", e) : 0;
    }
    if (proof != PROOF_NEW) {
        *verdict = JOURNAL_REFUSED;
        *why = proof == PROOF_FORK ? REFUSED_FORK : REFUSED_FORGED;
        return alarm(t, *why, e);
    }
    *verdict = JOURNAL_TAKEN;
    if (advance(t, e) != 0)
        return -1;
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
