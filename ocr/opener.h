/* Opener: what a caged child does with a document's bytes. Everything here reads
 * hostile bytes and is only ever called inside the cage. */
#ifndef TRAM_OCR_OPENER_H
#define TRAM_OCR_OPENER_H

#include "ocr/reading.h"

struct Pix;

#define PIXELS_MAX                                                                       \
    100000000u /* of a picture as it lies in the file: 30,000² is refused */
#define PAGE_PIXELS_MAX                                                                  \
    9000000u /* of a page as it is read: larger ones are scaled down */

/* By magic bytes, then by the decoder's own look at the structure: counts pages,
 * notices what is empty, cut off, encrypted, or of no kind that we open. */
void document_identify(int fd, struct identity *out);

enum opened {
    OPENED,
    OPENED_NEEDS_DRAWING, /* a PDF page that is more than one picture: the parent
                           * has pdftoppm draw it in a cage of its own, and asks
                           * again with the drawn page (a PNM) as the document */
    OPENED_REFUSED,
};

struct opened_page {
    struct Pix *
        pix; /* as in the file (1, 8 or 32 bits), scaled to PAGE_PIXELS_MAX; the caller's */
    uint32_t width, height; /* in the file, before scaling */
    /* As the file says, or estimated from A4 when it lies; with OPENED_NEEDS_DRAWING
     * that of the pictures it is made of (0: nothing says so). */
    uint32_t dpi;
    enum refusal refusal; /* with OPENED_REFUSED */
};

/* Page `page` (from 0) of a picture or PDF. A PDF page that is one picture gives
 * the picture's own bytes to its decoder; nothing is drawn. */
enum opened page_open(int fd, uint32_t page, struct opened_page *out);

/* Caps of archives: entries, bytes in all, and bytes out per byte in (the ratio
 * counts from 1 MiB of output on). */
#define ARCHIVE_ENTRIES_MAX 10000u
#define ARCHIVE_BYTES_MAX   (4ull << 30)
#define ARCHIVE_RATIO_MAX   200u

/* Writes the entry stream of reading.h to out_fd: regular files only, through
 * libarchive's read functions for zip and tar with gzip or zstd, nothing else
 * enabled; links and devices, absolute names and ".." end that entry with their
 * refusal, and the next one goes on; directories are passed over in silence. */
void archive_unpack(int fd, int out_fd);

#endif
