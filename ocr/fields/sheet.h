/* Sheet: a page as read, as a person holds it: upright and straight, its words in
 * lines. A line here is a line of the reading, cut where a wide gap parts it, so that
 * what stands side by side is apart: heads of two columns, parts of a form, cells.
 *
 * Places are shares of the upright page's width and height, 0 to 1. The words are the
 * reading's, by number, so each value knows its boxes in the original's pixels. */
#ifndef TRAM_OCR_FIELDS_SHEET_H
#define TRAM_OCR_FIELDS_SHEET_H

#include "ocr/fields/fold.h"
#include "ocr/layout.h"

struct sheet_word {
    const char *text; /* in the page's text; not terminated */
    size_t bytes;
    uint8_t confidence;
    double left, top, right, bottom;
};

#define SHEET_NO_CELL UINT32_MAX
#define SHEET_NONE    SIZE_MAX /* no line */

struct sheet_line {
    size_t word_first, words_count;
    size_t fold_first, fold_count; /* its letters, folded */
    double left, top, right, bottom;
    double height;  /* of a word in the middle */
    double capital; /* share of its letters that are capitals */
    size_t letters, digits;
    uint32_t cell; /* of the layout, or SHEET_NO_CELL */
};

struct sheet {
    const struct layout *layout; /* not owned; outlives it, as the text does */
    struct sheet_word *words;    /* owned, all of them */
    struct sheet_line *lines;
    char *folded;
    uint32_t *folded_word; /* of each folded letter */
    size_t words_count, lines_count, folded_count;
    double line_height; /* of most lines */
    double ratio;       /* height by width */
};

/* A layout with other words than the text has makes a sheet without lines. On failure
 * (memory) *out is zeroed. */
int sheet_open(struct sheet *out, const char *text, const struct layout *l,
               struct err *e);
void sheet_close(struct sheet *s); /* a zeroed one is fine */

double line_middle(const struct sheet_line *l); /* from left to right */
double line_height_middle(const struct sheet_line *l);

/* Its folded letters: l->fold_count of them. */
const char *line_folded(const struct sheet *s, const struct sheet_line *l);

/* The words of a match in the line's folded letters. */
void line_match_words(const struct sheet *s, const struct sheet_line *l,
                      const struct fold_match *m, size_t *word_first,
                      size_t *words_count);

/* Where a cell stands, as a word does. */
struct sheet_word sheet_cell(const struct sheet *s, const struct cell *c);

/* The nearest line below `line` whose middle lies between left and right; SHEET_NONE
 * if there is none. */
size_t sheet_below(const struct sheet *s, size_t line, double left, double right);

/* The white between two lines, in heights of the upper one. */
double line_gap(const struct sheet_line *upper, const struct sheet_line *lower);

#endif
