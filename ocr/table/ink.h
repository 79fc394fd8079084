/* Ink of a cell: the lines of letters in it, and where they stand. Pure. */
#ifndef TRAM_OCR_TABLE_INK_H
#define TRAM_OCR_TABLE_INK_H

#include "ocr/found.h"

struct Pix;

#define INK_LINES_MAX 40

/* One line of letters in a cell's picture. */
struct ink_line {
    struct box box; /* of its ink */
    int baseline;   /* the row below its letters' feet */
    int tall;       /* how high its tallest plain letters are: capitals and digits */
};

struct ink {
    struct ink_line lines[INK_LINES_MAX];
    int lines_count; /* 0: an empty cell */
    int paper, dark; /* levels */
};

/* `cell` is one cell's picture, 8 bits, without rules. */
int ink_look(struct ink *out, struct Pix *cell, int dpi, struct err *e);

#endif
