/* Ladder: which attempts to make at a page. The look at it picks the first; a reading
 * that doubts itself is tried another way, as long as the page's time lasts, and the
 * attempts become one reading: the worthier one, with the words that the other was
 * surer of. A clean page takes one attempt. */
#ifndef TRAM_OCR_LADDER_H
#define TRAM_OCR_LADDER_H

#include "ocr/found.h"
#include "ocr/image/steps.h"
#include "ocr/turn.h"

#define LADDER_ATTEMPTS_MAX 3
#define LADDER_TELLS_BYTES  96

struct ladder {
    struct shared_steps *shared;
    int dpi;    /* of shared->grey */
    bool climb; /* false: one plain attempt */
    struct page_reader reader;
    /* The reader's, which reads tables by cells. After a read: once is enough. */
    bool (*has_table)(void *context);
    /* Whether a picture has one, before it is read. */
    int (*shows_table)(void *context, struct Pix *pix, int dpi, bool *out, struct err *e);
};

struct ladder_report {
    unsigned turns;                 /* quarter turns that were made, clockwise */
    struct recipe recipe;           /* of the attempt that won */
    uint32_t width, height;         /* of the picture that boxes are told in */
    char tells[LADDER_TELLS_BYTES]; /* "calm 1.02, *sharp 0.93, words 7.0": each attempt's
                                     * seconds, the winner, words from the others */
};

/* `depth`: bits of the page as it came. *out is empty before. */
int ladder_climb(const struct ladder *l, int depth, struct found *out,
                 struct ladder_report *report, struct err *e);

/* The attempts that a look leads to, best first; how many. Pure. */
struct rung {
    const char *name;
    struct recipe recipe;
};
size_t ladder_plan(const struct page_look *look, int dpi,
                   struct rung out[LADDER_ATTEMPTS_MAX]);

#endif
