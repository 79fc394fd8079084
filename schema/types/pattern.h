/* Pattern: what a value looks like, as a PCRE2 expression over UTF-8 (letters are
 * letters of any script). A group named "value" is the value; without one the whole
 * match is.
 *
 * Patterns come with the configuration, and text from papers: matching gives up
 * after a bounded number of steps in all, and then finds nothing. Threads may share one. */
#ifndef TRAM_SCHEMA_PATTERN_H
#define TRAM_SCHEMA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { PATTERN_BYTES_MAX = 1000 };

struct pattern;

/* Bytes of the text: [from, to). */
struct span {
    size_t from, to;
};

/* ERR_REFUSED says what is wrong and at which byte. On failure *out is NULL. */
int pattern_create(struct pattern **out, const char *expression, struct err *e);
void pattern_destroy(struct pattern *p); /* NULL is fine */

const char *pattern_expression(const struct pattern *p);

/* The first value at or behind byte `from`, which must begin a letter; text that is
 * not UTF-8 holds none. `^` and `$` are the text's ends. */
bool pattern_find(const struct pattern *p, const char *text, size_t count, size_t from,
                  struct span *value);

/* The same from the text's beginning, and the match is all of it. */
bool pattern_is_all(const struct pattern *p, const char *text, size_t count);

#endif
