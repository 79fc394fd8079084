/* Repack: an original's bytes in fewer, and back, byte for byte. JPEG files and the
 * JPEG streams inside PDFs become JPEG XL (its lossless transcoding); what lies
 * between them is kept, compressed by zstd where that helps. Everything here reads
 * hostile bytes and is only ever called inside the cage. */
#ifndef TRAM_OCR_REPACK_H
#define TRAM_OCR_REPACK_H

#include <stdbool.h>

#include "ocr/refusal.h"
#include "ocr/repack/packed.h"

/* Writes the packed form of the document at `fd` to `out_fd`. *gained false: it
 * would not be smaller by REPACK_GAIN_MIN_PERCENT, and what was written, often
 * nothing, is to be forgotten. The caller proves it by repack_restore() in a second child and the
 * original's SHA-256 before anything rests on it. */
enum refusal repack_pack(int fd, int out_fd, bool *gained);

/* The original again, to `out_fd`; at most the size that the packed form's head
 * says. REFUSAL_DAMAGED: not a packed form, or a broken one. */
enum refusal repack_restore(int fd, int out_fd);

/* Loads what would otherwise be loaded lazily. In the parent. */
void repack_warm(void);

#endif
