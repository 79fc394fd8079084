/* Fold: text brought down to small letters of a to z and digits, in which anchors are
 * looked for: no accents, no marks, no spaces. A reader breaks words, joins them and
 * misreads tones; what is left of an anchor in here is nearly always whole. Pure. */
#ifndef TRAM_OCR_FIELDS_FOLD_H
#define TRAM_OCR_FIELDS_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#define FOLD_NEEDLE_MAX 96 /* folded letters of an anchor */

/* The folded letters of `text`; at most as many as it has bytes, no NUL. `from`, if not
 * NULL, says of each at which byte its letter begins. Returns how many. */
size_t fold_text(const char *text, size_t bytes, char *out, size_t *from);

struct fold_match {
    size_t at, count;  /* letters of the folded text */
    unsigned distance; /* letters to change, put in or leave out */
};

/* The place in `hay` that is nearest to `needle` (folded, NUL-terminated): the least
 * distance, the first of those. False: none is within distance_max. */
bool fold_find(const char *hay, size_t count, const char *needle, unsigned distance_max,
               struct fold_match *out);

/* So too, but it begins with the text. */
bool fold_begins(const char *hay, size_t count, const char *needle, unsigned distance_max,
                 struct fold_match *out);

/* The whole text is the needle, but for the distance. */
bool fold_is(const char *hay, size_t count, const char *needle, unsigned distance_max,
             struct fold_match *out);

/* What an anchor of that length may be off by: nothing below four letters, one below
 * eight, then one more for every six. */
unsigned fold_tolerance(const char *needle);

#endif
