/* Packed form for tests: the real head (ocr/repack/packed.h), and behind it the
 * original's bytes, each turned over. It is no smaller, and needs no library. */
#ifndef TRAM_TESTS_PACKED_FAKE_H
#define TRAM_TESTS_PACKED_FAKE_H

#include "base/disk.h"
#include "base/hash.h"
#include "ocr/refusal.h"

void packed_fake_bytes(const void *original, size_t count, struct buffer *out);

int packed_fake_pack(struct disk_file *original, const struct hash *sha256,
                     struct disk_file *packed, struct err *e);

/* As ocr_restore(). */
int packed_fake_restore(struct disk_file *packed, const struct hash *sha256,
                        struct disk_file *original, enum refusal *refusal, struct err *e);

#endif
