/* Kind: what a document is, by its first bytes. One answer for whoever identifies,
 * looks at and reads it: a file that can be taken for two kinds is only ever one,
 * so that what was looked at is what is read. */
#ifndef TRAM_OCR_KIND_H
#define TRAM_OCR_KIND_H

#include <stddef.h>
#include <stdint.h>

#include "ocr/reading.h"

#define KIND_HEAD_BYTES 1024 /* what it looks at; fewer for a shorter document */

/* A picture's magic goes before that of an archive, which goes before a PDF's: that
 * one may stand anywhere in the head. MEDIA_UNKNOWN also for a PNM, which only a
 * drawn page is. */
enum media document_kind(const uint8_t *bytes, size_t count);

#endif
