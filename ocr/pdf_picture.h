/* PDF picture: an image XObject of a form that we know, to pixels: JPEG and fax
 * bytes go to their own decoders untouched; plain grey and RGB samples are taken
 * as they are. In the cage only. */
#ifndef TRAM_OCR_PDF_PICTURE_H
#define TRAM_OCR_PDF_PICTURE_H

#include <qpdf/qpdf-c.h>

#include "ocr/opener.h"

/* OPENED_NEEDS_DRAWING for all forms that we do not know, and for bytes that our
 * decoders will not have: the program that draws may know better. */
enum opened pdf_picture_open(qpdf_data q, qpdf_oh picture, struct opened_page *out);

/* The file that an image XObject in JPEG is; the caller frees it. NULL for other forms,
 * and for one that is shown otherwise than its decoder gives it. */
unsigned char *pdf_picture_jpeg(qpdf_data q, qpdf_oh picture, size_t *count);

#endif
