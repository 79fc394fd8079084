/* View: a page's picture for a screen, a JPEG of a moderate size. In the cage only: a
 * browser gets no byte of an original. */
#ifndef TRAM_OCR_VIEW_H
#define TRAM_OCR_VIEW_H

#include "ocr/opener.h"

/* Upright by `quarter_turns`, its longer side VIEW_SIDE_MAX pixels at most. */
enum refusal view_make(const struct opened_page *page, unsigned quarter_turns,
                       struct buffer *out);

#endif
