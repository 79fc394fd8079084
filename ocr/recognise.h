/* Recognise: pixels to words, with Tesseract's C API and the `vie` model. The
 * parent loads the models once; children inherit them by fork. */
#ifndef TRAM_OCR_RECOGNISE_H
#define TRAM_OCR_RECOGNISE_H

#include "ocr/opener.h"
#include "ocr/way.h"

struct recogniser;

/* Parts of the reading that can be left out, for measuring what each is worth and
 * for whoever wants the recogniser's own words. */
enum reading_part {
    PART_LADDER = 1,   /* cleaning and further attempts: one plain attempt without */
    PART_CELLS = 2,    /* tables by cells */
    PART_LANGUAGE = 4, /* choosing among alternatives */
    PART_MARKS = 8,    /* dashes and dots by their measures */
    /* Steps of the cleaning, each as its header in ocr/image/ says. */
    PART_BORDER = 16,
    PART_HOLES = 32,
    PART_BLEED = 64,
    PART_FAINT = 128,
    PART_UNCOVERED = 256, /* lines that no word covers, read on their own */
};

/* "language,cells" → a set; false: a word that names no part. */
bool reading_parts_from_words(const char *words, unsigned *out);

/* Loads the model (and orientation data if there). In the parent, before any cage;
 * warms up everything that would be opened lazily later. `without` is a set of
 * enum reading_part. */
int recogniser_create(struct recogniser **out, unsigned without, struct err *e);
void recogniser_destroy(struct recogniser *r);

/* In the child. Upright by `quarter_turns` (the clerk's), boxes mapped back to the
 * original's pixels. Fills text, layout and engine, which records what was done. */
int recognise_page(struct recogniser *r, const struct opened_page *page,
                   unsigned quarter_turns, enum reading_way way, struct reading *out,
                   struct err *e);

/* Text of a small upright cut-out (one or few lines), for the look for stamps:
 * at most out_bytes-1 bytes of UTF-8, possibly empty; -1 if Tesseract fails. */
int recognise_snippet(struct recogniser *r, struct Pix *cut, char *out, size_t out_bytes,
                      struct err *e);

/* The look for a secrecy stamp: framed boxes of a stamp's size, red ink or black,
 * tilted a little, in the upper half of the page, whose words are MẬT, TỐI MẬT or
 * TUYỆT MẬT. A stamp is known by its millimetres, and a file may lie about them:
 * where its resolution would not make the page an A4, it is looked at as an A4 too.
 * -1: trouble, and nobody knows whether there is one. In the child. */
int secrecy_look(struct recogniser *r, const struct opened_page *page, struct look *out,
                 struct err *e);

#endif
