/* Judge: what readings of one page are worth, and one made of two: word by word the
 * surer one, and what only one of them saw. Pure. */
#ifndef TRAM_OCR_JUDGE_H
#define TRAM_OCR_JUDGE_H

#include "ocr/found.h"

/* The share of letters that the reading doubts itself, 0..1; 0 without letters. */
double judge_doubt(const struct found *f);

/* Puts the words of a picture `scale` times as large where they stand in this one. */
void judge_scale(struct found *f, double scale);

/* Takes into *best, word by word, what `other` is surer of, and the sure words that
 * stand where *best has none. Their boxes must be of the same picture. Says how many
 * words were taken over; -1: no memory. */
int judge_merge(struct found *best, const struct found *other, size_t *taken,
                struct err *e);

/* Puts the words of a line that stands at `place`, where *best has none that are sure,
 * where they are read. A line that is sure as a whole is taken with its weaker words. */
int judge_insert(struct found *best, const struct box *place, const struct found *line,
                 size_t *taken, struct err *e);

#endif
