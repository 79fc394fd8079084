/* Phrases: invented Vietnamese from phrases.txt (see its head for the notation).
 *
 * A symbol does not give the same alternative twice on one paper until all have
 * been used. Text comes out in NFC. Whoever asks for a symbol that does not exist
 * gets an error that names it. */
#ifndef TRAM_PAGES_PHRASES_H
#define TRAM_PAGES_PHRASES_H

#include "base/buffer.h"
#include "base/err.h"
#include "tests/pages/random.h"

#define PHRASE_BYTES_MAX 4096

struct phrases;

int phrases_create(struct phrases **out, struct err *e);
void phrases_destroy(struct phrases *p); /* NULL is fine */

/* Begins a new paper: forgets the variables and what was used. */
void phrases_clear(struct phrases *p);

/* Sets a variable, which hides the symbol of that name. Copies both. */
int phrases_set(struct phrases *p, const char *name, const char *value, struct err *e);

/* Sets it to what `template` gives. */
int phrases_draw(struct phrases *p, struct random *r, const char *name,
                 const char *template, struct err *e);

/* The value of a variable, or "" when it was not set. Lives until it changes. */
const char *phrases_get(const struct phrases *p, const char *name);

/* Writes the filled-in template, NUL-terminated, over what `out` held. */
int phrases_fill(struct phrases *p, struct random *r, struct buffer *out,
                 const char *template, struct err *e);

#endif
