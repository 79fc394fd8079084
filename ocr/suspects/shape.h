/* Shape: whether a word can be what it looks like, told from its characters alone. Pure. */
#ifndef TRAM_OCR_SUSPECTS_SHAPE_H
#define TRAM_OCR_SUSPECTS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/* A mark, or a run of marks, that papers do not print by itself. */
bool shape_is_dirt(const char *text);

/* Digits and letters mixed as no number, measure or code has them, a mark among digits
 * that has nothing to do there, or a day or month that does not exist. `text` holds a
 * digit. */
bool shape_is_bad_number(const char *text);

/* One to three characters, each of which is a digit or often read for one, and not digits
 * alone: "0Ì", "II", "l". */
bool shape_is_like_digits(const char *text);

/* Letters joined by '-', '/', '.', '&' or an apostrophe: "QĐ-UBND", "H'Mông", an address
 * of the net. */
bool shape_is_joined(const char *text);

/* How many of its characters no Vietnamese paper prints: "⁄", "¿", "ÿ". */
size_t shape_strangers(const char *text);

bool shape_has_digit(const char *text);

#endif
