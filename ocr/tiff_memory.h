/* TIFF memory: libtiff's handle on a file that is bytes in memory. It opens no file,
 * and says nothing on stderr. */
#ifndef TRAM_OCR_TIFF_MEMORY_H
#define TRAM_OCR_TIFF_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <tiffio.h>

struct tiff_memory {
    const uint8_t *bytes;
    size_t count, at;
};

/* NULL: no TIFF, or no memory. The caller's to TIFFClose(), before *m goes. */
TIFF *tiff_memory_open(struct tiff_memory *m);

#endif
