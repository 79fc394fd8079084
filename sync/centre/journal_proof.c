#include "sync/centre/journal_internal.h"

#include <stdlib.h>

#include "schema/chain.h"
#include "sync/centre/site_keys.h"
#include "sync/core.h"

void taking_release(struct taking *t)
{
    bundle_release(&t->bundle);
    free(t->chains);
}

uint64_t journal_last_of(const struct bundle_header *h)
{
    return h->first + h->frames - 1;
}

/* ----------------------------------------------------------------------- its place */

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
    return bundle_proved(t->bytes, t->count, &t->key,
                         &t->chains[t->bundle.frames_count - 1]);
}

/* How many of its frames we have: two chains that are equal at one frame were equal
 * before it. */
static int count_known(struct taking *t, struct err *e)
{
    bool found = true;

    for (t->known = 0; t->known < t->bundle.frames_count; t->known++) {
        struct line_frame f;

        if (line_nth(t->centre, t->site->site, t->bundle.header.first + t->known,
                     &t->chains[t->known], 0, &f, &found, e) != 0)
            return -1;
        if (!found)
            break;
        t->after = f;
    }
    t->ours = t->after.sequence == t->site->received &&
              hash_equal(&t->after.chain, &t->site->chain);
    return 0;
}

/* Looks for a frame that its first one follows, the site's own line first. */
static int find_place(struct taking *t, bool *found, struct err *e)
{
    uint64_t before = t->bundle.header.first - 1;
    bool proved = false;

    *found = true;
    for (unsigned i = 0; !proved && *found; i++) {
        if (line_nth(t->centre, t->site->site, before, NULL, i, &t->after, found, e) != 0)
            return -1;
        if (!*found)
            break;
        if (chain_through(t, &t->after.chain, e) != 0)
            return -1;
        proved = is_signed(t);
    }
    return proved ? count_known(t, e) : 0;
}

/* ----------------------------------------------------------------------- what it is */

/* Of an epoch that was left: it goes on where that line ended, or is the first that we
 * see of it. */
static int judge_old(struct taking *t, enum proof *out, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    uint64_t end;

    if (line_end(t->centre, t->site->site, h->epoch, &end, e) != 0)
        return -1;
    if (end == 0) /* a line of it begins: never behind a younger one */
        *out = t->after.epoch <= h->epoch ? PROOF_LATE : PROOF_FORK;
    else
        *out = t->after.epoch == h->epoch && t->after.sequence == end ? PROOF_LATE
                                                                      : PROOF_FORK;
    return 0;
}

static int judge_placed(struct taking *t, enum proof *out, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;

    if (t->known == h->frames)
        *out = PROOF_KNOWN;
    else if (t->ours && h->epoch >= t->after.epoch)
        *out = PROOF_NEW; /* whatever later epoch the site has named */
    else if (h->epoch < t->site->epoch && t->site->received > 0)
        return judge_old(t, out, e);
    else if (t->ours)
        *out = PROOF_NEW;
    else
        *out = h->epoch > t->site->epoch ? PROOF_LINE : PROOF_FORK;
    return 0;
}

/* All of it is in our own line, but for the signature. */
static int is_ours(struct taking *t, bool *ours, struct err *e)
{
    struct line_frame before;

    *ours = journal_last_of(&t->bundle.header) <= t->site->received;
    if (!*ours)
        return 0;
    if (line_nth(t->centre, t->site->site, t->bundle.header.first - 1, NULL, 0, &before,
                 ours, e) != 0)
        return -1;
    if (!*ours)
        return 0;
    if (chain_through(t, &before.chain, e) != 0 || count_known(t, e) != 0)
        return -1;
    *ours = t->known == t->bundle.header.frames;
    return 0;
}

/* It follows nothing that we have. What is missing may come, unless we have all of its
 * epoch before it. */
static int judge_lost(struct taking *t, enum proof *out, struct err *e)
{
    const struct bundle_header *h = &t->bundle.header;
    uint64_t end;
    bool ours;

    if (is_ours(t, &ours, e) != 0 ||
        line_end(t->centre, t->site->site, h->epoch, &end, e) != 0)
        return -1;
    if (h->epoch == t->site->epoch)
        end = t->site->received;
    if (ours)
        *out = PROOF_FORGED;
    else if (h->epoch > t->site->epoch && t->site->received > 0)
        *out = PROOF_EARLY;
    else
        *out =
            h->first <= end + 1 && (end > 0 || h->first == 1) ? PROOF_FORK : PROOF_EARLY;
    return 0;
}

int journal_prove(struct taking *t, enum proof *out, struct err *e)
{
    uint8_t epoch = t->bundle.header.epoch;
    bool found;

    *out = PROOF_FORGED;
    if (epoch == 0 || epoch > SYNC_EPOCH_LAST)
        return 0; /* no box's */
    if (site_key_at(t->centre, t->site, epoch, &t->key, e) != 0 ||
        find_place(t, &found, e) != 0)
        return -1;
    if (found)
        return judge_placed(t, out, e);
    if (judge_lost(t, out, e) != 0)
        return -1;
    if (*out != PROOF_EARLY || !centre_sabotaged(CENTRE_ACCEPT_GAP))
        return 0;
    *out = PROOF_NEW;
    t->known = 0;
    return chain_through(t, &t->site->chain, e);
}
