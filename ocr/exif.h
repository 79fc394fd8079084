/* Exif: which way up a camera held a JPEG, as it says in its APP1 segment. Pure:
 * bytes in, a number out; every length is distrusted.
 *
 *   ff d8 | ff e1 length "Exif\0\0" TIFF: "II*\0" or "MM\0*", offset ─► count u16 |
 *   count × (tag u16 type u16 count u32 value u32), tag 0x0112 a SHORT of 1..8 */
#ifndef TRAM_OCR_EXIF_H
#define TRAM_OCR_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* 1 to 8 as TIFF numbers them (ocr/upright.h); 1, as it lies, if it says nothing that
 * makes sense. */
unsigned exif_orientation(const uint8_t *jpeg, size_t count);

#endif
