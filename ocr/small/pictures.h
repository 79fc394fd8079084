/* Pictures: what on a page is neither ink nor paper: photographs, and tints below
 * the text. Each becomes a small JPEG at its place. */
#ifndef TRAM_OCR_PICTURES_H
#define TRAM_OCR_PICTURES_H

#include "ocr/small/ink.h"
#include "ocr/small/paper.h"

#define PICTURES_MAX 12

struct pictures {
    struct picture_jpeg {
        struct buffer jpeg;
        bool coloured;
        bool covers; /* a photograph: no ink is shown on it */
        uint32_t width, height;
        uint32_t left, top, shown_width, shown_height; /* on the page */
    } items[PICTURES_MAX];
    size_t count;
};

/* `page` is what `paper` was looked at on. -1: no memory. */
int pictures_find(struct pictures *out, const struct paper *paper, struct Pix *page,
                  uint32_t dpi);
void pictures_release(struct pictures *p); /* a zeroed one is fine */

/* Takes the ink off photographs. */
void pictures_clear(const struct pictures *p, struct inks *inks);

#endif
