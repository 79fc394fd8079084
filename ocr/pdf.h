/* PDF: counts pages, and gets at the one picture that a scanned page is made of,
 * with libqpdf. Draws nothing, runs nothing, opens no file. In the cage only. */
#ifndef TRAM_OCR_PDF_H
#define TRAM_OCR_PDF_H

#include "ocr/opener.h"

bool pdf_begins(const uint8_t *bytes, size_t count);

/* REFUSAL_ENCRYPTED: needs a password (one that only forbids printing does not).
 * REFUSAL_CUT_OFF: the end is missing. REFUSAL_DAMAGED, _NO_PAGES, _TOO_LARGE. */
enum refusal pdf_count_pages(const uint8_t *bytes, size_t count, uint32_t *pages);

/* OPENED if the page is one upright picture that fills it and whose form we know;
 * its bytes go to the picture's decoder as they are. */
enum opened pdf_open_page(const uint8_t *bytes, size_t count, uint32_t page,
                          struct opened_page *out);

/* A page of the same kind whose picture is a JPEG: the file as it lies in the PDF, and
 * how it is shown. False if it is not. The caller frees the bytes. */
struct pdf_jpeg {
    unsigned char *bytes;
    size_t count;
    unsigned turns; /* clockwise */
};
bool pdf_take_jpeg(const uint8_t *bytes, size_t count, uint32_t page,
                   struct pdf_jpeg *out);

#endif
