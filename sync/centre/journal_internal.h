/* Journal, inside: journal.c takes bundles, journal_proof.c says what they are,
 * journal_read.c tells what is there. */
#ifndef TRAM_SYNC_CENTRE_JOURNAL_INTERNAL_H
#define TRAM_SYNC_CENTRE_JOURNAL_INTERNAL_H

#include "sync/bundle.h"
#include "sync/centre/journal.h"

/* A bundle in hand, opened. */
struct taking {
    struct centre *centre;
    struct site_row *site; /* the cursor in it moves */
    struct bundle bundle;
    const void *bytes;
    size_t count;
    const struct object_id *object;
    struct hash *chains;  /* owned: after each of its frames */
    uint64_t last_common; /* PROOF_LINE, PROOF_LATE: with the line that we have */
    bool late;            /* PROOF_LATE */
};

enum proof {
    PROOF_NEW,
    PROOF_KNOWN,
    PROOF_LINE, /* begins a new line */
    PROOF_LATE, /* of a line that was left, and new to us */
    PROOF_FORK,
    PROOF_FORGED,
};

void taking_release(struct taking *t);
uint64_t journal_last_of(const struct bundle_header *h);
bool journal_after_gap(const struct taking *t);

/* What a bundle without a gap before it is. The cipher has shown that the site's key wrote
 * it, and its id that nothing changed since: a signature over new frames that does not fit
 * our chain is of another history of the same box. */
int journal_prove(struct taking *t, enum proof *out, struct err *e);

#endif
