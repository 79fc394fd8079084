/* Facsimile words: why there is no copy, as a sentence. */
#ifndef TRAM_APPLIANCE_FACSIMILE_WORDS_H
#define TRAM_APPLIANCE_FACSIMILE_WORDS_H

#include "appliance/facsimile.h"

/* Appends it; `c` has no pages. */
void facsimile_why_not(struct buffer *out, const struct facsimile *c,
                       enum language language);

#endif
