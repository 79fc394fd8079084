/* Format: a reading in the forms that other programs take.
 *
 *   text   the page's text; a form feed between pages
 *   json   JSON Lines, an object a page
 *   hocr   hOCR 1.2: HTML with boxes
 *   alto   ALTO 4.2: XML with boxes
 *   tsv    Tesseract's twelve columns
 *
 * Boxes are in pixels of the original as it lies in the file. Pure: bytes in,
 * bytes out. */
#ifndef TRAM_OCR_FORMAT_H
#define TRAM_OCR_FORMAT_H

#include "ocr/reading.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HOCR, FORMAT_ALTO, FORMAT_TSV };

/* False: there is no such format. */
bool format_from_name(const char *name, enum format *out);

/* What a page of READING_TEXT_MAX and LAYOUT_WORDS_MAX may become. */
#define FORMAT_BYTES_MAX (32u << 20)

struct format_page {
    const char *file; /* any bytes: what is no text is shown as U+FFFD */
    uint32_t page;    /* in the file, from 1 */
    uint32_t number;  /* in the output, from 1 */
    const struct reading *reading;
};

/* Before the first page, for each page, after the last: each appends. `file` is
 * the one that all pages are of, or NULL. */
void format_begin(enum format f, const char *file, struct buffer *out);
void format_page(enum format f, const struct format_page *p, struct buffer *out);
void format_end(enum format f, struct buffer *out);

/* JSON only, and nothing in the others: what was not read, and why in a word.
 * `page` 0: all of the file. */
void format_refusal(enum format f, const char *file, uint32_t page, const char *why,
                    struct buffer *out);

#endif
