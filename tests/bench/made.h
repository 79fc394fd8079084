/* Made: folders of pages that tram-pages typesets when the bench runs, from a seed
 * that nobody has seen: made-clean, made-light and made-heavy are the same letters,
 * decisions and party papers aged more and more; made-table are registers, lists and
 * certificates. Half at 200 and half at 300 dpi. */
#ifndef TRAM_BENCH_MADE_H
#define TRAM_BENCH_MADE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

bool made_is(const char *folder); /* whether it is one of the four names */

/* Writes about `count` pages into DIR, which is made. */
int made_write(const char *tram_pages, const char *folder, const char *dir, uint64_t seed,
               unsigned count, struct err *e);

#endif
