/* Predictor: says how likely it is that the next bit of a text is 1, and learns what it
 * was; squeeze.h codes with that. Two predictors that were told the same say the same, on
 * every machine and for ever: whole numbers only, and every figure in predictor.c is part
 * of the format (PROTOCOL.md, "Squeezed").
 *
 * Six contexts - the last one, two and three bytes; the syllable so far and the byte
 * before it, that with the syllable before, that with two before - each have a counter
 * for the next bit. What each says counts as much as it has been worth so far. Where the
 * text goes on as it did after the same last six bytes, that has a say, too.
 *
 * It may be told any bytes: nothing in them is a length, a place or a size. */
#ifndef TRAM_SYNC_PREDICTOR_H
#define TRAM_SYNC_PREDICTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct predictor;

/* For a text of at most `count_max` bytes: at most 18 MB, and the text. */
int predictor_create(struct predictor **out, size_t count_max, struct err *e);
void predictor_destroy(struct predictor *p);

/* Takes in the text's next bytes: only what followed what; and, three times as long, also
 * who is worth how much. */
void predictor_skim(struct predictor *p, const void *bytes, size_t count);
void predictor_read(struct predictor *p, const void *bytes, size_t count);

/* How likely a 1 is, of 65536: 16 to 65520. Then it has to be told what it was. */
uint32_t predictor_next(struct predictor *p);
void predictor_learn(struct predictor *p, bool bit);

#endif
