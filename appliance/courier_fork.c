#include <string.h>

#include <sodium/utils.h>

#include "appliance/courier_internal.h"
#include "schema/fork.h"
#include "sync/known_lines.h"

/* By its own name, or by those of `names`. */
static int is_known(struct stick *s, const struct known_lines *k, uint64_t sequence,
                    const struct fork_names *names, bool *known, struct err *e)
{
    const struct chain_range place = {sequence, sequence};
    struct buffer chain;
    int rc;

    *known = sequence == 0;
    if (sequence == 0)
        return 0;
    buffer_init(&chain, CHAIN_HASH_BYTES);
    rc = outbox_chain(s->outbox, &place, names, &chain, e);
    if (rc == 0)
        *known = known_lines_has(k, sequence, chain.bytes);
    buffer_release(&chain);
    return rc;
}

/* The last of our frames from `low` on that the centre knows: it knows all before that too.
 * *found is false where there is none. */
static int find_last(struct stick *s, const struct known_lines *k, uint64_t low,
                     const struct fork_names *names, uint64_t *last, bool *found,
                     struct err *e)
{
    uint64_t high = s->config.last + 1;

    *found = false;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct fork_names to = *names;
        bool known;

        to.last = middle;
        if (is_known(s, k, middle, &to, &known, e) != 0)
            return -1;
        if (known) {
            *found = true;
            *last = middle;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

/* Whether the centre has ours after names->after by names that a line gave them which left
 * there: its epoch, and how far, are in `names` then; or 0. */
static int find_names(struct stick *s, const struct known_lines *k, uint8_t own,
                      struct fork_names *names, struct err *e)
{
    uint64_t first = names->after + 1;
    bool found;

    for (names->epoch = k->epoch; names->epoch > own; names->epoch--) {
        bool known;

        names->last = first;
        if (k->ends[names->epoch] < first)
            continue;
        if (is_known(s, k, first, names, &known, e) != 0)
            return -1;
        if (known)
            return find_last(s, k, first, names, &names->last, &found, e);
    }
    names->epoch = 0;
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

static int leave_line(struct stick *s, const struct fork_names *names, uint8_t known,
                      struct courier_imported *out, struct err *e)
{
    struct box *b = s->options->box;

    if (known >= SYNC_EPOCH_LAST) {
        out->unhealed = true;
        return 0;
    }
    if (fork_line_as(b->records, names, (uint8_t)(known + 1), b->actor, e) != 0)
        return -1;
    out->forked = true;
    return look_again(s, e);
}

/* Of our own frame of this number; after our last one that of the next. */
static uint8_t epoch_of(const struct stick *s, uint64_t sequence)
{
    for (unsigned i = 0; i < s->config.epoch; i++)
        if (s->config.line_last[i] >= sequence)
            return (uint8_t)i;
    return s->config.epoch;
}

/* The centre's line of this epoch has other frames than ours after the last common one. */
static bool is_contradicted(const struct stick *s, const struct known_lines *k,
                            uint8_t epoch, uint64_t common)
{
    bool has_common = common > 0 && epoch_of(s, common) == epoch;

    return k->ends[epoch] > (has_common ? common : 0);
}

/* The last frame behind which our line may stay as it is: it goes on from the centre's, or
 * from one that was left, and is taken late. *must: what follows it may not. */
static uint64_t end_of_sound(const struct stick *s, const struct known_lines *k,
                             uint64_t common, bool *must)
{
    *must = true;
    for (uint64_t n = common; n < s->config.last;) {
        uint8_t epoch = epoch_of(s, n + 1);

        if (is_contradicted(s, k, epoch, common))
            return n;
        n = epoch < s->config.epoch ? s->config.line_last[epoch] : s->config.last;
    }
    *must = is_contradicted(s, k, s->config.epoch, common);
    return s->config.last;
}

/* What was written before we left that line contradicts nothing of ours. */
static int judge(struct stick *s, const struct known_lines *k,
                 struct courier_imported *out, struct err *e)
{
    uint8_t highest = k->epoch > s->config.epoch ? k->epoch : s->config.epoch;
    struct fork_names names = {0};
    uint64_t end;
    bool found, must;

    if (k->centre_epoch < s->config.centre_epoch)
        return 0;
    if (find_last(s, k, k->floor, &names, &names.after, &found, e) != 0)
        return -1;
    if (!found) {
        out->unhealed = k->epoch >= s->config.epoch;
        return 0;
    }
    s->common = names.after;
    end = end_of_sound(s, k, names.after, &must);
    if (!must && k->epoch <= s->config.epoch)
        return 0;
    if (find_names(s, k, epoch_of(s, names.after + 1), &names, e) != 0)
        return -1;
    if (names.epoch == 0)
        names.after = end;
    return leave_line(s, &names, highest, out, e);
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
