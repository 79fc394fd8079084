#include "appliance/outbox_internal.h"

#include <limits.h>

#include "appliance/incoming.h"
#include "schema/statements.h"
#include "sync/receipt.h"

static int bind_and_run(struct outbox *o, int which, uint64_t a, uint64_t b, uint64_t c,
                        struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, which);
    const uint64_t values[] = {a, b, c};
    int places = sqlite3_bind_parameter_count(s);

    for (int i = 0; i < places; i++)
        (void)sqlite3_bind_int64(s, i + 1, (sqlite3_int64)values[i]);
    return statement_run(s, e);
}

static int store_blob(struct outbox *o, int which, const struct receipt_blob *b,
                      struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, which);

    bind_blob(s, 1, b->sha256.bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 2, (int)b->state);
    return statement_run(s, e);
}

static int store_blobs(struct outbox *o, const struct receipt *r, struct err *e)
{
    for (size_t i = 0; i < r->blobs_count; i++)
        if (store_blob(o, OUTBOX_BLOB_STATE, &r->blobs[i], e) != 0 ||
            store_blob(o, OUTBOX_PACKED_STATE, &r->blobs[i], e) != 0)
            return -1;
    return 0;
}

/* Inside the transaction. */
static int store_numbers(struct outbox *o, const struct receipt *r, struct err *e)
{
    struct outbox_numbers known;

    if (outbox_numbers(o, &known, e) != 0)
        return -1;
    if (r->centre_epoch < known.centre_epoch)
        return 0; /* before the centre was restored: its word of then is void */
    if (r->centre_epoch > known.centre_epoch) {
        if (bind_and_run(o, OUTBOX_NUMBERS_ANEW, r->received, r->applied, r->safe, e) !=
                0 ||
            bind_and_run(o, OUTBOX_FORGET_LEANING, 0, 0, 0, e) != 0 ||
            bind_and_run(o, OUTBOX_FORGET_BLOBS, 0, 0, 0, e) != 0)
            return -1;
    } else if (bind_and_run(o, OUTBOX_NUMBERS, r->received, r->applied, r->safe, e) != 0)
        return -1;
    if (bind_and_run(o, OUTBOX_CENTRE_EPOCH, r->centre_epoch, 0, 0, e) != 0 ||
        store_blobs(o, r, e) != 0 || bind_and_run(o, OUTBOX_DROP, 0, 0, 0, e) != 0)
        return -1;
    /* A centre put back to before our claim must be able to hear it again: the secret
     * goes when the claim is in a backup, as everything is that came before it. */
    return r->safe == 0 ? 0 : bind_and_run(o, OUTBOX_CLAIMED, 0, 0, 0, e);
}

static int to_our_line(struct outbox *o, struct receipt *r, struct err *e)
{
    uint64_t lines[STORE_EPOCHS];
    uint8_t epoch;

    if (store_epoch(o->box->store, &epoch, e) != 0)
        return -1;
    if (r->box_epoch > epoch)
        receipt_limit(r, 0); /* of a line that is not ours: sync/core.h */
    if (!receipt_of_left_line(r, epoch))
        return 0;
    if (store_lines(o->box->store, lines, e) != 0)
        return -1;
    receipt_limit(r, lines[r->box_epoch]);
    return 0;
}

static int store_receipt(struct outbox *o, struct receipt *r, struct err *e)
{
    struct store *store = o->box->store;
    uint64_t last;

    if (store_write_begin(store, e) != 0)
        return -1;
    if (to_our_line(o, r, e) != 0 || outbox_last(o, &last, e) != 0)
        goto failed;
    if (r->received > last) {
        (void)err_set(e, ERR_REFUSED, "the centre has %llu, this box has made only %llu",
                      (unsigned long long)r->received, (unsigned long long)last);
        goto failed;
    }
    if (store_numbers(o, r, e) != 0)
        goto failed;
    return store_write_commit(store, NULL, e);
failed:
    store_write_rollback(store);
    return -1;
}

/* What came down may have waited for it: appliance/incoming_apply.c. */
static int apply_waiting(struct outbox *o, struct err *e)
{
    unsigned applied;

    return incoming_apply(o->box, UINT_MAX, &applied, e);
}

int outbox_store_receipt(struct outbox *o, const void *bytes, size_t count, struct err *e)
{
    struct receipt r;
    int rc;

    if (receipt_decode(&r, bytes, count, &o->centre, o->site, e) != 0)
        return err_wrap(e, "outbox");
    rc = store_receipt(o, &r, e);
    if (rc == 0)
        rc = apply_waiting(o, e);
    receipt_release(&r);
    return rc == 0 ? 0 : err_wrap(e, "outbox: receipt");
}
