/* Verify: is all there that was receipted, and whole? SQLite's own check; each site's
 * journal opened and proved again from its first frame; the journal applied to
 * nothing, compared with the rows that stand; every delivered original's bytes
 * against their hash; the search index against the records. */
#ifndef TRAM_SYNC_CENTRE_VERIFY_H
#define TRAM_SYNC_CENTRE_VERIFY_H

#include "sync/centre/centre.h"

struct centre_verify_sink {
    /* Something is wrong: English, for an operator. */
    void (*problem)(void *arg, const char *text);
    /* The same, with what one site has sent, and with one original: NULL, and they are
     * told as problems. */
    void (*of_site)(void *arg, uint16_t site, const char *text);
    void (*of_original)(void *arg, const struct hash *sha256);
    /* An original that came packed cannot be restored. No fault of a copy, which holds
     * its packed form all the same, but a person's matter; may be NULL. */
    void (*unrestored)(void *arg, const char *text);
    /* Nothing is wrong, but an operator may want to know; may be NULL. */
    void (*note)(void *arg, const char *text);
    /* May be NULL: originals looked at so far. Non-zero stops: ERR_FAILED. */
    int (*progress)(void *arg, uint64_t originals);
    void *arg;
};

/* Changes nothing. -1 only if it could not be checked. */
int centre_verify(struct centre *c, const struct centre_verify_sink *sink, struct err *e);

#endif
