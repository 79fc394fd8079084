/* Ink of a cell: the lines of letters in it, and where they stand. Pure. */
#ifndef TRAM_OCR_TABLE_INK_H
#define TRAM_OCR_TABLE_INK_H

#include "ocr/found.h"

struct Pix;

/* One line of letters in a cell's picture. */
struct ink_line {
    struct box box;  /* of its ink */
    int top, bottom; /* of the band of rows that most of it is in */
    int baseline;    /* the row below its letters' feet */
    int tall;        /* how high its tallest plain letters are: capitals and digits */
};

struct ink {
    struct ink_line *lines; /* owned */
    int lines_count;        /* 0: an empty cell */
    int paper, dark;        /* levels */
};

void ink_lines_release(struct ink *ink); /* a zeroed one is fine */

/* `cell` is one cell's picture, 8 bits, without rules. */
int ink_look(struct ink *out, struct Pix *cell, int dpi, struct err *e);

#endif
