/* Verify, inside: verify.c looks at what all sites share, verify_journal.c at one site's
 * journal and rows. */
#ifndef TRAM_SYNC_CENTRE_VERIFY_INTERNAL_H
#define TRAM_SYNC_CENTRE_VERIFY_INTERNAL_H

#include "sync/centre/sites.h"
#include "sync/centre/verify.h"

struct verification {
    struct centre *centre;
    const struct centre_verify_sink *sink;
    uint16_t site;      /* whose journal is at hand; 0: none's */
    uint64_t originals; /* looked at so far */
};

__attribute__((format(printf, 2, 3))) void verify_problem(struct verification *v,
                                                          const char *format, ...);

/* One that has claimed. */
int verify_site(struct verification *v, const struct site_row *row, struct err *e);

#endif
