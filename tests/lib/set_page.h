/* Set page: a page as read, set by hand word by word: A4 at 200 dpi, nothing is drawn and
 * nothing recognised. */
#ifndef TRAM_TESTS_SET_PAGE_H
#define TRAM_TESTS_SET_PAGE_H

#include "base/buffer.h"
#include "ocr/layout.h"

#define SET_WIDTH  1654
#define SET_HEIGHT 2339
#define SET_LINE   34 /* pixels of a line of 14 points, with its accents */
#define SET_LETTER 15

/* The middles of a head's two columns, and of the signature. */
#define SET_LEFT_COLUMN  460
#define SET_RIGHT_COLUMN 1150
#define SET_SIGNATURE    1200
#define SET_MIDDLE       830

struct set_page {
    struct buffer text;
    struct layout layout;
};

void set_page_begin(struct set_page *p);
void set_page_end(struct set_page *p);

/* A line of words, a block of its own, that begins at (left, top), or has its middle at
 * `middle`. */
void set_line(struct set_page *p, int left, int top, const char *line);
void set_line_middle(struct set_page *p, int middle, int top, const char *line);

/* The nation's name and motto; two lines of a body that quotes another paper's number and
 * date; a whole decision, "05/QĐ-UBND", with its signature. */
void set_nation(struct set_page *p);
void set_body(struct set_page *p, int top);
void set_decision(struct set_page *p);

#endif
