/* Surname: the first word of a name, of which there are few. One that none is called but
 * for its accents ("Tran", "Đỉnh") is spelled as the one surname that it can be; one that
 * is known, or that several are near to, is left as it was read. Pure. */
#ifndef TRAM_OCR_FIELDS_SURNAME_H
#define TRAM_OCR_FIELDS_SURNAME_H

#include "base/buffer.h"

/* Appends the name with its surname in place; false: nothing is to be spelled
 * otherwise, and nothing is appended. */
bool surname_mend(const char *name, struct buffer *out);

/* Whether the word is a usual surname, to the letter. */
bool surname_is(const char *word, size_t bytes);

/* Whether a name that begins with the word has lost its surname: nobody is called so. */
bool surname_is_missing(const char *word, size_t bytes);

#endif
