/* Truth: what stands on the pages, for whoever judges a reader.
 *
 * ID.txt: the text in one right order, a line for each paragraph, cell row or line
 * of a column; pages divided by a form feed. ID.json: one object,
 *   "zones":  [[order, order, …], …]  every right order of each part of the page
 *   "words":  [{"page", "text", "box": [left, top, width, height]}, …]  in pixels
 *   "fields": {name: value as printed, …}
 *   "stamps": [{"page", "text", "box"}]
 * and kind, age, tone, dpi, width, height, skew, font, pages. */
#ifndef TRAM_PAGES_TRUTH_H
#define TRAM_PAGES_TRUTH_H

#include "tests/pages/age.h"
#include "tests/pages/paper.h"

struct truth {
    const char *id, *age, *tone;
    const struct paper *paper;
    const struct picture *pictures; /* as many as the paper has sheets */
    int first, count;               /* the sheets that are told */
};

/* Writes `path` ".txt" and ".json". */
int truth_write(const struct truth *t, const char *path, struct err *e);

#endif
