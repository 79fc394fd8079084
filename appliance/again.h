/* Again: a page is read another time because a person asked for it, and what comes of it
 * stands beside the reading there is until the person takes the one or the other.
 *
 *   ask ─► the page's job waits again, with its way ─► proposal ─► accept: the new reading,
 *                                                          │       corrections carried over
 *                                                          └─────► decline: forgotten
 *
 * The page is read all the while: its text, its search row and its document's status stay
 * as they are until the proposal is accepted. A page in quarantine has nothing to compare
 * with: what comes of it is its reading at once. */
#ifndef TRAM_APPLIANCE_AGAIN_H
#define TRAM_APPLIANCE_AGAIN_H

#include "appliance/box.h"
#include "ocr/way.h"

struct again_asked {
    unsigned pages; /* wait to be read again now */
    unsigned
        away; /* their originals left to make room: these are asked for, the pages not */
    unsigned never; /* text without a picture, or waiting to be read anyway */
};
/* One transaction. `id`: a document, all of whose pages are meant, or a page. ERR_USAGE:
 * neither. A proposal that was there before is forgotten. */
int again_ask(struct box *b, uint64_t id, enum reading_way way, struct again_asked *out,
              struct err *e);

/* For the queue, inside its write, before the job ends: whether this page's reading is to
 * be proposed (else it is the page's own), and the proposal. */
int again_is_proposed(struct box *b, uint64_t page, bool *proposed, enum reading_way *way,
                      struct err *e);
int again_propose(struct box *b, uint64_t page, enum reading_way way,
                  const struct reading *r, struct err *e);

struct proposal {
    enum reading_way way;
    uint64_t reading; /* beside which it stands */
    struct buffer text, layout, engine, alternatives;
    char reason[32]; /* not empty: it could not be read this way, and the rest is empty */
};
/* *found false: nothing is proposed. The caller releases *out, also on failure. */
int again_find(struct box *b, uint64_t page, struct proposal *out, bool *found,
               struct err *e);
void proposal_release(struct proposal *p);

/* Each page beside whose reading another stands, by page; `reason` NULL, or why it could
 * not be read again. */
int again_each(struct box *b,
               int (*each)(void *arg, uint64_t page, uint64_t document,
                           const char *reason, struct err *e),
               void *arg, struct err *e);

/* One transaction each, with an event of the page: 'read_again', 'kept_as_read'. *lost:
 * corrections that found no place (readings.h). ERR_USAGE: nothing is proposed, it could
 * not be read, or the page has another reading since. */
int again_accept(struct box *b, uint64_t page, size_t *lost, struct err *e);
int again_decline(struct box *b, uint64_t page, struct err *e);

#endif
