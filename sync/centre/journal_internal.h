/* Journal, inside: journal.c takes bundles, journal_proof.c says what they are,
 * journal_held.c keeps what cannot go on yet, journal_release.c lets it go on,
 * journal_read.c tells what is there. */
#ifndef TRAM_SYNC_CENTRE_JOURNAL_INTERNAL_H
#define TRAM_SYNC_CENTRE_JOURNAL_INTERNAL_H

#include "sync/bundle.h"
#include "sync/centre/journal.h"
#include "sync/centre/lines.h"

/* A bundle in hand, opened. */
struct taking {
    struct centre *centre;
    struct site_row *site; /* the cursor in it moves */
    struct bundle bundle;
    const void *bytes;
    size_t count;
    const struct object_id *object;
    struct public_key key;   /* that proves it: of its epoch */
    struct hash *chains;     /* owned: after each of its frames */
    size_t known;            /* so many of its first frames are in the journal */
    struct line_frame after; /* the last of them, or the one before its first */
    bool ours;               /* … is the last that was received of the site's line */
};

enum proof {
    PROOF_NEW,   /* goes on where the site's line ends */
    PROOF_KNOWN, /* nothing in it is new */
    PROOF_LINE,  /* begins a new line */
    PROOF_LATE,  /* of a line that was left, and new to us */
    PROOF_EARLY, /* of a line of which something before it is missing, for all we know */
    PROOF_FORK,
    PROOF_FORGED,
};

void taking_release(struct taking *t);
uint64_t journal_last_of(const struct bundle_header *h);

/* What it is. The cipher has shown that the site's key wrote it, and its id that nothing
 * changed since: a signature over new frames that fits no chain that we have is of another
 * history of the site's. */
int journal_prove(struct taking *t, enum proof *out, struct err *e);

/* What is to be done with it. Inside the transaction. */
int journal_advance(struct taking *t, struct err *e);
/* The first bundle of a new line: the old one is left once all of it is applied; *waits
 * until then. */
int journal_begin_line(struct taking *t, bool *waits, struct err *e);
int journal_add_late(struct taking *t, struct err *e);
int journal_alarm(struct taking *t, enum refused why, struct err *e);
/* It is authentic, or it would not be asked. */
enum refused journal_why_not_opened(const struct taking *t);

/* Whether one more of so many bytes may be held, beside what is on our disk of others: the
 * sealed ones, and what was opened of them. */
#define JOURNAL_HELD_BYTES_MAX (256u << 20)
int journal_may_hold(struct centre *c, uint16_t site, size_t bytes, bool *may,
                     struct err *e);
/* It may not: what is of an older epoch, was tried and lies behind the site's line makes
 * room, with an alarm. Nothing else does: what it waits for may be on its way. */
int journal_make_room(struct taking *t, bool *may, struct err *e);
/* Whether all that was received is applied, late frames too. */
int journal_all_applied(struct centre *c, const struct site_row *site, bool *all,
                        struct err *e);
/* How many frames there are that a row of journal could follow. What was held and follows
 * none of them has it, negative, as its `begins`: it is tried again when there are more, or
 * a line has begun (line_begin). */
#define JOURNAL_BEFORE                                                                   \
    "((first = 1)"                                                                       \
    " + (SELECT count(*) FROM journal_frame f WHERE f.site = journal.site"               \
    "  AND f.sequence = journal.first - 1)"                                              \
    " + (SELECT count(*) FROM left_frame f WHERE f.site = journal.site"                  \
    "  AND f.sequence = journal.first - 1))"
/* Proves one that was held, and does what follows; *stays: nothing can be done yet. */
int journal_release_one(struct taking *t, bool *stays, struct err *e);
/* Takes what is held and can go on now; *moved (may be NULL) says whether anything did. */
int journal_release_all(struct centre *c, struct site_row *site, bool *moved,
                        struct err *e);

#endif
