/* Characters of a word, and which of them are marks. */
#ifndef TRAM_OCR_MARKS_UTF8_H
#define TRAM_OCR_MARKS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Read for dashes. */
#define MARKS_DASHES "-–—=~_¬"
/* Never printed alone in an office paper: specks, streaks and rules are read so. */
#define MARKS_NOISE "_|¬^ˆ`~‹›„°©®¡¿«»'‘"
/* Printed alone, if rarely. */
#define MARKS_PRINTED "-–—="

/* Bytes of the character that `at` begins with; 0 at the end. */
size_t marks_bytes(const char *at);

/* Whether the character at `at` is one of those in `set`. */
bool marks_in(const char *at, const char *set);

bool marks_only_of(const char *text, const char *set);
bool marks_some_of(const char *text, const char *set);

/* A letter or digit: what is neither ASCII's punctuation nor a mark known here. */
bool marks_is_letter(const char *at);
bool marks_has_letters(const char *text);

/* So many dots that they lead to something, or were to be written upon. */
bool marks_is_leader(const char *text);

#endif
