/* hOCR 1.2, as XHTML, because most of its readers are readers of XML. A table is
 * <table class='ocr_table'>, the specification's float for them, beside the areas of
 * text; its cells hold paragraphs, lines and words as areas do, so that a reader that
 * knows nothing of tables and looks for lines or words finds them all, in order. */
#include <string.h>

#include "ocr/format_parts.h"

struct writing {
    const struct format_page *page;
    struct buffer *out;
};

static void append_title(struct buffer *out, const struct word *box)
{
    buffer_append_format(out, " title='bbox %d %d %d %d", box->left, box->top,
                         box->left + box->width, box->top + box->height);
}

static void append_spans(struct buffer *out, const struct cell *c)
{
    if (c->row_span > 1)
        buffer_append_format(out, " rowspan='%u'", c->row_span);
    if (c->column_span > 1)
        buffer_append_format(out, " colspan='%u'", c->column_span);
}

static void on_open(void *arg, const struct branch *b)
{
    static const char *const begins[] = {
        [BRANCH_BLOCK] = "  <div class='ocr_carea' id='block",
        [BRANCH_PARAGRAPH] = "   <p class='ocr_par' lang='vi' id='par",
        [BRANCH_LINE] = "    <span class='ocr_line' id='line",
        [BRANCH_WORD] = "<span class='ocrx_word' id='word",
        [BRANCH_TABLE] = "  <table class='ocr_table' id='table",
        [BRANCH_ROW] = "  <tr id='row",
        [BRANCH_CELL] = "  <td id='cell",
    };
    const struct writing *w = arg;

    if (b->kind == BRANCH_WORD && !b->first_in_line)
        buffer_append_byte(w->out, ' ');
    buffer_append_format(w->out, "%s_%u_%u'", begins[b->kind], w->page->number,
                         b->number);
    if (b->kind == BRANCH_CELL)
        append_spans(w->out, b->cell);
    append_title(w->out, &b->box);
    if (b->kind == BRANCH_WORD) {
        buffer_append_format(w->out, "; x_wconf %d'>", b->box.confidence);
        format_append_xml(w->out, b->text, b->text_bytes);
    } else {
        buffer_append_text(w->out, b->kind == BRANCH_LINE ? "'>" : "'>\n");
    }
}

static void on_close(void *arg, const struct branch *b)
{
    static const char *const ends[] = {
        [BRANCH_BLOCK] = "  </div>\n",   [BRANCH_PARAGRAPH] = "   </p>\n",
        [BRANCH_LINE] = "</span>\n",     [BRANCH_WORD] = "</span>",
        [BRANCH_TABLE] = "  </table>\n", [BRANCH_ROW] = "  </tr>\n",
        [BRANCH_CELL] = "  </td>\n",
    };
    const struct writing *w = arg;

    buffer_append_text(w->out, ends[b->kind]);
}

void format_hocr_begin(struct buffer *out)
{
    buffer_append_text(
        out, "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE html>\n"
             "<html xmlns='http://www.w3.org/1999/xhtml' xml:lang='vi' lang='vi'>\n"
             "<head>\n <meta charset='utf-8'/>\n <title></title>\n"
             " <meta name='ocr-system' content='tram-ocr " TRAM_VERSION "'/>\n"
             " <meta name='ocr-capabilities' content='ocr_page ocr_carea ocr_par "
             "ocr_line ocrx_word ocr_table'/>\n</head>\n<body>\n");
}

void format_hocr_page(const struct format_page *p, struct buffer *out)
{
    const struct layout *l = &p->reading->layout;
    struct writing w = {p, out};

    buffer_append_format(out, " <div class='ocr_page' id='page_%u' title='image \"",
                         p->number);
    format_append_xml(out, p->file, strlen(p->file));
    buffer_append_format(out, "\"; bbox 0 0 %u %u; ppageno %u; scan_res %u %u'>\n",
                         l->width, l->height, p->page - 1, l->dpi, l->dpi);
    format_tree_walk(format_text(p->reading), l, on_open, on_close, &w);
    buffer_append_text(out, " </div>\n");
}

void format_hocr_end(struct buffer *out)
{
    buffer_append_text(out, "</body>\n</html>\n");
}
