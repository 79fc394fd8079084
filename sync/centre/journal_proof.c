#include "sync/centre/journal_internal.h"

#include <stdlib.h>

#include "schema/chain.h"
#include "sync/centre/lines.h"

void taking_release(struct taking *t)
{
    bundle_release(&t->bundle);
    free(t->chains);
}

uint64_t journal_last_of(const struct bundle_header *h)
{
    return h->first + h->frames - 1;
}

bool journal_after_gap(const struct taking *t)
{
    return t->bundle.header.first > t->site->received + 1;
}

/* The chain through all its frames, from this hash before the first. */
static int chain_through(struct taking *t, const struct hash *before, struct err *e)
{
    const struct bundle *b = &t->bundle;

    if (t->chains == NULL)
        t->chains = calloc(b->frames_count, sizeof *t->chains);
    if (t->chains == NULL)
        return err_set(e, ERR_MEMORY, "bundle of %zu frames", b->frames_count);
    for (size_t i = 0; i < b->frames_count; i++) {
        const struct frame *f = &b->frames[i];

        chain_next(&t->chains[i], before, f->sequence, f->schema, f->changeset,
                   f->changeset_bytes);
        before = &t->chains[i];
    }
    return 0;
}

static bool is_signed(const struct taking *t)
{
    return bundle_proved(t->bytes, t->count, &t->site->key,
                         &t->chains[t->bundle.frames_count - 1]);
}

/* Through our line's hash before the first frame. */
static int chain_through_ours(struct taking *t, struct err *e)
{
    struct hash before;

    if (journal_after_gap(t)) /* only a negative control comes here */
        before = t->site->chain;
    else if (journal_chain(t->centre, t->site->site, t->bundle.header.first - 1, &before,
                           e) != 0)
        return -1;
    return chain_through(t, &before, e);
}

/* How many of its frames are ours too. Two chains that are equal at one frame were equal
 * before it, so that the last that both have mostly says it for all. */
static int count_common(struct taking *t, uint64_t *known, uint64_t *common,
                        struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    uint64_t last = t->site->received;
    struct hash ours;

    if (last > journal_last_of(h))
        last = journal_last_of(h);
    *known = last < h->first ? 0 : last - h->first + 1;
    for (*common = *known; *common > 0; --*common) {
        if (journal_chain(t->centre, t->site->site, h->first + *common - 1, &ours, e) !=
            0)
            return -1;
        if (hash_equal(&ours, &t->chains[*common - 1]))
            break;
    }
    return 0;
}

/* Signed over this chain, it leaves our line after `common` of its frames. */
static int judge_leaving(struct taking *t, uint64_t common, enum proof *out,
                         struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    struct hash kept;
    bool found = true, may = false;

    t->last_common = h->first - 1 + common;
    if (h->epoch > t->site->epoch &&
        line_may_leave(t->centre, t->site, t->last_common, &may, e) != 0)
        return -1;
    *out = may ? PROOF_LINE : PROOF_FORK;
    /* Of lines that were left, the one whose last frame this is has all before it. */
    for (unsigned i = 0; found && *out == PROOF_FORK; i++) {
        if (line_left_chain(t->centre, t->site->site, journal_last_of(h), i, &kept,
                            &found, e) != 0)
            return -1;
        if (found && hash_equal(&kept, &t->chains[h->frames - 1]))
            *out = PROOF_KNOWN;
    }
    if (*out == PROOF_FORK && h->epoch < t->site->epoch)
        *out = PROOF_LATE;
    return 0;
}

/* Its first frame follows one of a line that was left. */
static int judge_left(struct taking *t, enum proof *out, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    struct hash before;
    bool found = h->epoch <= t->site->epoch;

    *out = PROOF_FORK;
    for (unsigned i = 0; found; i++) {
        if (line_left_chain(t->centre, t->site->site, h->first - 1, i, &before, &found,
                            e) != 0)
            return -1;
        if (!found)
            break;
        if (chain_through(t, &before, e) != 0)
            return -1;
        if (is_signed(t))
            return judge_leaving(t, 0, out, e);
    }
    return 0;
}

int journal_prove(struct taking *t, enum proof *out, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    uint64_t known, common;
    int rc = 0;

    if (chain_through_ours(t, e) != 0 || count_common(t, &known, &common, e) != 0)
        return -1;
    if (is_signed(t)) {
        if (common < known)
            rc = judge_leaving(t, common, out, e);
        else
            *out = known == h->frames ? PROOF_KNOWN : PROOF_NEW;
    } else if (known == h->frames && common == known) {
        *out = PROOF_FORGED;
    } else {
        rc = judge_left(t, out, e);
    }
    t->late = *out == PROOF_LATE;
    return rc;
}
