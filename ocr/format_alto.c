/* ALTO 4.2. The schema has no tables, only blocks within blocks: a table is a
 * ComposedBlock of TYPE "table" with those of TYPE "row" and "cell" in it, which is
 * how others write them too. Its cells' spans have no place there; JSON and hOCR tell
 * them. What the recogniser had said of a changed word is its ALTERNATIVE. */
#include <string.h>

#include "ocr/format_parts.h"

struct writing {
    const struct format_page *page;
    struct buffer *out;
};

static void append_content(struct buffer *out, const struct branch *word)
{
    buffer_append_format(out, " WC=\"%d.%02d\" CONTENT=\"", word->box.confidence / 100,
                         word->box.confidence % 100);
    format_append_xml(out, word->text, word->text_bytes);
    if (word->change == NULL) {
        buffer_append_text(out, "\"/>\n");
        return;
    }
    buffer_append_text(out, "\"><ALTERNATIVE PURPOSE=\"recognised\">");
    format_append_xml(out, word->change->was, strlen(word->change->was));
    buffer_append_text(out, "</ALTERNATIVE></String>\n");
}

static void on_open(void *arg, const struct branch *b)
{
    static const char *const begins[] = {
        [BRANCH_BLOCK] = "    <ComposedBlock ID=\"block",
        [BRANCH_PARAGRAPH] = "     <TextBlock ID=\"par",
        [BRANCH_LINE] = "      <TextLine ID=\"line",
        [BRANCH_WORD] = "       <String ID=\"word",
        [BRANCH_TABLE] = "    <ComposedBlock TYPE=\"table\" ID=\"table",
        [BRANCH_ROW] = "    <ComposedBlock TYPE=\"row\" ID=\"row",
        [BRANCH_CELL] = "    <ComposedBlock TYPE=\"cell\" ID=\"cell",
    };
    const struct writing *w = arg;

    if (b->kind == BRANCH_WORD && !b->first_in_line)
        buffer_append_text(w->out, "       <SP/>\n");
    buffer_append_format(w->out,
                         "%s_%u_%u\" HPOS=\"%d\" VPOS=\"%d\" WIDTH=\"%d\" HEIGHT=\"%d\"",
                         begins[b->kind], w->page->number, b->number, b->box.left,
                         b->box.top, b->box.width, b->box.height);
    if (b->kind == BRANCH_WORD)
        append_content(w->out, b);
    else
        buffer_append_text(w->out, ">\n");
}

static void on_close(void *arg, const struct branch *b)
{
    static const char *const ends[] = {
        [BRANCH_BLOCK] = "    </ComposedBlock>\n",
        [BRANCH_PARAGRAPH] = "     </TextBlock>\n",
        [BRANCH_LINE] = "      </TextLine>\n",
        [BRANCH_WORD] = "",
        [BRANCH_TABLE] = "    </ComposedBlock>\n",
        [BRANCH_ROW] = "    </ComposedBlock>\n",
        [BRANCH_CELL] = "    </ComposedBlock>\n",
    };
    const struct writing *w = arg;

    buffer_append_text(w->out, ends[b->kind]);
}

/* The schema has a place for one file's name, and none for a page's own. */
void format_alto_begin(const char *file, struct buffer *out)
{
    buffer_append_text(
        out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alto xmlns=\""
             "http://www.loc.gov/standards/alto/ns-v4#\" SCHEMAVERSION=\"4.2\">\n"
             " <Description>\n"
             "  <MeasurementUnit>pixel</MeasurementUnit>\n");
    if (file != NULL) {
        buffer_append_text(out, "  <sourceImageInformation>\n   <fileName>");
        format_append_xml(out, file, strlen(file));
        buffer_append_text(out, "</fileName>\n  </sourceImageInformation>\n");
    }
    buffer_append_text(out, "  <Processing ID=\"ocr\">\n   <processingSoftware>\n"
                            "    <softwareName>tram-ocr</softwareName>\n"
                            "    <softwareVersion>" TRAM_VERSION "</softwareVersion>\n"
                            "   </processingSoftware>\n  </Processing>\n"
                            " </Description>\n <Layout>\n");
}

void format_alto_page(const struct format_page *p, struct buffer *out)
{
    const struct layout *l = &p->reading->layout;
    struct writing w = {p, out};

    buffer_append_format(out,
                         "  <Page ID=\"page_%u\" PHYSICAL_IMG_NR=\"%u\" WIDTH=\"%u\" "
                         "HEIGHT=\"%u\">\n   <PrintSpace HPOS=\"0\" VPOS=\"0\" "
                         "WIDTH=\"%u\" HEIGHT=\"%u\">\n",
                         p->number, p->page, l->width, l->height, l->width, l->height);
    format_tree_walk(format_text(p->reading), l, on_open, on_close, &w);
    buffer_append_text(out, "   </PrintSpace>\n  </Page>\n");
}

void format_alto_end(struct buffer *out)
{
    buffer_append_text(out, " </Layout>\n</alto>\n");
}
