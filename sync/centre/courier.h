/* Courier: the centre's side of a stick that somebody carries (sync/courier.h says what
 * is on it). A carrier like a session: bundles go to the journal, blobs to partials and
 * originals, claims and status to the sites; what they say is what is told.
 *
 *   stick ─up tars─► courier_take() ─► journal, originals    (then: apply)
 *   stick ◄─down tars─ courier_answer() ◄─ receipts, changes of our own (down.h)
 *
 * Several provinces, communes and carriers may share a stick. What cannot be taken is
 * told and passed over; the rest goes on. It may work beside a serve of the same
 * directory: each step is a transaction of its own. Needs nothing but what the centre
 * was opened with, so that the simulator drives the same code. */
#ifndef TRAM_SYNC_CENTRE_COURIER_H
#define TRAM_SYNC_CENTRE_COURIER_H

#include "sync/centre/sites.h"
#include "sync/courier.h"
#include "sync/partial.h"
#include "sync/receipt.h"

/* So many blobs are named in one answer; the others in the next ones. */
#define COURIER_NAMED_MAX 65536

/* Left free on the stick by an answer. */
#define ANSWER_MARGIN_BYTES (64u << 10)

/* What became of one tar. */
enum tar_state {
    TAR_TAKEN,   /* something in it was new */
    TAR_KNOWN,   /* … nothing: the link, or another stick, was faster */
    TAR_STATUS,  /* … there was nothing in it but the box's status */
    TAR_FOREIGN, /* for another province; untouched */
    TAR_UNKNOWN, /* of a site that was never enrolled here, or has not claimed */
    TAR_REFUSED, /* its claim, or a bundle of it: `why` says how */
    TAR_UNREAD,  /* the stick would not give all of it, and nothing new was had */
};
const char *tar_state_name(enum tar_state s); /* "taken", … */

struct tar_told {
    const struct courier_name *name;
    enum tar_state state;
    enum refused why;               /* the last refusal; 0: none */
    unsigned bundles, blobs, parts; /* new here; parts: of blobs not whole yet */
    unsigned known;                 /* bundles and blobs that were here */
    unsigned waiting;               /* parts of a blob whose beginning is not here */
    unsigned crowded;               /* parts of blobs for which there is no room here */
    unsigned damaged;               /* entries and stretches that are not as written */
    bool cut_off;                   /* half a tar */
};

/* A box that has something on this stick, or shall get an answer. */
struct courier_site {
    struct courier_line line;
    uint32_t took;              /* its tars up to this number have done their work */
    struct receipt_blob *blobs; /* what the stick brought of them; owned */
    size_t blobs_count;
    struct partial_told *partials; /* blobs that have begun to come; owned … */
    size_t partials_count;
    bool partials_listed; /* … and looked for: once for all that is on the stick */
    bool in_doubt; /* what it brought is of another line than ours: courier_lines.h */
};

struct courier {
    struct centre *centre; /* not owned, as the stick */
    struct disk *stick;
    const char *dir;
    char tag[COURIER_TAG_BYTES];
    struct courier_list list;
    struct courier_site *sites; /* owned; by site */
    size_t sites_count;
    uint64_t bytes_done, bytes_in_all;
    /* After each entry; false ends it there. May be NULL. */
    bool (*go_on)(void *arg, uint64_t bytes, uint64_t bytes_in_all);
    void *arg;
    bool stopped;
};

int courier_open(struct courier *out, struct centre *c, struct disk *stick,
                 const char *dir, struct err *e);
void courier_close(struct courier *c); /* a zeroed one is fine */

/* Takes in all that boxes have written; `told` hears of each tar, in order. -1: our own
 * trouble (disk, store): what was taken so far stays taken. */
int courier_take(struct courier *c, void (*told)(void *arg, const struct tar_told *t),
                 void *arg, struct err *e);

/* A site that shall have an answer though it brought nothing. */
int courier_add_site(struct courier *c, uint16_t site, struct err *e);

/* Writes a down tar for each site: receipts, and what the centre itself has changed and
 * the box has not said to have applied; the one that it replaces goes after it. A site that
 * has not claimed gets none. *full: the stick has no room for all of them. -1 tells of the
 * first site that has none for another reason; the others have theirs. */
struct courier_answered {
    unsigned tars, receipts, bundles; /* bundles: of our own changes */
    bool full;
};
int courier_answer(struct courier *c, struct courier_answered *out, struct err *e);

/* For the files of this room. The site's place; made if it is not there. */
struct courier_site *courier_site_of(struct courier *c, uint16_t site, struct err *e);

#endif
