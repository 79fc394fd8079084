/* Attempt: Tesseract run once over a picture, or over a part of it, and what it found
 * there. Everything that names Tesseract is here and in recognise.c. */
#ifndef TRAM_OCR_ATTEMPT_H
#define TRAM_OCR_ATTEMPT_H

#include "ocr/found.h"

struct Pix;
struct TessBaseAPI;

enum segmentation {
    SEGMENT_AUTO = 3,   /* Tesseract's page segmentation modes */
    SEGMENT_COLUMN = 4, /* one column of lines of any size */
    SEGMENT_BLOCK = 6,  /* one block of even lines */
    SEGMENT_LINE = 7,
    SEGMENT_SPARSE = 11,
};

enum threshold { THRESHOLD_OTSU, THRESHOLD_SAUVOLA }; /* never adaptive Otsu */

struct attempt {
    enum segmentation segmentation;
    enum threshold threshold;
    int dpi;
    bool alternatives; /* ask for choices: a tenth slower */
};

/* Appends to *out what is found in `pix` (8 or 1 bits, upright). `part` NULL: all of
 * it. A part that reaches both side edges is read wrongly by Tesseract 5.3 (its
 * issue 845), so parts are cut out first; boxes are told in `pix`'s pixels all the
 * same. */
int attempt_read(struct TessBaseAPI *tess, struct Pix *pix, const struct box *part,
                 const struct attempt *how, struct found *out, struct err *e);

/* How good a reading believes itself to be: the sum over words of letters x
 * (confidence - 55), because the mean stays high on a page that lost most of its
 * text. Comparable between attempts at one page only. */
double found_worth(const struct found *f);

#endif
