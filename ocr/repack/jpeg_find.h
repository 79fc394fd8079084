/* JPEG find: whole JPEG streams in any bytes: a JPEG file, those that a PDF or a tar
 * holds as they are. Pure; fuzzed (fuzz_packed).
 *
 * Found is what runs from SOI through well-formed markers, one frame (baseline or
 * progressive, Huffman coded, not too many pixels) and at least one scan to EOI. What
 * it depicts is the transcoder's to judge: one that it refuses stays as it is. */
#ifndef TRAM_OCR_JPEG_FIND_H
#define TRAM_OCR_JPEG_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The transcoder takes some 20 bytes a pixel (transcode.c); A3 at 300 dpi is within. */
#define JPEG_FIND_PIXELS_MAX 20000000u
#define JPEG_FIND_BYTES_MIN  1024u /* less is not worth the transcoder's start */

struct jpeg_finder {
    const uint8_t *bytes;
    size_t count;
    size_t at;
    size_t patience; /* bytes that may still be walked in vain */
};

/* `bytes` must outlive it. */
void jpeg_finder_init(struct jpeg_finder *f, const void *bytes, size_t count);

/* The next one: its place and size. False: there is none. */
bool jpeg_finder_next(struct jpeg_finder *f, size_t *at, size_t *count);

#endif
