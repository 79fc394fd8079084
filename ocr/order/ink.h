/* Ink: the letters of a page, looked at so small that columns are still seen: without
 * specks, shadows at the edges, and rules such as stand under "Hạnh phúc", which are no
 * text and may reach over a gap. Longer rules stay: they belong to tables, whose
 * columns are no columns of text. */
#ifndef TRAM_OCR_ORDER_INK_H
#define TRAM_OCR_ORDER_INK_H

#include <stdbool.h>

struct Pix;

struct ink {
    struct Pix *bits; /* owned; 1 bit */
    int width, height;
    int reduced; /* so many times smaller than the page */
};

void ink_release(struct ink *k);

/* 8 bits. false: no memory, or a picture too small to look at. */
bool ink_take(struct ink *out, struct Pix *pix);

bool ink_at(const struct ink *k, int x, int y);

/* Whether there is ink in this part of a row, or of a column. */
bool ink_in_row(const struct ink *k, int y, int left, int right);
bool ink_in_column(const struct ink *k, int x, int top, int bottom);

#endif
