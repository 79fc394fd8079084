/* Table: what the bench prints, by folder. */
#ifndef TRAM_BENCH_TABLE_H
#define TRAM_BENCH_TABLE_H

#include "tests/bench/folder.h"

/* Letters wrong by folder and reader, our share of the better peer, the page that is
 * worst beside plain Tesseract, words and folded letters. How many bounds were missed. */
unsigned table_letters(const struct folder *folders, size_t count);

/* Pages a minute, processor seconds a page, and the two ratios that have a bound. */
unsigned table_pace(const struct folder *folders, size_t count);

/* Every page of one folder. */
void table_pages(const struct folder *f);

#endif
