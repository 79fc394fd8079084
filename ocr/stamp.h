/* Stamp: where on a page a secrecy stamp may be, and its words cut out of the page,
 * straight and without their frame. Finds too much rather than too little: what is
 * no stamp shows in its words. Pictures in, pictures out; no recogniser. */
#ifndef TRAM_OCR_STAMP_H
#define TRAM_OCR_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct Pix;

/* A page has a dozen. All of them are read: of what a stamp's size is, hardly more
 * would find room on one. */
#define STAMP_PLACES_MAX 256

enum stamp_kind {
    STAMP_RED,   /* a blob of red ink */
    STAMP_FRAME, /* a hollow box, of whatever ink */
    STAMP_LINE,  /* a short line of large letters that stands alone */
};

struct stamp_place {
    enum stamp_kind kind;
    int left, top, width, height; /* on the page's pix */
    unsigned turns;               /* quarter turns clockwise that make it upright */
};

/* Fills *count places: red ones, then frames, then lines, each from the top of the
 * page on. ERR_MEMORY; ERR_TOO_BIG: more places than are told. In trouble nobody
 * knows what is on the page. */
int stamp_find(struct Pix *page, double dpi, struct stamp_place places[STAMP_PLACES_MAX],
               size_t *count, struct err *e);

enum stamp_ink {
    INK_DARK,  /* everything darker than paper */
    INK_THICK, /* the same, grown by a hair: thin strokes that a copier broke heal */
    INK_CALM,  /* the same, blurred: a copier's speckle is averaged away */
    INK_RED,   /* red only: what is printed below the stamp fades */
};

#define STAMP_INKS (INK_RED + 1)

/* 8 bits of grey, at STAMP_CUT_DPI, for the recogniser; the caller's. *out is NULL
 * if there are more pieces than a stamp has, which is an answer. -1: ERR_MEMORY. */
#define STAMP_CUT_DPI 300
int stamp_cut(struct Pix **out, struct Pix *page, double dpi,
              const struct stamp_place *place, enum stamp_ink ink, struct err *e);

enum stamp_words { STAMP_OTHER, STAMP_MAT, STAMP_TOI_MAT, STAMP_TUYET_MAT };

/* What the words of a cut-out are. The whole text must be the words: "BẢN MẪU" and
 * "MẶT TRẬN" are none. In a frame, where hardly anything else stands, letters may
 * be read wrong as long as enough of them are right. */
enum stamp_words stamp_words(const char *text, bool framed);

#endif
