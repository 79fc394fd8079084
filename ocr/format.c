#include "ocr/format.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/words.h"
#include "ocr/format_tree.h"

#define NOT_A_LETTER "\xef\xbf\xbd"

bool format_from_name(const char *name, enum format *out)
{
    static const char *const names[] = {
        [FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_HOCR] = "hocr",
        [FORMAT_ALTO] = "alto", [FORMAT_TSV] = "tsv",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum format)i;
            return true;
        }
    return false;
}

/* --- letters ------------------------------------------------------------- */

/* The letter at `at`, and its bytes; NOT_A_LETTER for what none of the formats can
 * hold (no UTF-8, control characters, XML's two non-characters). */
static const char *clean_letter(const unsigned char *at, size_t left, size_t *taken,
                                size_t *bytes)
{
    utf8proc_int32_t letter = -1;
    utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)left, &letter);

    *taken = n <= 0 ? 1 : (size_t)n;
    if (n <= 0 || letter < ' ' || letter == 0x7f || letter == 0xfffe ||
        letter == 0xffff) {
        *bytes = strlen(NOT_A_LETTER);
        return NOT_A_LETTER;
    }
    *bytes = (size_t)n;
    return (const char *)at;
}

static void append_clean(struct buffer *out, const char *text, size_t count)
{
    const unsigned char *at = (const unsigned char *)text;

    while (count > 0) {
        size_t taken, bytes;
        const char *letter = clean_letter(at, count, &taken, &bytes);

        buffer_append(out, letter, bytes);
        at += taken;
        count -= taken;
    }
}

static void append_xml(struct buffer *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t plain = 0;

        while (i + plain < count && strchr("&<>\"'", text[i + plain]) == NULL)
            plain++;
        append_clean(out, text + i, plain);
        i += plain;
        if (i == count)
            break;
        buffer_append_format(out, "&#%d;", text[i++]);
    }
}

static const char *text_of(const struct reading *r)
{
    return r->text.count == 0 ? "" : (const char *)r->text.bytes;
}

/* --- JSON ---------------------------------------------------------------- */

static int dump(const char *bytes, size_t count, void *out)
{
    buffer_append(out, bytes, count);
    return 0;
}

/* One line; takes the object. NULL: memory ran out while it was made. */
static void append_json(struct buffer *out, json_t *object)
{
    if (object == NULL ||
        json_dump_callback(object, dump, out, JSON_COMPACT | JSON_REAL_PRECISION(6)) != 0)
        out->failed = ERR_MEMORY;
    buffer_append_byte(out, '\n');
    json_decref(object);
}

static json_t *json_clean(const char *text)
{
    struct buffer clean;
    json_t *string;

    buffer_init(&clean, FORMAT_BYTES_MAX);
    append_clean(&clean, text, strlen(text));
    string = json_stringn((const char *)clean.bytes, clean.count);
    buffer_release(&clean);
    return string;
}

static json_t *json_words(const struct reading *r)
{
    const char *text = text_of(r), *word;
    json_t *words = json_array();
    size_t at = 0, bytes;

    for (size_t i = 0; i < r->layout.words_count && words_next(text, &at, &word, &bytes);
         i++) {
        const struct word *w = &r->layout.words[i];
        json_t *object =
            json_pack("{s:s%, s:[i,i,i,i], s:i}", "text", word, bytes, "box", w->left,
                      w->top, w->width, w->height, "confidence", w->confidence);

        (void)json_array_append_new(words, object); /* short of memory: told by none */
    }
    return words;
}

static void json_page(const struct format_page *p, struct buffer *out)
{
    const struct reading *r = p->reading;
    const struct layout *l = &r->layout;

    append_json(out,
                json_pack("{s:o, s:i, s:i, s:i, s:i, s:i, s:f, s:s, s:o, s:s, s:i}",
                          "file", json_clean(p->file), "page", (int)p->page, "width",
                          (int)l->width, "height", (int)l->height, "dpi", (int)l->dpi,
                          "rotation", l->rotation * 90, "skew",
                          l->skew_centidegrees / 100.0, "text", text_of(r), "words",
                          json_words(r), "engine", r->engine, "ms", (int)r->took_ms));
}

void format_refusal(enum format f, const char *file, uint32_t page, const char *why,
                    struct buffer *out)
{
    if (f != FORMAT_JSON)
        return;
    append_json(out,
                json_pack("{s:o, s:o, s:s}", "file", json_clean(file), "page",
                          page == 0 ? json_null() : json_integer(page), "refusal", why));
}

/* --- hOCR ---------------------------------------------------------------- */

static void append_box(struct buffer *out, const struct word *box)
{
    buffer_append_format(out, "bbox %d %d %d %d", box->left, box->top,
                         box->left + box->width, box->top + box->height);
}

static void hocr_open(const struct branch *b, const struct format_page *p,
                      struct buffer *out)
{
    static const char *const begins[] = {
        [BRANCH_BLOCK] = "  <div class='ocr_carea' id='block",
        [BRANCH_PARAGRAPH] = "   <p class='ocr_par' lang='vi' id='par",
        [BRANCH_LINE] = "    <span class='ocr_line' id='line",
        [BRANCH_WORD] = "<span class='ocrx_word' id='word",
    };

    if (b->kind == BRANCH_WORD && !b->first_in_line)
        buffer_append_byte(out, ' ');
    buffer_append_format(out, "%s_%u_%u' title='", begins[b->kind], p->number, b->number);
    append_box(out, &b->box);
    if (b->kind == BRANCH_WORD) {
        buffer_append_format(out, "; x_wconf %d'>", b->box.confidence);
        append_xml(out, b->text, b->text_bytes);
        buffer_append_text(out, "</span>");
    } else {
        buffer_append_text(out, b->kind == BRANCH_LINE ? "'>" : "'>\n");
    }
}

static void hocr_close(const struct branch *b, struct buffer *out)
{
    static const char *const ends[] = {
        [BRANCH_BLOCK] = "  </div>\n",
        [BRANCH_PARAGRAPH] = "   </p>\n",
        [BRANCH_LINE] = "</span>\n",
        [BRANCH_WORD] = "",
    };

    buffer_append_text(out, ends[b->kind]);
}

static void hocr_begin_page(const struct format_page *p, struct buffer *out)
{
    const struct layout *l = &p->reading->layout;

    buffer_append_format(out, " <div class='ocr_page' id='page_%u' title='image \"",
                         p->number);
    append_xml(out, p->file, strlen(p->file));
    buffer_append_format(out, "\"; bbox 0 0 %u %u; ppageno %u; scan_res %u %u'>\n",
                         l->width, l->height, p->page - 1, l->dpi, l->dpi);
}

/* --- ALTO ---------------------------------------------------------------- */

static void append_position(struct buffer *out, const struct word *box)
{
    buffer_append_format(out, " HPOS=\"%d\" VPOS=\"%d\" WIDTH=\"%d\" HEIGHT=\"%d\"",
                         box->left, box->top, box->width, box->height);
}

static void alto_open(const struct branch *b, const struct format_page *p,
                      struct buffer *out)
{
    static const char *const begins[] = {
        [BRANCH_BLOCK] = "    <ComposedBlock ID=\"block",
        [BRANCH_PARAGRAPH] = "     <TextBlock ID=\"par",
        [BRANCH_LINE] = "      <TextLine ID=\"line",
        [BRANCH_WORD] = "       <String ID=\"word",
    };

    if (b->kind == BRANCH_WORD && !b->first_in_line)
        buffer_append_text(out, "       <SP/>\n");
    buffer_append_format(out, "%s_%u_%u\"", begins[b->kind], p->number, b->number);
    append_position(out, &b->box);
    if (b->kind == BRANCH_WORD) {
        buffer_append_format(out, " WC=\"%d.%02d\" CONTENT=\"", b->box.confidence / 100,
                             b->box.confidence % 100);
        append_xml(out, b->text, b->text_bytes);
        buffer_append_text(out, "\"/>\n");
    } else {
        buffer_append_text(out, ">\n");
    }
}

static void alto_close(const struct branch *b, struct buffer *out)
{
    static const char *const ends[] = {
        [BRANCH_BLOCK] = "    </ComposedBlock>\n",
        [BRANCH_PARAGRAPH] = "     </TextBlock>\n",
        [BRANCH_LINE] = "      </TextLine>\n",
        [BRANCH_WORD] = "",
    };

    buffer_append_text(out, ends[b->kind]);
}

static void alto_begin_page(const struct format_page *p, struct buffer *out)
{
    const struct layout *l = &p->reading->layout;

    buffer_append_format(out,
                         "  <Page ID=\"page_%u\" PHYSICAL_IMG_NR=\"%u\" WIDTH=\"%u\" "
                         "HEIGHT=\"%u\">\n   <PrintSpace HPOS=\"0\" VPOS=\"0\" "
                         "WIDTH=\"%u\" HEIGHT=\"%u\">\n",
                         p->number, p->page, l->width, l->height, l->width, l->height);
}

/* The schema has a place for one file's name, and none for a page's own. */
static void alto_begin(const char *file, struct buffer *out)
{
    buffer_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alto xmlns=\""
                            "http://www.loc.gov/standards/alto/ns-v4#\">\n"
                            " <Description>\n"
                            "  <MeasurementUnit>pixel</MeasurementUnit>\n");
    if (file != NULL) {
        buffer_append_text(out, "  <sourceImageInformation>\n   <fileName>");
        append_xml(out, file, strlen(file));
        buffer_append_text(out, "</fileName>\n  </sourceImageInformation>\n");
    }
    buffer_append_text(out, "  <Processing ID=\"ocr\">\n   <processingSoftware>\n"
                            "    <softwareName>tram-ocr</softwareName>\n"
                            "    <softwareVersion>" TRAM_VERSION "</softwareVersion>\n"
                            "   </processingSoftware>\n  </Processing>\n"
                            " </Description>\n <Layout>\n");
}

/* --- TSV ----------------------------------------------------------------- */

static void tsv_row(const struct format_page *p, int level, const struct branch *b,
                    struct buffer *out)
{
    bool is_word = level == 5;

    buffer_append_format(out, "%d\t%u\t%u\t%u\t%u\t%u\t%d\t%d\t%d\t%d\t%d\t", level,
                         p->number, b->block, b->paragraph, b->line, b->word, b->box.left,
                         b->box.top, b->box.width, b->box.height,
                         is_word ? b->box.confidence : -1);
    if (is_word)
        append_clean(out, b->text, b->text_bytes);
    buffer_append_byte(out, '\n');
}

/* --- the whole ----------------------------------------------------------- */

struct writing {
    enum format format;
    const struct format_page *page;
    struct buffer *out;
};

static void on_open(void *arg, const struct branch *b)
{
    struct writing *w = arg;

    if (w->format == FORMAT_HOCR)
        hocr_open(b, w->page, w->out);
    else if (w->format == FORMAT_ALTO)
        alto_open(b, w->page, w->out);
    else
        tsv_row(w->page, 2 + (int)b->kind, b, w->out);
}

static void on_close(void *arg, const struct branch *b)
{
    struct writing *w = arg;

    if (w->format == FORMAT_HOCR)
        hocr_close(b, w->out);
    else if (w->format == FORMAT_ALTO)
        alto_close(b, w->out);
}

static void tree_of(enum format f, const struct format_page *p, struct buffer *out)
{
    struct writing w = {f, p, out};

    format_tree_walk(text_of(p->reading), &p->reading->layout, on_open, on_close, &w);
}

void format_begin(enum format f, const char *file, struct buffer *out)
{
    switch (f) {
    case FORMAT_TEXT:
    case FORMAT_JSON:
        break;
    case FORMAT_HOCR:
        buffer_append_text(
            out,
            "<!DOCTYPE html>\n<html lang='vi'>\n<head>\n <meta charset='utf-8'>\n"
            " <title></title>\n <meta name='ocr-system' content='tram-ocr " TRAM_VERSION
            "'>\n <meta name='ocr-capabilities' content='ocr_page "
            "ocr_carea ocr_par ocr_line ocrx_word'>\n</head>\n<body>\n");
        break;
    case FORMAT_ALTO:
        alto_begin(file, out);
        break;
    case FORMAT_TSV:
        buffer_append_text(out, "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num"
                                "\tleft\ttop\twidth\theight\tconf\ttext\n");
        break;
    }
}

void format_page(enum format f, const struct format_page *p, struct buffer *out)
{
    const struct layout *l = &p->reading->layout;

    switch (f) {
    case FORMAT_TEXT:
        if (p->number > 1)
            buffer_append_byte(out, '\f');
        buffer_append_text(out, text_of(p->reading));
        buffer_append_byte(out, '\n');
        break;
    case FORMAT_JSON:
        json_page(p, out);
        break;
    case FORMAT_HOCR:
        hocr_begin_page(p, out);
        tree_of(f, p, out);
        buffer_append_text(out, " </div>\n");
        break;
    case FORMAT_ALTO:
        alto_begin_page(p, out);
        tree_of(f, p, out);
        buffer_append_text(out, "   </PrintSpace>\n  </Page>\n");
        break;
    case FORMAT_TSV:
        tsv_row(p, 1,
                &(struct branch){.box.width = (int32_t)l->width,
                                 .box.height = (int32_t)l->height},
                out);
        tree_of(f, p, out);
        break;
    }
}

void format_end(enum format f, struct buffer *out)
{
    if (f == FORMAT_HOCR)
        buffer_append_text(out, "</body>\n</html>\n");
    else if (f == FORMAT_ALTO)
        buffer_append_text(out, " </Layout>\n</alto>\n");
}
