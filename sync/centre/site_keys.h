/* Site keys: which box's key proves what is said in a site's name. A site whose box was lost
 * and replaced has had several, each from an epoch on:
 *
 *   epoch   1 … 3    4 …         the first box; the one in its place
 *   key     K1       K2          K2 is site.key: whose hello is answered
 *
 * What K1's box has made stays proved by K1, whenever it comes, and verify opens it so; but
 * whoever has that box now writes nothing under epoch 4. */
#ifndef TRAM_SYNC_CENTRE_SITE_KEYS_H
#define TRAM_SYNC_CENTRE_SITE_KEYS_H

#include "sync/centre/sites.h"

/* The key of what the site's boxes have made under this epoch. */
int site_key_at(struct centre *c, const struct site_row *site, uint8_t epoch,
                struct public_key *out, struct err *e);

/* Of the site's keys the nth, 0 the one of today, then the newest before it. *found is
 * false where there are no more. */
int site_key_nth(struct centre *c, const struct site_row *site, unsigned n,
                 struct public_key *out, bool *found, struct err *e);

/* Whether a box that was replaced has said this hello, which the key of today does not
 * prove. */
int site_hello_former(struct centre *c, const struct site_row *site,
                      const struct message *hello, const void *binding,
                      size_t binding_count, bool *former, struct err *e);
/* Whether the key is one of a box that was replaced. */
int site_key_former(struct centre *c, const struct site_row *site,
                    const struct public_key *key, bool *former, struct err *e);

/* The alarm about it. */
int site_alarm_former(struct centre *c, uint16_t site, struct err *e);

/* From this epoch on the site's key is another. Inside a write. */
int site_key_replace(struct centre *c, const struct site_row *site, uint8_t from_epoch,
                     const struct public_key *key, struct err *e);

#endif
