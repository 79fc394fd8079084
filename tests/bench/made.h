/* Made: folders of pages that tram-pages typesets when the bench runs, from a seed
 * that nobody has seen: made-clean, made-light and made-heavy are the same letters,
 * decisions and party papers aged more and more (heavy as ../shared/pages/heavy, which
 * is worn here); made-office as scanners of offices give them, like real ones but
 * without handwriting; made-table are registers, lists and certificates. Half at 200 and half at 300 dpi. */
#ifndef TRAM_BENCH_MADE_H
#define TRAM_BENCH_MADE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

bool made_is(const char *folder); /* whether it is one of these names */

/* Writes about `count` pages into DIR, which is made. */
int made_write(const char *tram_pages, const char *folder, const char *dir, uint64_t seed,
               unsigned count, struct err *e);

#endif
