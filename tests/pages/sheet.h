/* Sheet: one page as a list of what stands on it, in points from the upper left
 * corner, and the truth about it: lines, words with boxes, zones.
 *
 * Printed lines go first, marks (rules, stamps, seals, signatures) over them. The
 * same list is drawn to a picture or to a PDF surface.
 *
 * A zone is a part of the page that has one or more right reading orders: a plain
 * one is read downwards; columns may be read one after the other, either first, or
 * straight across; table cells by row and cell, or straight across. */
#ifndef TRAM_PAGES_SHEET_H
#define TRAM_PAGES_SHEET_H

#include <pango/pangocairo.h>

#include "base/err.h"
#include "tests/pages/random.h"

enum zone { ZONE_PLAIN, ZONE_COLUMNS, ZONE_TABLE };

enum mark_kind { MARK_RULE, MARK_DOTS, MARK_STAMP, MARK_SEAL, MARK_SIGNATURE };

struct colour {
    double red, green, blue;
};

struct box {
    double left, top, right, bottom;
};

struct word {
    char *text; /* owned by the sheet */
    struct box box;
};

struct line {
    char *text; /* owned by the sheet */
    struct box box;
    double x, baseline;
    struct colour colour;
    PangoLayout *layout; /* a reference; NULL: drawn as a mark */
    int layout_line;
    int zone, column, row, block; /* lines of one block are one paragraph or cell */
};

struct mark {
    enum mark_kind kind;
    struct box box;   /* a rule: from (left, top) to (right, bottom) */
    double width_pt;  /* of a rule's line */
    double angle_deg; /* of a stamp or seal */
    char text[160];   /* of a stamp or seal */
    uint64_t seed;    /* of a signature, and of how evenly ink was taken */
    struct colour colour;
};

struct sheet {
    double width_pt, height_pt;
    struct line *lines;
    struct word *words;
    struct mark *marks;
    enum zone *zones;
    int line_count, word_count, mark_count, zone_count;
    int column, row, block; /* put on the lines that follow */
    struct colour ink;
};

struct sheet *sheet_create(double width_pt, double height_pt);
void sheet_destroy(struct sheet *s); /* NULL is fine */

void sheet_zone(struct sheet *s, enum zone kind);

/* Takes over nothing: copies what it is given. */
void sheet_line_add(struct sheet *s, const struct line *line);
void sheet_word_add(struct sheet *s, const char *text, size_t bytes,
                    const struct box *box);
void sheet_mark_add(struct sheet *s, const struct mark *mark);

/* A straight line, as in forms and under headings. */
void sheet_rule(struct sheet *s, double x1, double y1, double x2, double y2,
                double width_pt);
void sheet_dots(struct sheet *s, double x1, double x2, double y);

void sheet_draw_lines(const struct sheet *s, cairo_t *cr);
void sheet_draw_marks(const struct sheet *s, cairo_t *cr);

#endif
