/* Strip: lines of letters from several cells set one behind the other on one
 * baseline, all of one size: read at once, short ones keep the company without which
 * a recogniser mistakes their height (a lone "3" became "5)"). */
#ifndef TRAM_OCR_STRIP_H
#define TRAM_OCR_STRIP_H

#include "ocr/table/ink.h"

/* A line of letters, and where it went. */
struct strip_piece {
    uint32_t cell;
    struct box box; /* on the page */
    int baseline, tall;
    int paper, dark;
    double scale;
    int left, right; /* in the strip */
};

/* Between two lines, in heights of a capital: hardly more than between words. Wide
 * gaps teach the recogniser that the small ones are none: 1.5 lost every second
 * space. A strip whose words ran into each other is read again with the wider one. */
#define STRIP_GAP      0.4
#define STRIP_GAP_WIDE 0.9
/* Pixels; Tesseract takes no line of more than 32767. */
#define STRIP_WIDTH_MAX 20000

/* How much wider a strip whose capitals are `tall` becomes by the piece. */
double strip_width(const struct strip_piece *p, int tall);

/* The pieces' picture, 8 bits, black on white; fills in where they went. `tall` is
 * what all are brought to if they are far from it; of what becomes too small by it
 * nothing is seen. */
int strip_make(struct Pix **out, struct Pix *page, struct strip_piece *pieces,
               size_t count, int tall, double gap, struct err *e);

/* Does the box reach well into two pieces? */
bool strip_is_across(const struct strip_piece *pieces, size_t count,
                     const struct box *box, int tall);

/* The piece that most of the box lies in. */
size_t strip_piece_at(const struct strip_piece *pieces, size_t count,
                      const struct box *box);

/* From the strip's pixels to the page's. */
void strip_place(const struct strip_piece *p, int tall, struct box *b);

#endif
