/* Bundle, inside: the seal around packed frames, apart from what makes them and what
 * reads them, so that a test can seal what no honest writer would. bundle.c opens,
 * bundle_writer.c makes, bundle_seal.c seals. For sync/bundle*.c and tests only. */
#ifndef TRAM_SYNC_BUNDLE_INTERNAL_H
#define TRAM_SYNC_BUNDLE_INTERNAL_H

#include "sync/bundle.h"

#define BUNDLE_MAGIC           "TRB1"
#define BUNDLE_EPHEMERAL_BYTES 32
#define BUNDLE_TAG_BYTES       16
#define BUNDLE_SEALED_AT       (BUNDLE_HEADER_BYTES + BUNDLE_EPHEMERAL_BYTES)

/* Fills `out` with the whole bundle; h->sealed_bytes is taken from `packed`. */
int bundle_seal(struct bundle_header *h, const struct buffer *packed,
                const struct hash *chain, const struct key_pair *writer,
                const struct public_key *receiver, struct random *r, struct buffer *out,
                struct err *e);

/* Authenticates and decrypts; `bytes` hold a whole bundle whose header is `h`.
 * *packed is malloc'd, the caller's also after a failure. */
int bundle_unseal(unsigned char **packed, const struct bundle_header *h,
                  const unsigned char *bytes, const struct key_pair *receiver,
                  const struct public_key *writer, struct err *e);

#endif
