/* Plain: a text as somebody types it who has no accents: folded words with a space
 * between, commas where they were. */
#ifndef TRAM_TESTS_LIB_PLAIN_H
#define TRAM_TESTS_LIB_PLAIN_H

#include <stddef.h>

void plain_text(char *out, size_t room, const char *text);

#endif
