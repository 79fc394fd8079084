#include "appliance/outbox_internal.h"

#include <string.h>

#include "schema/statements.h"
#include "sync/dictionary.h"
#include "sync/history.h"

int outbox_run_alone(struct outbox *o, sqlite3_stmt *s, struct err *e)
{
    struct store *store = o->box->store;

    if (store_write_begin(store, e) != 0)
        return -1;
    if (statement_run(s, e) != 0) {
        store_write_rollback(store);
        return -1;
    }
    return store_write_commit(store, NULL, e);
}

/* ------------------------------------------------------------------ bundles */

/* The header has room for one epoch of ours, by which the centre names these frames, and
 * for one of the centre's. */
static int begin_bundle(struct outbox *o, sqlite3_stmt *s, struct bundle_writer **w,
                        struct err *e)
{
    if (bundle_writer_create(w, DIRECTION_UP, o->site, (uint8_t)sqlite3_column_int(s, 6),
                             e) != 0)
        return -1;
    bundle_writer_seen_epoch(*w, (uint8_t)sqlite3_column_int(s, 5));
    return 0;
}

/* Frames from `first` on until the bundle is full; *last is 0 if there are none, and then
 * there is no writer. */
static int gather(struct outbox *o, struct bundle_writer **w, uint64_t first,
                  uint64_t *last, struct hash *chain, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_FRAMES);
    int epoch = 0, seen_epoch = 0, row;
    struct hash after;

    *last = 0;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)first);
    while ((row = statement_step(s, e)) == 1) {
        struct frame f = {.sequence = (uint64_t)sqlite3_column_int64(s, 0),
                          .schema = (uint32_t)sqlite3_column_int64(s, 1),
                          .seen = (uint64_t)sqlite3_column_int64(s, 2),
                          .changeset = sqlite3_column_blob(s, 3),
                          .changeset_bytes = (size_t)sqlite3_column_bytes(s, 3)};

        if (f.sequence != (*last == 0 ? first : *last + 1) ||
            !column_hash(s, 4, &after)) {
            (void)err_set(e, ERR_CORRUPT, "changelog: frame %llu is out of place",
                          (unsigned long long)f.sequence);
            row = -1;
            break;
        }
        if (*last != 0 &&
            (sqlite3_column_int(s, 5) != seen_epoch ||
             sqlite3_column_int(s, 6) != epoch ||
             bundle_writer_bytes(*w) + f.changeset_bytes > OUTBOX_BUNDLE_PLAIN_BYTES))
            break;
        seen_epoch = sqlite3_column_int(s, 5);
        epoch = sqlite3_column_int(s, 6);
        if (*last == 0 && begin_bundle(o, s, w, e) != 0) {
            row = -1;
            break;
        }
        if (bundle_writer_add(*w, &f, e) != 0) {
            row = e->code == ERR_TOO_BIG && *last != 0 ? 0 : -1;
            break;
        }
        *last = f.sequence;
        *chain = after;
    }
    (void)sqlite3_reset(s); /* only read: what failed is told */
    return row < 0 ? -1 : 0;
}

/* ---------------------------------------------------------------------- leaning */

/* What a bundle may lean on; the writer borrows it. */
struct leaning {
    struct buffer dictionary;
    struct history_filling history;
};

static void leaning_release(struct leaning *l)
{
    buffer_release(&l->dictionary);
    history_filling_release(&l->history);
}

/* Frames `last` and before, after `after`, as many bytes as may be. */
static int fill_history(struct outbox *o, struct history_filling *f, uint64_t last,
                        uint64_t after, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_BACKWARDS);
    uint64_t next = last;
    int row = 0;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)last);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)after);
    while (f->left > 0 && (row = statement_step(s, e)) == 1) {
        if ((uint64_t)sqlite3_column_int64(s, 0) != next--)
            break; /* a box that stands in for a lost one may lack the oldest */
        history_put(f, sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1));
    }
    (void)sqlite3_reset(s); /* only read: what failed is told */
    return row < 0 ? -1 : 0;
}

/* *found is false if the frame is not here. */
static int chain_after(struct outbox *o, uint64_t sequence, struct hash *out, bool *found,
                       struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_CHAIN);
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, out);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return row < 0 ? -1 : 0;
}

static int lean_on_history(struct outbox *o, struct bundle_writer *w, uint64_t last,
                           uint64_t after, struct leaning *l, struct err *e)
{
    struct hash chain;
    bool found;

    if (last <= after)
        return 0;
    if (chain_after(o, last, &chain, &found, e) != 0)
        return -1;
    if (!found)
        return 0;
    if (history_filling_init(&l->history, OUTBOX_HISTORY_BYTES, e) != 0 ||
        fill_history(o, &l->history, last, after, e) != 0)
        return -1;
    if (history_count(&l->history) > 0)
        bundle_writer_history(w, last, &chain, history_bytes(&l->history),
                              history_count(&l->history));
    return 0;
}

/* While there is little history. */
static int lean_on_dictionary(struct outbox *o, struct bundle_writer *w, uint32_t lacked,
                              struct leaning *l, struct err *e)
{
    uint32_t number;

    buffer_init(&l->dictionary, BUNDLE_DICTIONARY_MAX);
    if (history_count(&l->history) >= OUTBOX_HISTORY_BYTES)
        return 0;
    if (dictionary_newest(o->box->disk, o->box->dir, &number, &l->dictionary, e) != 0)
        return -1;
    if (number != lacked)
        bundle_writer_dictionary(w, number, l->dictionary.bytes, l->dictionary.count);
    return 0;
}

static int lean(struct outbox *o, struct bundle_writer *w, uint64_t first,
                struct leaning *l, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_LEANING);
    uint64_t received, after;
    uint32_t lacked;
    int row = statement_step(s, e);

    if (row <= 0)
        return row < 0 ? -1 : err_set(e, ERR_CORRUPT, "sync_state has no row");
    received = (uint64_t)sqlite3_column_int64(s, 0);
    after = (uint64_t)sqlite3_column_int64(s, 1);
    lacked = (uint32_t)sqlite3_column_int64(s, 2);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    /* Who asks for frames that were received has lost them. */
    if (received >= first)
        received = first - 1;
    if (lean_on_history(o, w, received, after, l, e) != 0)
        return -1;
    return lean_on_dictionary(o, w, lacked, l, e);
}

/* What a kept bundle says of itself; *found is false if it is kept no more. */
static int header_of(struct outbox *o, const struct object_id *id,
                     struct bundle_header *h, bool *found, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_BY_OBJECT);
    struct err ignored;
    int row;

    bind_blob(s, 1, id, sizeof *id);
    row = statement_step(s, e);
    *found = row == 1 && bundle_peek(h, sqlite3_column_blob(s, 0),
                                     (size_t)sqlite3_column_bytes(s, 0), &ignored) == 0;
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return row < 0 ? -1 : 0;
}

/* All that lean on the same: the centre would refuse one after the other. Nothing is learnt
 * of a bundle that is kept no more: it is made anew in any case. */
static int lean_less(struct outbox *o, const struct object_id *id, unsigned why,
                     struct err *e)
{
    bool dictionary = why == REFUSED_DICTIONARY, found;
    struct store *store = o->box->store;
    sqlite3_stmt *forget, *note;
    struct bundle_header h;

    if (header_of(o, id, &h, &found, e) != 0)
        return -1;
    if (!found || (dictionary ? h.dictionary == 0 : !bundle_leans_on_history(&h)))
        return 0;
    forget =
        outbox_fresh(o, dictionary ? OUTBOX_FORGET_DICTIONARY : OUTBOX_FORGET_HISTORY);
    note = outbox_fresh(o, dictionary ? OUTBOX_LACKS_DICTIONARY : OUTBOX_LACKS_HISTORY);
    if (dictionary) {
        bind_blob(forget, 1, id, sizeof *id);
        (void)sqlite3_bind_int64(note, 1, h.dictionary);
    }
    if (store_write_begin(store, e) != 0)
        return -1;
    if (statement_run(forget, e) != 0 || statement_run(note, e) != 0) {
        store_write_rollback(store);
        return -1;
    }
    o->bundle.object = (struct sync_object){0};
    return store_write_commit(store, NULL, e);
}

/* ------------------------------------------------------------------------- kept */

void outbox_object(struct object_id *out, enum object_kind kind, const struct hash *of_it)
{
    out->kind = (uint8_t)kind;
    memcpy(out->id, of_it->bytes, OBJECT_ID_BYTES);
}

static int keep_bundle(struct outbox *o, uint64_t first, uint64_t last,
                       const struct hash *chain, const struct buffer *sealed,
                       struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_ADD);
    struct object_id id;
    struct hash h;

    hash_of(&h, sealed->bytes, sealed->count);
    outbox_object(&id, OBJECT_BUNDLE, &h);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)first);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last);
    bind_blob(s, 3, &id, sizeof id);
    bind_blob(s, 4, sealed->bytes, sealed->count);
    bind_blob(s, 5, chain->bytes, sizeof chain->bytes);
    return outbox_run_alone(o, s, e);
}

/* *made is false if there is no frame from `first` on. */
static int make_bundle(struct outbox *o, uint64_t first, bool *made, struct err *e)
{
    struct bundle_writer *w = NULL;
    struct leaning leaning = {0};
    struct buffer sealed;
    struct hash chain;
    uint64_t last;
    int rc = -1;

    *made = false;
    buffer_init(&sealed, BUNDLE_BYTES_MAX);
    if (gather(o, &w, first, &last, &chain, e) != 0)
        goto out;
    if (last != 0) {
        if (!o->alone && lean(o, w, first, &leaning, e) != 0)
            goto out;
        bundle_writer_level(w, bundle_level(o->rate, bundle_writer_bytes(w)));
        /* Sealing takes a while: done before the write begins, not inside. */
        if (bundle_writer_seal(w, &chain, &o->key, &o->centre, o->random, &sealed, e) !=
                0 ||
            keep_bundle(o, first, last, &chain, &sealed, e) != 0)
            goto out;
        *made = true;
    }
    rc = 0;
out:
    buffer_release(&sealed);
    leaning_release(&leaning);
    bundle_writer_destroy(w);
    return rc;
}

/* 1: the bundle that holds this sequence is in o->bundle. 0: none is kept. */
static int load_bundle(struct outbox *o, uint64_t sequence, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_ROW);
    struct outbox_bundle *b = &o->bundle;
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    if (row <= 0)
        return row;
    buffer_clear(&b->bytes);
    b->object = (struct sync_object){0};
    if (sqlite3_column_bytes(s, 2) != (int)sizeof b->object.id ||
        sqlite3_column_bytes(s, 3) < BUNDLE_OVERHEAD_BYTES) {
        (void)sqlite3_reset(s); /* only read: nothing can fail */
        return err_set(e, ERR_CORRUPT, "bundle %llu is malformed",
                       (unsigned long long)sequence);
    }
    buffer_append(&b->bytes, sqlite3_column_blob(s, 3),
                  (size_t)sqlite3_column_bytes(s, 3));
    memcpy(&b->object.id, sqlite3_column_blob(s, 2), sizeof b->object.id);
    b->object.class = SYNC_CLASS_RECORDS;
    b->object.total_bytes = b->bytes.count;
    b->object.first = (uint64_t)sqlite3_column_int64(s, 0);
    b->object.last = (uint64_t)sqlite3_column_int64(s, 1);
    b->object.sent_before = sqlite3_column_int(s, 4) != 0;
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return buffer_check(&b->bytes, e) == 0 ? 1 : -1;
}

int outbox_bundle(struct outbox *o, uint64_t sequence, struct sync_object *out,
                  struct err *e)
{
    bool made = false;
    int found = load_bundle(o, sequence, e);

    if (found == 0 && make_bundle(o, sequence, &made, e) != 0)
        found = -1;
    if (made)
        found = load_bundle(o, sequence, e);
    if (found == 1)
        *out = o->bundle.object;
    return found < 0 ? err_wrap(e, "outbox: from %llu", (unsigned long long)sequence)
                     : found;
}

/* So that it is made anew: nothing of it has left. */
static int forget_unbegun(struct outbox *o, uint64_t sequence, struct err *e)
{
    struct bundle_header h;
    int found = load_bundle(o, sequence, e);
    sqlite3_stmt *s;

    if (found <= 0)
        return found; /* 0: none is kept */
    if (o->bundle.object.sent_before ||
        bundle_peek(&h, o->bundle.bytes.bytes, o->bundle.bytes.count, e) != 0 ||
        bundle_stands_alone(&h))
        return 0;
    s = outbox_fresh(o, OUTBOX_FORGET_UNBEGUN);
    bind_blob(s, 1, &o->bundle.object.id, sizeof o->bundle.object.id);
    return outbox_run_alone(o, s, e);
}

int outbox_bundle_alone(struct outbox *o, uint64_t sequence, struct sync_object *out,
                        struct err *e)
{
    int found;

    if (forget_unbegun(o, sequence, e) != 0)
        return err_wrap(e, "outbox: from %llu", (unsigned long long)sequence);
    o->alone = true;
    found = outbox_bundle(o, sequence, out, e);
    o->alone = false;
    return found;
}

int outbox_make(struct outbox *o, const struct sync_action *action,
                struct sync_object *out, struct err *e)
{
    int found;

    if (action->lacks != 0 && lean_less(o, &action->object, action->lacks, e) != 0)
        return err_wrap(e, "outbox");
    o->rate = action->rate;
    found = outbox_bundle(o, action->first, out, e);
    o->rate = 0;
    return found;
}
