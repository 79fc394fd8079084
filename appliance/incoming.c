#include "appliance/incoming.h"

#include <string.h>

#include "appliance/incoming_history.h"
#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/bundle.h"

#define KEY_NAME "box"

const char *incoming_verdict_name(enum incoming_verdict v)
{
    static const char *const names[] = {"taken", "known", "gap",
                                        "fork",  "lacks", "refused"};

    return names[v];
}

static int prepare(struct box *b, sqlite3_stmt **out, const char *sql, struct err *e)
{
    return statements_prepare(store_db(b->store), out, &sql, 1, e);
}

/* The frame that the line ends with, and its chain. */
static int read_end(struct box *b, struct incoming_numbers *n, struct hash *chain,
                    struct err *e)
{
    sqlite3_stmt *s;
    bool sound = true;
    int row;

    chain_start_down(chain, store_identity(b->store)->site);
    if (prepare(b, &s,
                "SELECT sequence, centre_epoch, chain FROM incoming_frame"
                " ORDER BY centre_epoch DESC, sequence DESC LIMIT 1",
                e) != 0)
        return -1;
    row = statement_step(s, e);
    if (row == 1) {
        n->last = (uint64_t)sqlite3_column_int64(s, 0);
        n->last_epoch = (uint8_t)sqlite3_column_int(s, 1);
        sound = column_hash(s, 2, chain);
    }
    statements_finalize(&s, 1);
    if (!sound)
        return err_set(e, ERR_CORRUPT, "incoming: the last chain hash is malformed");
    return row < 0 ? -1 : 0;
}

int incoming_numbers(struct box *b, struct incoming_numbers *out, struct err *e)
{
    struct hash chain;
    sqlite3_stmt *s;
    int row;

    *out = (struct incoming_numbers){0};
    if (read_end(b, out, &chain, e) != 0 ||
        prepare(b, &s, "SELECT seen, seen_epoch FROM sync_state", e) != 0)
        return -1;
    row = statement_step(s, e);
    if (row == 1) {
        out->seen = (uint64_t)sqlite3_column_int64(s, 0);
        out->seen_epoch = (uint8_t)sqlite3_column_int(s, 1);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------------- take */

struct taking {
    struct box *box;
    struct bundle bundle;
    struct key_pair key;
    struct public_key centre;
    struct incoming_numbers here;
    struct hash chain; /* after here.last */
    const void *bytes;
    size_t count;
};

static int read_keys(struct taking *t, struct err *e)
{
    struct box *b = t->box;
    sqlite3_stmt *s;
    int row;

    if (prepare(b, &s, "SELECT centre_key FROM centre_link", e) != 0)
        return -1;
    row = statement_step(s, e);
    if (row == 0)
        row = err_set(e, ERR_USAGE, "this box is not enrolled with a centre");
    else if (row == 1 && sqlite3_column_bytes(s, 0) != KEY_PUBLIC_BYTES)
        row = err_set(e, ERR_CORRUPT, "the centre's key is malformed");
    else if (row == 1)
        memcpy(t->centre.bytes, sqlite3_column_blob(s, 0), KEY_PUBLIC_BYTES);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : key_pair_load(&t->key, b->disk, b->dir, KEY_NAME, e);
}

/* The chain's hash after this frame, as it is kept here. */
static int kept_chain(struct taking *t, uint64_t sequence, struct hash *out, bool *found,
                      struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *found = sequence == 0;
    chain_start_down(out, store_identity(t->box->store)->site);
    if (sequence == 0)
        return 0;
    if (prepare(t->box, &s,
                "SELECT chain FROM incoming_frame WHERE sequence = ?1"
                " ORDER BY centre_epoch DESC LIMIT 1",
                e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, out);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int keep_frame(struct taking *t, const struct frame *f, const struct hash *chain,
                      struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (prepare(t->box, &s,
                "INSERT INTO incoming_frame (centre_epoch, sequence, schema, seen,"
                " seen_epoch, chain, changeset) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, t->bundle.header.epoch);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)f->sequence);
    (void)sqlite3_bind_int64(s, 3, f->schema);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)f->seen);
    (void)sqlite3_bind_int(s, 5, t->bundle.header.seen_epoch);
    bind_blob(s, 6, chain->bytes, HASH_BYTES);
    bind_blob(s, 7, f->changeset, f->changeset_bytes);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* Goes through the bundle's chain from what is kept before it: what is known must be the
 * same, and the signature must prove the end. Then keeps what is new. */
static int place(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    const struct bundle *b = &t->bundle;
    struct hash chain, known;
    bool found;

    if (kept_chain(t, b->header.first - 1, &chain, &found, e) != 0)
        return -1;
    *verdict = INCOMING_FORK;
    for (size_t i = 0; i < b->frames_count; i++) {
        const struct frame *f = &b->frames[i];

        chain_next(&chain, &chain, f->sequence, f->schema, f->changeset,
                   f->changeset_bytes);
        if (f->sequence > t->here.last)
            continue;
        if (kept_chain(t, f->sequence, &known, &found, e) != 0)
            return -1;
        if (!found || !hash_equal(&known, &chain))
            return 0;
    }
    if (!bundle_proved(t->bytes, t->count, &t->centre, &chain))
        return 0;
    *verdict = INCOMING_KNOWN;
    (void)kept_chain(t, b->header.first - 1, &chain, &found,
                     e); /* it went a moment ago */
    for (size_t i = 0; i < b->frames_count; i++) {
        const struct frame *f = &b->frames[i];

        chain_next(&chain, &chain, f->sequence, f->schema, f->changeset,
                   f->changeset_bytes);
        if (f->sequence <= t->here.last)
            continue;
        *verdict = INCOMING_TAKEN;
        if (keep_frame(t, f, &chain, e) != 0)
            return -1;
    }
    return 0;
}

static int take_opened(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    struct store *store = t->box->store;

    if (store_apply_begin(store, e) != 0)
        return -1;
    if (read_end(t->box, &t->here, &t->chain, e) != 0)
        goto failed;
    *verdict = INCOMING_GAP;
    if (t->bundle.header.first <= t->here.last + 1 && place(t, verdict, e) != 0)
        goto failed;
    if (*verdict == INCOMING_TAKEN)
        return store_apply_commit(store, e);
    store_apply_rollback(store);
    return 0;
failed:
    store_apply_rollback(store);
    return -1;
}

/* ------------------------------------------------------------------------- whole */

/* Nothing is parsed as anything else before it is authenticated. */
static int open_bundle(struct taking *t, bool *opened, struct err *e)
{
    struct bundle_sources sources;
    struct bundle_header h;

    incoming_sources(t->box, &sources);
    *opened = bundle_peek(&h, t->bytes, t->count, e) == 0 &&
              h.direction == DIRECTION_DOWN &&
              h.site == store_identity(t->box->store)->site;
    if (!*opened)
        return 0;
    if (bundle_open(&t->bundle, t->bytes, t->count, &t->key, &t->centre, &sources, e) ==
        0)
        return 0;
    *opened = false;
    return e->code == ERR_REFUSED ? 0 : -1;
}

/* It is authentic; what it leans on may be what is missing before it. */
static int judge_lacking(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    if (read_end(t->box, &t->here, &t->chain, e) != 0)
        return -1;
    *verdict = t->bundle.header.first > t->here.last + 1 ? INCOMING_GAP : INCOMING_LACKS;
    return 0;
}

int incoming_take(struct box *b, const void *bytes, size_t count,
                  enum incoming_verdict *verdict, struct err *e)
{
    struct taking t = {.box = b, .bytes = bytes, .count = count};
    bool opened;
    int rc = -1;

    *verdict = INCOMING_REFUSED;
    if (read_keys(&t, e) != 0 || open_bundle(&t, &opened, e) != 0)
        goto out;
    if (t.bundle.lacks != BUNDLE_LACKS_NOTHING)
        rc = judge_lacking(&t, verdict, e);
    else
        rc = opened ? take_opened(&t, verdict, e) : 0;
out:
    key_pair_wipe(&t.key);
    bundle_release(&t.bundle);
    return rc == 0 ? 0 : err_wrap(e, "incoming");
}
