/* Format: a reading in the forms that other programs take.
 *
 *   text   the page's text; a form feed between pages
 *   json   JSON Lines, an object a page (below)
 *   hocr   hOCR 1.2: XHTML with boxes, tables as such
 *   alto   ALTO 4.2: XML with boxes, tables as blocks in blocks
 *   tsv    Tesseract's twelve columns
 *   pdf    a searchable copy (run_copy.h): no text, and none of what is below
 *
 * Boxes are in pixels of the original as it lies in the file; a line's or a block's
 * is the one around its words. Pure: bytes in, bytes out.
 *
 * A page in JSON, with "box" as [left, top, width, height] and a run of words as
 * "first" (a word's number, from 0) and "count":
 *
 *   file, page, width, height, dpi, rotation, skew (degrees), text, engine, ms
 *   words    [{text, box, confidence}]
 *   lines    [{box, first, count}]
 *   blocks   [{box, first, count}], tables among them
 *   tables   [{box, rows: [{box, cells: [{row, column, row_span, column_span, text,
 *              box, first, count}]}]}]
 *   changes  [{word, kind: language|join|mark, was: what the recogniser said}]
 *   alternatives  [{word, texts: [what else the recogniser offered, best first]}]
 *   fields   [{name, ordinal, value, box, confidence, rule}]: what this page says of
 *            its document (ocr/fields/fields.h) */
#ifndef TRAM_OCR_FORMAT_H
#define TRAM_OCR_FORMAT_H

#include "ocr/reading.h"

enum format {
    FORMAT_TEXT,
    FORMAT_JSON,
    FORMAT_HOCR,
    FORMAT_ALTO,
    FORMAT_TSV,
    FORMAT_PDF
};

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
