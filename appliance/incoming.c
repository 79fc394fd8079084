#include "appliance/incoming.h"

#include <limits.h>
#include <string.h>

#include "appliance/incoming_history.h"
#include "appliance/incoming_line.h"
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

/* The frame that the line ends with. */
static int read_end(struct box *b, struct incoming_numbers *n, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (prepare(b, &s,
                "SELECT sequence, centre_epoch FROM incoming_frame"
                " ORDER BY centre_epoch DESC, sequence DESC LIMIT 1",
                e) != 0)
        return -1;
    row = statement_step(s, e);
    if (row == 1) {
        n->last = (uint64_t)sqlite3_column_int64(s, 0);
        n->last_epoch = (uint8_t)sqlite3_column_int(s, 1);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int incoming_numbers(struct box *b, struct incoming_numbers *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *out = (struct incoming_numbers){0};
    if (read_end(b, out, e) != 0 ||
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
    struct hash before; /* the chain's hash before the bundle's first frame */
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

/* The chain's hash after the bundle, from the one before it. */
static void chain_through(const struct taking *t, struct hash *chain)
{
    const struct bundle *b = &t->bundle;

    *chain = t->before;
    for (size_t i = 0; i < b->frames_count; i++)
        chain_next(chain, chain, b->frames[i].sequence, b->frames[i].schema,
                   b->frames[i].changeset, b->frames[i].changeset_bytes);
}

/* ---------------------------------------------------------------------- our line */

/* Goes through the bundle's chain from what is kept before it: what is known must be the
 * same, and the signature must prove the end. */
static int prove(struct taking *t, bool *proved, struct err *e)
{
    const struct bundle *b = &t->bundle;
    struct hash chain = t->before, known;
    bool found;

    *proved = false;
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
    *proved = bundle_proved(t->bytes, t->count, &t->centre, &chain);
    return 0;
}

static int keep_new(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    const struct bundle *b = &t->bundle;
    struct hash chain = t->before;

    *verdict = INCOMING_KNOWN;
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

static int place(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    bool found, proved;

    *verdict = INCOMING_FORK;
    if (kept_chain(t, t->bundle.header.first - 1, &t->before, &found, e) != 0 ||
        prove(t, &proved, e) != 0)
        return -1;
    return proved ? keep_new(t, verdict, e) : 0;
}

/* ------------------------------------------------------------------- other lines */

/* A stick's, of a line that the centre has left: known if it is. */
static int place_old(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    struct hash kept;
    sqlite3_stmt *s;
    int row;

    *verdict = INCOMING_FORK;
    if (prepare(t->box, &s,
                "SELECT chain FROM incoming_frame WHERE centre_epoch = ?1"
                " AND sequence = ?2",
                e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, h->epoch);
    (void)sqlite3_bind_int64(s, 2,
                             (sqlite3_int64)(h->first + t->bundle.frames_count - 1));
    row = statement_step(s, e);
    if (row == 1 && column_hash(s, 0, &kept) &&
        bundle_proved(t->bytes, t->count, &t->centre, &kept))
        *verdict = INCOMING_KNOWN;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* Whether it goes on from a frame that is kept, of whichever line: t->before then. */
static int goes_on(struct taking *t, bool *does, struct err *e)
{
    uint64_t before = t->bundle.header.first - 1;
    struct hash chain;
    sqlite3_stmt *s;
    int row = 0;

    chain_start_down(&t->before, store_identity(t->box->store)->site);
    chain_through(t, &chain);
    *does = before == 0 && bundle_proved(t->bytes, t->count, &t->centre, &chain);
    if (before == 0)
        return 0;
    if (prepare(t->box, &s, "SELECT chain FROM incoming_frame WHERE sequence = ?1", e) !=
        0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)before);
    while (!*does && (row = statement_step(s, e)) == 1) {
        *does = column_hash(s, 0, &t->before);
        chain_through(t, &chain);
        *does = *does && bundle_proved(t->bytes, t->count, &t->centre, &chain);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* The centre was put back. What it lost is given back, once all of it is applied here. */
static int place_line(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    uint64_t common = t->bundle.header.first - 1;
    struct incoming_numbers n;
    bool does;

    *verdict = INCOMING_GAP; /* its beginning is asked for, by what is seen */
    if (incoming_numbers(t->box, &n, e) != 0 || goes_on(t, &does, e) != 0)
        return -1;
    if (!does || n.seen != n.last || n.seen_epoch != n.last_epoch)
        return 0;
    if (incoming_leave(t->box, common, t->bundle.header.epoch, e) != 0)
        return -1;
    t->here.last = common;
    return keep_new(t, verdict, e);
}

static bool is_new_line(const struct taking *t)
{
    return t->bundle.header.epoch > t->here.last_epoch &&
           t->bundle.header.first <= t->here.last;
}

static int take_placed(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    *verdict = INCOMING_GAP;
    if (t->bundle.header.first > t->here.last + 1)
        return 0;
    if (t->bundle.header.epoch < t->here.last_epoch)
        return place_old(t, verdict, e);
    return is_new_line(t) ? place_line(t, verdict, e) : place(t, verdict, e);
}

/* What is kept and not applied yet is, before its line is left. */
static int apply_old_line(struct taking *t, struct err *e)
{
    unsigned applied;

    if (read_end(t->box, &t->here, e) != 0)
        return -1;
    return is_new_line(t) ? incoming_apply(t->box, UINT_MAX, &applied, e) : 0;
}

static int take_opened(struct taking *t, enum incoming_verdict *verdict, struct err *e)
{
    struct store *store = t->box->store;

    if (apply_old_line(t, e) != 0 || store_apply_begin(store, e) != 0)
        return -1;
    if (read_end(t->box, &t->here, e) != 0 || take_placed(t, verdict, e) != 0)
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
    if (read_end(t->box, &t->here, e) != 0)
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
