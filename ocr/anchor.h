/* Anchors: what a person corrected in one reading of a page, carried over into another
 * reading of it. Boxes tell which words are the same: they are pixels of the original,
 * however the page was turned.
 *
 * Words of the two readings that lie on one another hang together, across splits and
 * joins: "quyết" beside "quy" and "ết". What hangs together with a corrected word says
 * afterwards what the person saw there: as many words as before get one each; else the
 * first gets all, and the others are removed. A correction where the new reading has no
 * word is told too: nothing that a person did goes in silence. */
#ifndef TRAM_OCR_ANCHOR_H
#define TRAM_OCR_ANCHOR_H

#include "ocr/layout.h"

/* A reading: as many words in the text as in the layout. */
struct anchor_reading {
    const char *text;
    const struct layout *layout;
};

/* By word, ascending, one a word. `text` may hold spaces; '' removes the word. */
struct anchor_correction {
    uint32_t word;
    const char *text;
};

/* In the new reading; the texts are valid during the call. Of a correction that found no
 * place `word` is ANCHOR_NOWHERE, and `was` the old reading's word. */
#define ANCHOR_NOWHERE UINT32_MAX
struct anchored {
    uint32_t word;
    const char *was, *text; /* equal: the person's word, read right this time */
};

/* Calls `each` for every correction to be made in `to`, a word at most once. ERR_CORRUPT:
 * text and layout do not agree, or a correction of a word that is not there. */
int anchor_corrections(const struct anchor_reading *from, const struct anchor_reading *to,
                       const struct anchor_correction *corrections, size_t count,
                       int (*each)(void *arg, const struct anchored *a, struct err *e),
                       void *arg, struct err *e);

#endif
