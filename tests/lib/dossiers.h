/* Dossiers for the stories of a pair: each has a number in its code (D-1, D-2, …), and each
 * word about one is a frame. */
#ifndef TRAM_TESTS_DOSSIERS_H
#define TRAM_TESTS_DOSSIERS_H

#include "tests/lib/pair.h"

/* At the box, with an id of its epoch. */
void dossiers_make(struct pair *p, unsigned number, const char *title);
/* At the box or at the centre. */
void dossiers_title(struct pair *p, const char *code, const char *title, bool box);
int64_t dossiers_count(struct pair *p, const char *where, bool box);

/* The box is what it was then, and knows that it was put back. */
void dossiers_put_back(struct pair *p, struct pair_kept *kept, uint8_t epoch);

/* Both ends hold the same rows, `rows` at least; nothing is parked, and verify finds no
 * fault at either. */
void dossiers_expect_equal(struct pair *p, uint64_t rows);

#endif
