/* Columns: two columns of text side by side at the top of a page or at its bottom, and
 * the gap between them. */
#ifndef TRAM_OCR_ORDER_COLUMNS_H
#define TRAM_OCR_ORDER_COLUMNS_H

#include "ocr/order/ink.h"

struct gap {
    int left, right;
};

/* How many rows from the top (`below`: from the bottom) two columns take, the free rows
 * that follow shared with what comes then. `wide` is the narrowest gap, as a share of
 * the page's width. 0: there are no two columns. */
int columns_find(const struct ink *k, double wide, bool below, struct gap *g);

#endif
