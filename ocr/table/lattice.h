/* Lattice: one table's rows and columns as its rules bound them, and the cells that
 * are left when walls are missing between them. */
#ifndef TRAM_OCR_LATTICE_H
#define TRAM_OCR_LATTICE_H

#include "ocr/found.h"
#include "ocr/table/rules.h"

#define LATTICE_ROWS_MAX    160
#define LATTICE_COLUMNS_MAX 64

/* The boundaries of rows, or of columns. A place is where a boundary is across at
 * `along`, the table's middle; it leans with the others. */
struct bounds {
    bool upright;
    double along, lean;
    double places[LATTICE_ROWS_MAX + 1];
    size_t count; /* one more than there are rows */
    double from, to;
};

struct lattice {
    const struct rule *rules; /* of this table, lying and upright; the caller's */
    size_t rules_count;
    struct bounds rows, columns;
};

/* False: the rules are no table's. */
bool lattice_make(struct lattice *out, const struct rule *rules, size_t count, int dpi);

/* Appends the cells, row by row, to *out as of table `table`; `all` are the page's
 * rules. Appends none if what is left is one cell. */
int lattice_cells(const struct lattice *l, const struct rules *all, uint16_t table,
                  struct found *out, struct err *e);

#endif
