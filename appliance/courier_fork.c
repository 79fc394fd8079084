#include <string.h>

#include <sodium/utils.h>

#include "appliance/courier_internal.h"
#include "schema/fork.h"
#include "sync/known_lines.h"

static int is_known(struct stick *s, const struct known_lines *k, uint64_t sequence,
                    bool *known, struct err *e)
{
    const struct chain_range place = {sequence, sequence};
    struct buffer chain;
    int rc;

    *known = sequence == 0;
    if (sequence == 0)
        return 0;
    buffer_init(&chain, CHAIN_HASH_BYTES);
    rc = outbox_chain(s->outbox, &place, &chain, e);
    if (rc == 0)
        *known = known_lines_has(k, sequence, chain.bytes);
    buffer_release(&chain);
    return rc;
}

/* The last of our frames that the centre knows: it knows all before that too. *found is
 * false where that is older than what it says. */
static int find_common(struct stick *s, const struct known_lines *k, uint64_t *common,
                       bool *found, struct err *e)
{
    uint64_t low = k->floor, high = s->config.last + 1;

    *found = false;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        bool known;

        if (is_known(s, k, middle, &known, e) != 0)
            return -1;
        if (known) {
            *found = true;
            *common = middle;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

/* As a box that is opened on this stick now would be. */
static int look_again(struct stick *s, struct err *e)
{
    outbox_destroy(s->outbox);
    s->outbox = NULL;
    sodium_memzero(&s->config, sizeof s->config);
    if (outbox_create(&s->outbox, s->options->box, s->options->random, e) != 0)
        return -1;
    return outbox_config(s->outbox, &s->config, e);
}

static int leave_line(struct stick *s, uint64_t common, uint8_t known,
                      struct courier_imported *out, struct err *e)
{
    struct box *b = s->options->box;

    if (known >= SYNC_EPOCH_LAST) {
        out->unhealed = true;
        return 0;
    }
    if (fork_line(b->records, common, (uint8_t)(known + 1), b->actor, e) != 0)
        return -1;
    out->forked = true;
    return look_again(s, e);
}

/* What is of an older epoch than ours was written before we left that line. */
static int judge(struct stick *s, const struct known_lines *k,
                 struct courier_imported *out, struct err *e)
{
    uint64_t common = 0;
    bool found;

    if (k->epoch < s->config.epoch || k->centre_epoch < s->config.centre_epoch)
        return 0;
    if (find_common(s, k, &common, &found, e) != 0)
        return -1;
    if (!found) {
        out->unhealed = true;
        return 0;
    }
    s->common = common;
    if (k->epoch == s->config.epoch && k->received <= common)
        return 0;
    return leave_line(s, common, k->epoch, out, e);
}

int stick_lines(struct stick *s, const struct buffer *bytes, struct courier_imported *out,
                struct err *e)
{
    struct known_lines k;
    int rc;

    if (known_lines_decode(&k, bytes->bytes, bytes->count, &s->config.centre,
                           s->config.site, e) != 0) {
        out->refused += e->code == ERR_REFUSED;
        return e->code == ERR_REFUSED ? 0 : -1;
    }
    rc = judge(s, &k, out, e);
    known_lines_release(&k);
    return rc;
}

int stick_vouches(struct stick *s, const struct buffer *receipt, bool *vouched,
                  struct err *e)
{
    struct outbox_numbers n;
    struct receipt r;

    *vouched = true; /* or no receipt at all, as the outbox will say */
    if (outbox_numbers(s->outbox, &n, e) != 0)
        return -1;
    if (receipt_decode(&r, receipt->bytes, receipt->count, &s->config.centre,
                       s->config.site, e) != 0)
        return 0;
    *vouched =
        r.box_epoch != s->config.epoch || r.received <= n.sent || r.received <= s->common;
    receipt_release(&r);
    return 0;
}
