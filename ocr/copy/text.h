/* Text: what a page of a copy shows, as PDF's operators: its picture, and over it the
 * words, unseen (3 Tr), each where it stands. Pure.
 *
 * Of a crooked page each word stands on its line's slope, but its letters do not lean:
 * programs that take text out of a PDF part a leaning word (poppler, where the baseline
 * moves by half a point). */
#ifndef TRAM_OCR_COPY_TEXT_H
#define TRAM_OCR_COPY_TEXT_H

#include "ocr/copy/picture_form.h"
#include "ocr/copy/sheaf.h"

/* A page as it is laid out: upright but for the quarter turns that its /Rotate gives. */
struct sheet {
    double width, height; /* points */
    double scale;         /* points a pixel */
};

/* Sides within what PDF/A-2 allows, at the layer's resolution, else the picture's, else
 * as if it were an A4. */
void sheet_of(struct sheet *out, const struct picture_form *picture,
              const struct layer_head *layer);

/* Appends the operators; the picture is /P, the font /T. -1: the layer is none. */
int text_write(struct buffer *out, const struct sheet *sheet,
               const struct picture_form *picture, struct layer *layer, struct err *e);

/* A number as PDF wants it, whatever the locale. */
void text_number(struct buffer *out, double value);

#endif
