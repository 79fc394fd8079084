/* Format parts: what the formats share, and each format's own pieces. Of format*.c
 * only. */
#ifndef TRAM_OCR_FORMAT_PARTS_H
#define TRAM_OCR_FORMAT_PARTS_H

#include "ocr/format.h"
#include "ocr/format_tree.h"

/* U+FFFD for what none of the formats can hold: no UTF-8, control characters, XML's
 * two non-characters. */
void format_append_clean(struct buffer *out, const char *text, size_t count);
/* So too, and with markup's letters as numbers. */
void format_append_xml(struct buffer *out, const char *text, size_t count);

const char *format_text(const struct reading *r); /* "" rather than NULL */

void format_json_page(const struct format_page *p, struct buffer *out);
void format_json_refusal(const char *file, uint32_t page, const char *why,
                         struct buffer *out);

void format_hocr_begin(struct buffer *out);
void format_hocr_page(const struct format_page *p, struct buffer *out);
void format_hocr_end(struct buffer *out);

void format_alto_begin(const char *file, struct buffer *out);
void format_alto_page(const struct format_page *p, struct buffer *out);
void format_alto_end(struct buffer *out);

void format_tsv_begin(struct buffer *out);
void format_tsv_page(const struct format_page *p, struct buffer *out);

#endif
