/* Picture: a page's picture as a searchable copy holds it. In the cage only.
 *
 * The bytes of a JPEG, be it the original or the one picture of a PDF's page, go in as
 * they are, if every viewer shows them alike (struct structure, is_usual). What is of
 * one bit is coded bit for bit; anything else, and what had to be drawn or was larger
 * than a page that we read, is a JPEG of what we read. */
#ifndef TRAM_OCR_COPY_PICTURE_H
#define TRAM_OCR_COPY_PICTURE_H

#include "ocr/opener.h"

/* True: page `page` of the document at `fd` needs no decoding, and `out` (empty) holds
 * it, as picture_form.h says. Nothing is said about why not. */
bool copy_picture_untouched(int fd, uint32_t page, struct buffer *out);

/* Codes an opened page. The buffer's failure sticks; REFUSAL_OUT_OF_MEMORY. */
enum refusal copy_picture_coded(const struct opened_page *page, struct buffer *out);

#endif
