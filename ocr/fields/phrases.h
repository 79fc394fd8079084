/* Phrases: what heads and signatures say in the same words on every paper ("ỦY BAN NHÂN
 * DÂN", "KT. CHỦ TỊCH"), spelled as it is printed where the reader missed an accent or a
 * letter of it. Names are left as they were read. Whoever uses it says so in the rule.
 * Pure. */
#ifndef TRAM_OCR_FIELDS_PHRASES_H
#define TRAM_OCR_FIELDS_PHRASES_H

#include "base/buffer.h"

/* Appends the value in its place; true if anything is spelled otherwise. */
bool phrases_mend(const char *value, struct buffer *out);

/* A number that can only be of digits, where letters look like them ("1Š", "T0", "L1"):
 * appends the digits. False: it holds what looks like none. */
bool phrases_digits(const char *text, size_t bytes, struct buffer *out);

#endif
