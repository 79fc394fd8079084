/* Leaders: the dotted lines of forms that names and dates are written on. They break
 * the lines of letters above them apart; nobody reads them. */
#ifndef TRAM_OCR_LEADERS_H
#define TRAM_OCR_LEADERS_H

#include <stddef.h>

#include "base/err.h"

struct Pix;

/* A copy of the picture (8 bits, upright) without its dotted and dashed leaders, or
 * the picture itself if it has none; the caller's. *dots is how many were taken.
 * Points, dots of letters and short ellipses stay: a leader is long, level, and its
 * dots are alike and evenly spaced. */
int leaders_erase(struct Pix **out, struct Pix *pix, int dpi, size_t *dots,
                  struct err *e);

#endif
