#include "sync/core_internal.h"

#include <assert.h>
#include <string.h>

/* Persist first: a receipt's numbers count once it is on our disk. Those that come
 * meanwhile wait, all of them: each names other blobs. */
int receipts_take(struct sync *s, const struct message *m, struct sync_actions *out,
                  struct err *e)
{
    struct receipt r;

    (void)out;
    if (receipt_decode(&r, m->as.receipt.bytes, m->as.receipt.count, &s->config.centre,
                       s->config.site, e) != 0)
        return -1;
    receipt_release(&r);
    buffer_append_u32(&s->receipts_waiting, (uint32_t)m->as.receipt.count);
    buffer_append(&s->receipts_waiting, m->as.receipt.bytes, m->as.receipt.count);
    if (buffer_check(&s->receipts_waiting, e) == 0)
        return 0;
    buffer_clear(&s->receipts_waiting); /* no loss: a next contact asks again */
    return -1;
}

/* Cuts the first one off the queue, into s->storing and `out`'s STORE_RECEIPT; false if
 * it must wait. */
static bool store_first(struct sync *s, struct sync_actions *out)
{
    struct buffer *waiting = &s->receipts_waiting;
    struct cursor c;
    struct err ignored;
    const unsigned char *bytes;
    uint32_t count;

    cursor_init(&c, waiting->bytes, waiting->count);
    count = cursor_u32(&c);
    bytes = cursor_take(&c, count);
    assert(bytes != NULL);
    receipt_release(&s->storing);
    if (receipt_decode(&s->storing, bytes, count, &s->config.centre, s->config.site,
                       &ignored) == 0) { /* or memory is short: it comes again */
        if (fork_suspects(s, &s->storing, out))
            return false;
        sync_request(s, REQUEST_STORE);
        buffer_append(&sync_act(out, SYNC_DO_STORE_RECEIPT)->bytes, bytes, count);
    }
    memmove(waiting->bytes, c.at, cursor_left(&c));
    waiting->count = cursor_left(&c);
    return true;
}

void receipts_next(struct sync *s, struct sync_actions *out)
{
    while (s->request == REQUEST_NONE && s->receipts_waiting.count > 0)
        if (!store_first(s, out))
            return;
}

bool receipts_settled(const struct sync *s)
{
    return s->request != REQUEST_STORE && s->receipts_waiting.count == 0;
}

/* ----------------------------------------------------------------- what it says */

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* A centre put back to a backup says where it stands now: down counts too. Any
 * original that is not safe may be one that it lost. */
static void begin_again(struct sync *s, const struct sync_told *r)
{
    bool lost = r->received < s->config.received || s->held.last > 0;

    s->config.received = r->received;
    s->config.applied = r->applied;
    s->config.safe = r->safe;
    held_forget(s);
    blobs_anew(s);
    if (lost)
        outgoing_go_back(s);
}

/* The centre holds what came after a gap. On an ordered stream it can only be one
 * that another road left; we go back once for each. */
static void fill_gap(struct sync *s, const struct receipt *r)
{
    if (r->missing_first <= s->contact.gap_filled || s->contact.sent < r->missing_first)
        return;
    s->contact.gap_filled = r->missing_first;
    outgoing_go_back(s);
}

void receipts_told(struct sync *s, const struct sync_told *r)
{
    uint64_t received = s->config.received;

    if (r->centre_epoch < s->config.centre_epoch)
        return; /* from before the centre was restored */
    s->config.claimed = s->config.claimed || r->safe > 0; /* as it is on disk */
    if (r->centre_epoch > s->config.centre_epoch) {
        s->config.centre_epoch = r->centre_epoch;
        begin_again(s, r);
    } else {
        s->config.received = larger(s->config.received, r->received);
        s->config.applied = larger(s->config.applied, r->applied);
        s->config.safe = larger(s->config.safe, r->safe);
        held_receipt(s, received);
    }
    s->config.last = larger(s->config.last, s->config.received);
    outgoing_skip(s);
}

static void take_numbers(struct sync *s, const struct receipt *said)
{
    struct receipt r = *said;
    bool of_now = r.centre_epoch == s->config.centre_epoch;

    if (receipt_of_left_line(said, s->config.epoch))
        receipt_limit(&r, s->config.line_last[said->box_epoch]);
    else if (said->box_epoch > s->config.epoch)
        receipt_limit(&r, 0); /* of a line that is not ours: core_fork.c */
    if (r.centre_epoch < s->config.centre_epoch)
        return; /* from before the centre was restored */
    s->contact.answered = true;
    s->answered_ever = true;
    s->claim_again = false;
    receipts_told(s, &(struct sync_told){.centre_epoch = r.centre_epoch,
                                         .received = r.received,
                                         .applied = r.applied,
                                         .safe = r.safe});
    if (of_now && r.missing_first > s->config.received)
        fill_gap(s, &r);
}

void receipts_stored(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    const struct receipt *r = &s->storing;

    s->failures = 0;
    s->receipted = true;
    s->contact.moved_ms = now_ms;
    take_numbers(s, r);
    for (size_t i = 0; i < r->blobs_count; i++)
        blob_received(s, &r->blobs[i].sha256);
    sync_trace(out, "receipt: received %llu, applied %llu, safe %llu, %zu originals",
               (unsigned long long)r->received, (unsigned long long)r->applied,
               (unsigned long long)r->safe, r->blobs_count);
}
