/* Bundle, inside: the seal around packed frames, apart from what makes them and what
 * reads them, so that a test can seal what no honest writer would. bundle.c opens,
 * bundle_writer.c makes, bundle_pack.c packs, bundle_seal.c seals. For sync/bundle*.c and
 * tests only. */
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

/* What is said before what zstd made; *count: how many bytes that took. */
void history_name_encode(const struct history_name *n, uint64_t first,
                         struct buffer *out);
int history_name_decode(struct history_name *out, uint64_t first, const void *bytes,
                        size_t bytes_count, size_t *count, struct err *e);

/* zstd, with `past` to point back into. Appends; *packed is false, and nothing was, if
 * that makes nothing smaller. */
int bundle_pack(const struct buffer *plain, const void *past, size_t past_count,
                int level, bool *packed, struct buffer *out, struct err *e);
/* Exactly `plain_count` bytes; ERR_REFUSED otherwise. */
int bundle_unpack(unsigned char *plain, size_t plain_count, const void *packed,
                  size_t packed_count, const void *past, size_t past_count,
                  struct err *e);

#endif
