/* Join: a syllable that the recogniser split in two ("tị ch") put together again.
 * Pure. */
#ifndef TRAM_OCR_LANGUAGE_JOIN_H
#define TRAM_OCR_LANGUAGE_JOIN_H

#include "ocr/found.h"

/* Joins neighbours where one is no syllable by itself, both together are a known one,
 * and little room is between them. Gives how many pairs there were. */
size_t join_syllables(struct found *f);

#endif
