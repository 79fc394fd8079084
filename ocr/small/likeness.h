/* Likeness: how the black ink of a page is spread over it, told so coarsely that two
 * scans of one paper come out nearly alike, whatever their light, resolution, margins and
 * dirt. Pages of one form come out alike too: whether they are the same paper is for who
 * has read them (appliance/duplicates.h). */
#ifndef TRAM_OCR_LIKENESS_H
#define TRAM_OCR_LIKENESS_H

#include <stdbool.h>
#include <stdint.h>

struct Pix;

#define LIKENESS_SIDE  16
#define LIKENESS_BYTES (LIKENESS_SIDE * LIKENESS_SIDE / 2)

/* The part of the page that holds ink, in LIKENESS_SIDE × LIKENESS_SIDE cells, row by
 * row: 4 bits each, two a byte, the first in the high one. A cell of the mean amount of
 * ink is 4. All 0: a blank page, or one that was not looked at. */
struct likeness {
    uint8_t cells[LIKENESS_BYTES];
};

/* In the child: of a mask of 1 bit. */
void likeness_take(struct likeness *out, struct Pix *page);

bool likeness_is_blank(const struct likeness *l);

/* As if the page had been turned so, clockwise. */
void likeness_turn(struct likeness *l, unsigned quarter_turns);

/* 0: the same; 1: no ink where the other has some. */
double likeness_distance(const struct likeness *a, const struct likeness *b);

#endif
