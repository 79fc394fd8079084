#include "ocr/format.h"

#include <string.h>

#include "ocr/format_parts.h"

bool format_from_name(const char *name, enum format *out)
{
    static const char *const names[] = {
        [FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_HOCR] = "hocr",
        [FORMAT_ALTO] = "alto", [FORMAT_TSV] = "tsv",   [FORMAT_PDF] = "pdf",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum format)i;
            return true;
        }
    return false;
}

static void text_page(const struct format_page *p, struct buffer *out)
{
    if (p->number > 1)
        buffer_append_byte(out, '\f');
    buffer_append_text(out, format_text(p->reading));
    buffer_append_byte(out, '\n');
}

void format_begin(enum format f, const char *file, struct buffer *out)
{
    switch (f) {
    case FORMAT_TEXT:
    case FORMAT_JSON:
    case FORMAT_PDF:
        break;
    case FORMAT_HOCR:
        format_hocr_begin(out);
        break;
    case FORMAT_ALTO:
        format_alto_begin(file, out);
        break;
    case FORMAT_TSV:
        format_tsv_begin(out);
        break;
    }
}

void format_page(enum format f, const struct format_page *p, struct buffer *out)
{
    switch (f) {
    case FORMAT_TEXT:
        text_page(p, out);
        break;
    case FORMAT_JSON:
        format_json_page(p, out);
        break;
    case FORMAT_HOCR:
        format_hocr_page(p, out);
        break;
    case FORMAT_ALTO:
        format_alto_page(p, out);
        break;
    case FORMAT_TSV:
        format_tsv_page(p, out);
        break;
    case FORMAT_PDF:
        break;
    }
}

void format_end(enum format f, struct buffer *out)
{
    if (f == FORMAT_HOCR)
        format_hocr_end(out);
    else if (f == FORMAT_ALTO)
        format_alto_end(out);
}

void format_refusal(enum format f, const char *file, uint32_t page, const char *why,
                    struct buffer *out)
{
    if (f == FORMAT_JSON)
        format_json_refusal(file, page, why, out);
}
