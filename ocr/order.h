/* Order: the parts of a page in the order in which a person reads them. Office papers
 * begin with two columns side by side (who writes; the state's name and the date) and
 * end with two (who receives; who signs). Read as one, lines of two columns that stand
 * at almost the same height are taken for one line: marks are cut off, lines are lost,
 * columns are mixed. So the parts are found in the picture first, and each is read on
 * its own. A page without such columns is one part. */
#ifndef TRAM_OCR_ORDER_H
#define TRAM_OCR_ORDER_H

#include "ocr/attempt.h"

#define ORDER_PARTS_MAX 5 /* two columns, what is between, two columns */

struct order_part {
    struct box box;
    bool column; /* one of two that stand side by side */
};

/* The parts of `pix` (8 bits, upright, straight) in reading order; together they cover
 * it. Says how many: at least one, which is all of it. */
size_t order_find(struct order_part *out, struct Pix *pix);

/* As attempt_read, part by part; `part` NULL: all of the picture. */
int order_read(struct TessBaseAPI *tess, struct Pix *pix, const struct box *part,
               const struct attempt *how, struct found *out, struct err *e);

#endif
