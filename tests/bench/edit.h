/* Edit distance: how many insertions, removals and replacements make one row of
 * symbols out of another. Bit-parallel (Myers 1999, in blocks as Hyyrö 2003): a page
 * against a page takes well under a millisecond. */
#ifndef TRAM_BENCH_EDIT_H
#define TRAM_BENCH_EDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

int edit_distance(size_t *out, const uint32_t *a, size_t a_count, const uint32_t *b,
                  size_t b_count, struct err *e);

#endif
