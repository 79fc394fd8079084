/* TSV: Tesseract's twelve columns; levels are 1 page, 2 block, 3 paragraph, 4 line,
 * 5 word. */
#include "ocr/format_parts.h"

#define LEVEL_PAGE 1

struct writing {
    const struct format_page *page;
    struct buffer *out;
};

static void append_row(const struct writing *w, int level, const struct branch *b)
{
    bool is_word = level > LEVEL_PAGE && b->kind == BRANCH_WORD;

    buffer_append_format(w->out, "%d\t%u\t%u\t%u\t%u\t%u\t%d\t%d\t%d\t%d\t%d\t", level,
                         w->page->number, b->block, b->paragraph, b->line, b->word,
                         b->box.left, b->box.top, b->box.width, b->box.height,
                         is_word ? b->box.confidence : -1);
    if (is_word)
        format_append_clean(w->out, b->text, b->text_bytes);
    buffer_append_byte(w->out, '\n');
}

/* Tesseract knows no rows and cells: a table is a block, a cell's text a paragraph. */
static void on_open(void *arg, const struct branch *b)
{
    switch (b->kind) {
    case BRANCH_BLOCK:
    case BRANCH_TABLE:
        append_row(arg, 2, b);
        break;
    case BRANCH_PARAGRAPH:
        append_row(arg, 3, b);
        break;
    case BRANCH_LINE:
        append_row(arg, 4, b);
        break;
    case BRANCH_WORD:
        append_row(arg, 5, b);
        break;
    case BRANCH_ROW:
    case BRANCH_CELL:
        break;
    }
}

static void on_close(void *arg, const struct branch *b)
{
    (void)arg;
    (void)b;
}

void format_tsv_begin(struct buffer *out)
{
    buffer_append_text(out, "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num"
                            "\tleft\ttop\twidth\theight\tconf\ttext\n");
}

void format_tsv_page(const struct format_page *p, struct buffer *out)
{
    const struct layout *l = &p->reading->layout;
    struct writing w = {p, out};

    append_row(&w, LEVEL_PAGE,
               &(struct branch){.box.width = (int32_t)l->width,
                                .box.height = (int32_t)l->height});
    format_tree_walk(format_text(p->reading), l, on_open, on_close, &w);
}
