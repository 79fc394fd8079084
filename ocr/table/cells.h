/* Cells: the words of one table, read in strips of lines. */
#ifndef TRAM_OCR_TABLE_CELLS_H
#define TRAM_OCR_TABLE_CELLS_H

#include "ocr/table/table.h"

/* Appends the words of table `table`, row by row, to *out, whose cells are the
 * grid's. `pix` is without rules. */
int cells_read(struct TessBaseAPI *tess, struct Pix *pix, const struct grid *g,
               size_t table, const struct attempt *how, struct found *out, struct err *e);

#endif
