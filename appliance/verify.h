/* Verify: is all there that was reported kept, and whole? The store's own check
 * (rows, chain, fold), every original's bytes against their hash, what waits or is
 * held at intake, and the search index against the records. */
#ifndef TRAM_APPLIANCE_VERIFY_H
#define TRAM_APPLIANCE_VERIFY_H

#include "appliance/box.h"

struct verify_sink {
    /* Something is wrong: English, for an operator. */
    void (*problem)(void *arg, const char *text);
    /* Nothing is wrong, but an operator may want to know; may be NULL. */
    void (*note)(void *arg, const char *text);
    /* May be NULL: originals looked at so far. Non-zero stops: ERR_FAILED. */
    int (*progress)(void *arg, uint64_t originals);
    void *arg;
};

/* Changes nothing. -1 only if it could not be checked. */
int verify_box(struct box *b, const struct verify_sink *sink, struct err *e);

#endif
