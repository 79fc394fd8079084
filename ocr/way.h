/* Way: how a page is to be read. The usual one looks at the page and climbs the ladder
 * as far as the reading doubts itself; the others are for a person who has seen what
 * came of that and asks for another. */
#ifndef TRAM_OCR_WAY_H
#define TRAM_OCR_WAY_H

#include <stdbool.h>

enum reading_way {
    WAY_USUAL,
    WAY_PLAIN,  /* once, with nothing done to the page but turning it straight */
    WAY_WORN,   /* as worn paper: every cleaning is tried */
    WAY_COLUMN, /* one column of lines of any size */
    WAY_BLOCK,  /* one block of even lines */
};
#define WAY_LAST WAY_BLOCK

/* "usual", "plain", "worn", "column", "block". */
const char *way_name(enum reading_way way);

/* false: no such name. */
bool way_find(const char *name, enum reading_way *out);

#endif
