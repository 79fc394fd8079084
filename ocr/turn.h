/* Turn: which way up a page lies, when its lines run down the page or its reading is
 * hopeless: a part of it is read every way, and the way that makes Vietnamese wins.
 * Costs nothing on ordinary pages, which are not asked. */
#ifndef TRAM_OCR_TURN_H
#define TRAM_OCR_TURN_H

#include <stdbool.h>

#include "ocr/attempt.h"

struct Pix;

/* Reads a picture, appending. */
struct page_reader {
    int (*read)(void *context, struct Pix *pix, const struct attempt *how,
                struct found *out, struct err *e);
    void *context;
};

/* Quarter turns clockwise that make `grey` upright; `sideways`: its lines seem to run
 * down the page. 0 if no way is clearly better. */
int turn_find(unsigned *quarter_turns, struct Pix *grey, int dpi, bool sideways,
              const struct page_reader *reader, struct err *e);

/* Whether a reading is such that the page may lie the wrong way up. */
bool turn_suspected(const struct found *f);

#endif
