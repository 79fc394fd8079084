/* Site again: a box is lost, there is no second copy of it, and another machine takes its
 * place, to get back what the centre has of it.
 *
 *   administrator: enrol --again N ─► FILE: the same site, a new secret, the next epoch
 *   new box: init --enrol FILE ─► an event, the first frame of that epoch
 *   centre: takes the claim ─► its key is the site's from that epoch on (site_keys.h)
 *
 * Until that claim the old box's key is good, and what it sends is taken; afterwards it is
 * refused when it calls, and what a stick brings of its frames comes late (lines.h). */
#ifndef TRAM_SYNC_CENTRE_SITE_AGAIN_H
#define TRAM_SYNC_CENTRE_SITE_AGAIN_H

#include "sync/centre/sites.h"

/* Fills *out, which the caller writes as a file; one that was written before for this site
 * and is not used yet is good no more. ERR_USAGE: no such site, or it has a file that was
 * never used; ERR_FAILED: its epochs are used up. */
int site_enrol_again(struct centre *c, uint16_t site, const char *url,
                     const struct public_key *tls_key, struct enrolment *out,
                     struct err *e);

enum again_verdict {
    AGAIN_REFUSED, /* nobody is to take its place, or not this one */
    AGAIN_PASSED,  /* it could, but the old box has used its epoch meanwhile */
    AGAIN_TAKEN,   /* the site's key is this one's; an alarm tells it */
};
/* A claim of a claimed site by another key. The secret is forgotten with the same commit. */
int site_again_take(struct centre *c, const struct claim *claim, const void *bytes,
                    enum again_verdict *out, struct err *e);

#endif
