/* Content: what a PDF page's content stream paints, told only as far as to know
 * whether it is one picture and nothing else. Pure; every byte is distrusted. */
#ifndef TRAM_OCR_CONTENT_H
#define TRAM_OCR_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#define CONTENT_NAME_BYTES 128

/* a b c d e f of PDF: x' = a·x + c·y + e, y' = b·x + d·y + f. */
struct matrix {
    double a, b, c, d, e, f;
};

struct box {
    double left, bottom, right, top;
};

struct content {
    char picture[CONTENT_NAME_BYTES]; /* "/Im0", of the one XObject that is drawn */
    struct matrix at;                 /* puts its unit square on the page */
    bool sets_state; /* uses gs: the page's ExtGState must be harmless too */
};

/* True if the stream draws exactly one XObject, of which no more than a hair's
 * breadth of what lies within `visible` is clipped away, and paints nothing else;
 * false for all else, and for what cannot be read. */
bool content_is_one_picture(const unsigned char *bytes, size_t count,
                            const struct box *visible, struct content *out);

/* What an upright box becomes under a matrix: the box around it. */
struct box matrix_box(const struct matrix *m, const struct box *b);

#endif
