/* Table: ruled tables on a page, found by their rules and read cell by cell. */
#ifndef TRAM_OCR_TABLE_H
#define TRAM_OCR_TABLE_H

#include "ocr/attempt.h"

struct rule;

/* The grid of one page: cells of all its tables, as in layout.h. */
struct grid {
    struct found_cell *cells; /* owned; table by table, row by row */
    size_t cells_count;
    struct box *tables; /* owned; each table's outer box */
    size_t tables_count;
    struct rule *rules; /* owned; those of the tables: rules.h */
    size_t rules_count;
    int dpi;
};

void grid_release(struct grid *g); /* a zeroed one is fine */

/* Looks for ruled tables in an upright, even picture (8 bits). None is no error. */
int grid_find(struct grid *out, struct Pix *pix, int dpi, struct err *e);

/* A copy of the picture without the rules of its tables; letters that cross one stay
 * whole. The paper beside a rule fills its place. Dotted lines: leaders.h. */
int grid_erase(struct Pix **out, struct Pix *pix, const struct grid *g, struct err *e);

/* Reads the page with its tables by cells and what is outside them by `how`, in
 * reading order, into *out. */
int grid_read(struct TessBaseAPI *tess, struct Pix *pix, const struct grid *g,
              const struct attempt *how, struct found *out, struct err *e);

#endif
