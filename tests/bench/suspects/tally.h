/* Tally: what was suspected on the pages of a folder, and what of it was wrong, beside
 * the recogniser's confidence alone. */
#ifndef TRAM_BENCH_SUSPECTS_TALLY_H
#define TRAM_BENCH_SUSPECTS_TALLY_H

#include "ocr/suspects/suspects.h"
#include "tests/bench/folder.h"
#include "tests/bench/suspects/reread.h"

#define TALLY_SURE 101 /* confidences are 0 to 100 */

struct tally {
    size_t pages, words, wrong;
    size_t flags, caught;
    size_t wrong_letters, caught_letters; /* wrong in more than a stop at its end */
    size_t by_reason[SUSPECT_REASONS], wrong_by_reason[SUSPECT_REASONS];
    size_t alone_by_reason[SUSPECT_REASONS]; /* wrong, and for no other reason */
    size_t offered, first; /* caught, and the truth is among what may stand there */
    size_t by_confidence[TALLY_SURE], wrong_by_confidence[TALLY_SURE];
};

/* `tells`: every word that was missed or flagged in vain is printed. */
int tally_page(struct tally *t, const struct page *p, const struct reread *r,
               const struct suspects *s, bool tells, struct err *e);
void tally_add(struct tally *sum, const struct tally *t);

/* Rows of three tables; their heads. */
void tally_print_head(void);
void tally_print(const struct tally *t, const char *name);
void tally_print_reasons(const struct tally *t);

#endif
