/* Headings: what the first rows of a ruled table say of the columns below them, by the
 * anchors and sections of a record type; and where on the page its columns stand, by which
 * a later page's table without headings is known to go on with it. Pure. */
#ifndef TRAM_OCR_FIELDS_HEADINGS_H
#define TRAM_OCR_FIELDS_HEADINGS_H

#include "ocr/fields/anchors.h"

#define HEADINGS_MAX      64
#define TABLE_COLUMNS_MAX 64
#define COLUMNS_MIN       3 /* with fewer a table is a form, its labels in the first */

struct heading {
    unsigned row, column, column_span;
    size_t anchor; /* the count of anchors: a section's name alone */
    unsigned section;
    size_t word_first, words_count; /* of the page that it stands on */
};

/* Shares of the page's width, upright. */
struct table_place {
    unsigned columns;
    double left, right;
    double begins[TABLE_COLUMNS_MAX]; /* each column; below 0: no cell begins there */
};

struct headings {
    struct heading all[HEADINGS_MAX];
    size_t count, anchored; /* those that name a field */
    unsigned body;          /* the first row below them */
    struct table_place place;
};

/* Those of a table; none are an answer. */
void headings_read(struct headings *out, const struct anchors *a, const struct sheet *s,
                   uint16_t table);

/* How many columns the table has. */
unsigned table_columns(const struct layout *l, uint16_t table);

/* The section of a heading without its own: of what spans it above, else of the columns
 * before it. */
unsigned heading_section(const struct headings *h, const struct heading *of);

/* As many columns, in the same places: another page of one book. */
bool tables_agree(const struct table_place *a, const struct table_place *b);

#endif
