/* Snippet: one line of a text around what was found in it. */
#ifndef TRAM_SCHEMA_SEARCH_SNIPPET_H
#define TRAM_SCHEMA_SEARCH_SNIPPET_H

#include "base/buffer.h"
#include "schema/search/query.h"

#define SNIPPET_CHARACTERS_MAX 120

/* Bytes that any snippet fits in: see snippet.c. */
#define SNIPPET_BYTES_MAX 8192

/* Appends the part of the text that shows most of the phrases, cut at words with …
 * where it is cut, hits between SEARCH_HIT_BEGIN and _END. Controls and line ends
 * are blanks, blanks are one blank, bytes that are not UTF-8 are U+FFFD. A combining
 * mark stays with its letter. Without spans it is the beginning of the text. */
void snippet_append(struct buffer *out, const char *text, size_t bytes,
                    const struct search_spans *spans);

#endif
