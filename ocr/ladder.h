/* Ladder: which attempts to make at a page. The look at it picks the first; a reading
 * that doubts itself is tried another way, as long as the page's time lasts, and the
 * attempts become one reading: the worthier one, with the words that the other was
 * surer of. A clean page takes one attempt. */
#ifndef TRAM_OCR_LADDER_H
#define TRAM_OCR_LADDER_H

#include "ocr/found.h"
#include "ocr/rungs.h"
#include "ocr/turn.h"

#define LADDER_TELLS_BYTES 112

struct ladder {
    struct shared_steps *shared;
    int dpi; /* of shared->grey */
    enum reading_way way;
    bool climb;    /* false: one plain attempt */
    bool recovers; /* lines that no attempt read are read on their own */
    struct page_reader reader;
    struct page_reader line_reader; /* of a line cut out of the page */
    /* The reader's, which reads tables by cells. After a read: once is enough. */
    bool (*has_table)(void *context);
    /* Whether a picture has one, before it is read. */
    int (*shows_table)(void *context, struct Pix *pix, int dpi, bool *out, struct err *e);
};

struct ladder_report {
    unsigned turns;         /* quarter turns that were made, clockwise */
    struct recipe recipe;   /* of the attempt that won */
    uint32_t width, height; /* of the picture that boxes are told in */
    char
        tells[LADDER_TELLS_BYTES]; /* "calm 1.02, *sharp 0.93, uncovered 0.09, words 7.0":
                                     * each attempt's seconds, the winner, those of what
                                     * no word covered, words from the others */
};

/* `depth`: bits of the page as it came. *out is empty before. */
int ladder_climb(const struct ladder *l, int depth, struct found *out,
                 struct ladder_report *report, struct err *e);

#endif
