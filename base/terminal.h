/* Terminal: text that others wrote, as a terminal may have it: controls (C0 but those
 * in `kept`, DEL, C1) and what is not UTF-8 become U+FFFD, so that a name can neither
 * begin a line nor command the terminal. */
#ifndef TRAM_BASE_TERMINAL_H
#define TRAM_BASE_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/messages.h"

void terminal_append(struct buffer *out, const char *text, size_t count,
                     const char *kept);

/* Appends a snippet whose hits stand between the bytes `begin` and `end`: in bold, or
 * as the rest. */
void terminal_append_hits(struct buffer *out, const char *snippet, char begin, char end,
                          bool bold);

/* Writes text to `to`: cleaned if that is a terminal; a file or a pipe gets what is
 * there. The caller looks at the stream. */
void terminal_write(FILE *to, bool is_terminal, const char *text, size_t count,
                    const char *kept);

/* Writes a sentence from the table and `end`; "{0}" from the arguments, cleaned. */
void terminal_sentence(FILE *to, enum language language, const char *key,
                       const char *const *args, size_t count, const char *end);

/* The same with arguments as they are: cleaned before, and marked by us since. */
void terminal_sentence_marked(FILE *to, enum language language, const char *key,
                              const char *const *args, size_t count, const char *end);

/* A bar of TERMINAL_BAR_CELLS and its per cent: "█████░░░░░ 50 %". More than all is
 * all; nothing to do is done. */
#define TERMINAL_BAR_CELLS 20
#define TERMINAL_BAR_BYTES (3 * TERMINAL_BAR_CELLS + 8)
void terminal_bar(char out[TERMINAL_BAR_BYTES], uint64_t done, uint64_t all);

#endif
