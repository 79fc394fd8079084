/* Stop: full stops, commas, colons and semicolons that cannot stand where they do,
 * where the recogniser offered one that can: a speck makes one of the other. Pure. */
#ifndef TRAM_OCR_LANGUAGE_STOP_H
#define TRAM_OCR_LANGUAGE_STOP_H

#include "ocr/found.h"

/* Gives how many words it changed that were as they were written. */
size_t stop_choose(struct found *f);

#endif
