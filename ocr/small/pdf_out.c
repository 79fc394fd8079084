#include "ocr/small/pdf_out.h"

#include <assert.h>
#include <inttypes.h>

/* Objects: the catalogue, its only page, what the page shows, then the pictures. */
enum object { CATALOGUE = 1, PAGES, PAGE, CONTENT, PICTURE };

#define OBJECTS_MAX (PICTURE + PDF_PICTURES_MAX)
#define MILLION     1000000u

/* Numbers are written from integers: a locale would put a comma into a double. */
static void append_fraction(struct buffer *out, uint64_t millionths)
{
    buffer_append_format(out, "%" PRIu64 ".%06" PRIu64, millionths / MILLION,
                         millionths % MILLION);
}

static void append_points(struct buffer *out, uint32_t pixels, uint32_t dpi)
{
    append_fraction(out, ((uint64_t)pixels * 72 * MILLION + dpi / 2) / dpi);
}

static void append_colour(struct buffer *out, struct pdf_colour c)
{
    const uint8_t parts[] = {c.red, c.green, c.blue};

    for (size_t i = 0; i < 3; i++)
        if (parts[i] == 255)
            buffer_append_text(out, "1 ");
        else
            buffer_append_format(out, ".%03u ", parts[i] * 1000u / 255);
    buffer_append_text(out, "rg\n");
}

static bool is_white(struct pdf_colour c)
{
    return c.red == 255 && c.green == 255 && c.blue == 255;
}

/* In pixels, from the lower left corner, as PDF counts. */
static void append_content(struct buffer *out, const struct pdf_leaf *s)
{
    uint64_t scale = (72ull * MILLION + s->dpi / 2) / s->dpi;

    append_fraction(out, scale);
    buffer_append_text(out, " 0 0 ");
    append_fraction(out, scale);
    buffer_append_text(out, " 0 0 cm\n");
    if (!is_white(s->paper)) {
        append_colour(out, s->paper);
        buffer_append_format(out, "0 0 %" PRIu32 " %" PRIu32 " re f\n", s->width,
                             s->height);
    }
    for (size_t i = 0; i < s->pictures_count; i++) {
        const struct pdf_picture *p = &s->pictures[i];

        if (p->kind == PDF_STENCIL)
            append_colour(out, p->ink);
        buffer_append_format(
            out, "q %" PRIu32 " 0 0 %" PRIu32 " %" PRIu32 " %" PRId64 " cm /P%zu Do Q\n",
            p->shown_width, p->shown_height, p->left,
            (int64_t)s->height - p->top - p->shown_height, i);
    }
}

static void append_page(struct buffer *out, const struct pdf_leaf *s)
{
    buffer_append_text(out, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 ");
    append_points(out, s->width, s->dpi);
    buffer_append_byte(out, ' ');
    append_points(out, s->height, s->dpi);
    buffer_append_text(out, "]/Contents 4 0 R/Resources<</XObject<<");
    for (size_t i = 0; i < s->pictures_count; i++)
        buffer_append_format(out, "/P%zu %zu 0 R", i, PICTURE + i);
    buffer_append_text(out, ">>>>>>");
}

static void append_stream(struct buffer *out, const unsigned char *bytes, size_t count)
{
    buffer_append_format(out, "/Length %zu>>stream\n", count);
    buffer_append(out, bytes, count);
    buffer_append_text(out, "\nendstream");
}

static void append_picture(struct buffer *out, const struct pdf_picture *p)
{
    buffer_append_format(
        out, "<</Type/XObject/Subtype/Image/Width %" PRIu32 "/Height %" PRIu32, p->width,
        p->height);
    switch (p->kind) {
    case PDF_STENCIL:
        buffer_append_text(out, "/ImageMask true/BitsPerComponent 1/Filter/JBIG2Decode");
        break;
    case PDF_JPEG_GREY:
        buffer_append_text(out,
                           "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode");
        break;
    case PDF_JPEG_COLOUR:
        buffer_append_text(out,
                           "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode");
        break;
    }
    append_stream(out, p->bytes->bytes, p->bytes->count);
}

static void append_object(struct buffer *out, const struct pdf_leaf *s, size_t number)
{
    struct buffer content;

    switch (number) {
    case CATALOGUE:
        buffer_append_text(out, "<</Type/Catalog/Pages 2 0 R>>");
        break;
    case PAGES:
        buffer_append_text(out, "<</Type/Pages/Count 1/Kids[3 0 R]>>");
        break;
    case PAGE:
        append_page(out, s);
        break;
    case CONTENT:
        buffer_init(&content, out->count_max);
        append_content(&content, s);
        buffer_append_text(out, "<<");
        append_stream(out, content.bytes, content.count);
        if (out->failed == ERR_NONE)
            out->failed = content.failed;
        buffer_release(&content);
        break;
    default:
        append_picture(out, &s->pictures[number - PICTURE]);
    }
}

void pdf_write(const struct pdf_leaf *s, struct buffer *out)
{
    size_t at[OBJECTS_MAX], count = PICTURE + s->pictures_count, table;

    assert(out->count == 0 && s->dpi > 0 && s->pictures_count <= PDF_PICTURES_MAX);
    /* The comment's high bytes tell whoever carries the file that it is no text. */
    buffer_append_text(out, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
    for (size_t i = CATALOGUE; i < count; i++) {
        at[i] = out->count;
        buffer_append_format(out, "%zu 0 obj", i);
        append_object(out, s, i);
        buffer_append_text(out, "\nendobj\n");
    }
    table = out->count;
    buffer_append_format(out, "xref\n0 %zu\n0000000000 65535 f \n", count);
    for (size_t i = CATALOGUE; i < count; i++)
        buffer_append_format(out, "%010zu 00000 n \n", at[i]);
    buffer_append_format(
        out, "trailer<</Size %zu/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", count, table);
}
