/* Text: one paragraph broken into lines. Lines break at spaces only, so that a
 * number like 05/QĐ-UBND stays one word on paper and in the truth. */
#ifndef TRAM_PAGES_TEXT_H
#define TRAM_PAGES_TEXT_H

#include "tests/pages/fonts.h"
#include "tests/pages/sheet.h"

enum align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT, ALIGN_JUSTIFY };

struct style {
    double size_pt;
    bool bold, italic;
    enum align align;
    double indent_pt;  /* of the first line */
    double gap;        /* of the line height; 0 is 1 */
    double after_pt;   /* below the paragraph */
    size_t bold_bytes; /* this much of the beginning is bold in any case */
};

struct text {
    PangoLayout *layout;
    int line_count;
    double line_pt; /* from baseline to baseline */
    double lead_pt; /* above the font's own line */
    double height_pt;
    double width_pt; /* of the widest line */
};

/* Refuses characters that the font does not have. */
int text_open(struct text *t, const struct fonts *f, const struct style *style,
              const char *utf8, double width_pt, struct err *e);
void text_close(struct text *t); /* zeroed is fine */

/* Puts one line, and its words, on the sheet; (x, y) is its upper left corner. */
void text_place(const struct text *t, int line, struct sheet *s, double x, double y);

#endif
