#include "ocr/copy/file.h"

#include <qpdf/qpdf-c.h>
#include <stdbool.h>
#include <string.h>

#include "ocr/copy/font.h"
#include "ocr/copy/profile.h"
#include "ocr/copy/text.h"
#include "ocr/output.h"
#include "ocr/source.h"

#define CONTENT_BYTES_MAX (64u << 20) /* of one page's operators */
#define PART_BYTES_MAX    (1u << 20)  /* of the font and the profile */
#define DICTIONARY_BYTES  1024

/* PDF/A's name for itself: ISO 19005-2, 6.6.4. No date: the same records give the same
 * bytes, and what is made anew is no other document. */
static const char metadata[] =
    "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
    "<rdf:Description rdf:about=\"\""
    " xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n"
    "<pdfaid:part>2</pdfaid:part>\n"
    "<pdfaid:conformance>B</pdfaid:conformance>\n"
    "</rdf:Description>\n"
    "</rdf:RDF>\n"
    "</x:xmpmeta>\n"
    "<?xpacket end=\"w\"?>";

struct file {
    qpdf_data q;
    qpdf_oh font;
    struct buffer part; /* what is being made at the moment */
};

static bool failed(const struct file *f)
{
    return qpdf_has_error(f->q) != 0;
}

/* A stream of these bytes, which qpdf copies. `dictionary` holds its keys, but for length
 * and filter; `filter` NULL: qpdf packs it. */
static qpdf_oh make_stream(struct file *f, const char *dictionary, const char *filter,
                           const void *bytes, size_t count)
{
    qpdf_oh stream = qpdf_oh_new_stream(f->q), from = qpdf_oh_parse(f->q, dictionary);

    qpdf_oh_begin_dict_key_iter(f->q, from);
    while (qpdf_oh_dict_more_keys(f->q)) {
        const char *key = qpdf_oh_dict_next_key(f->q);

        qpdf_oh_replace_key(f->q, qpdf_oh_get_dict(f->q, stream), key,
                            qpdf_oh_get_key(f->q, from, key));
    }
    qpdf_oh_replace_stream_data(f->q, stream, bytes, count,
                                filter == NULL ? qpdf_oh_new_null(f->q)
                                               : qpdf_oh_new_name(f->q, filter),
                                qpdf_oh_new_null(f->q));
    return stream;
}

static void put(struct file *f, qpdf_oh dictionary, const char *key, qpdf_oh value)
{
    qpdf_oh_replace_key(f->q, dictionary, key, value);
}

static qpdf_oh indirect(struct file *f, const char *text)
{
    return qpdf_make_indirect_object(f->q, qpdf_oh_parse(f->q, text));
}

/* What `make` makes, as a stream. */
static qpdf_oh part_stream(struct file *f, const char *dictionary,
                           void (*make)(struct buffer *out))
{
    buffer_clear(&f->part);
    make(&f->part);
    return make_stream(f, dictionary, NULL, f->part.bytes, f->part.count);
}

/* ------------------------------------------------------------------- what all share */

#define NUMBER_TEXT_(n) #n
#define NUMBER_TEXT(n)  NUMBER_TEXT_(n)

static void make_font(struct file *f)
{
    qpdf_oh face, described;

    described = indirect(
        f,
        "<</Type/FontDescriptor/FontName/TramUnseen/Flags 4/ItalicAngle 0/StemV 80"
        "/FontBBox[0 -" NUMBER_TEXT(FONT_DESCENT) " " NUMBER_TEXT(FONT_ADVANCE) " " NUMBER_TEXT(FONT_ASCENT) "]/Ascent " NUMBER_TEXT(
            FONT_ASCENT) "/Descent -" NUMBER_TEXT(FONT_DESCENT) "/CapHeight"
                                                                " " NUMBER_TEXT(
                                                                    FONT_ASCENT) ">>");
    put(f, described, "/FontFile2", part_stream(f, "<<>>", font_program));
    face =
        indirect(f, "<</Type/Font/Subtype/CIDFontType2/BaseFont/TramUnseen"
                    "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
                    "/DW " NUMBER_TEXT(FONT_ADVANCE) ">>");
    put(f, face, "/FontDescriptor", described);
    put(f, face, "/CIDToGIDMap", part_stream(f, "<<>>", font_glyphs));
    f->font = indirect(f, "<</Type/Font/Subtype/Type0/BaseFont/TramUnseen"
                          "/Encoding/Identity-H/DescendantFonts[]>>");
    qpdf_oh_append_item(f->q, qpdf_oh_get_key(f->q, f->font, "/DescendantFonts"), face);
    put(f, f->font, "/ToUnicode", part_stream(f, "<<>>", font_unicode));
}

static void make_root(struct file *f)
{
    qpdf_oh root = qpdf_get_root(f->q), intent;

    put(f, root, "/Lang", qpdf_oh_new_string(f->q, "vi"));
    put(f, root, "/Metadata",
        make_stream(f, "<</Type/Metadata/Subtype/XML>>", NULL, metadata,
                    sizeof metadata - 1));
    intent = indirect(f, "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier"
                         "(" PROFILE_NAME ")/Info(" PROFILE_NAME ")>>");
    put(f, intent, "/DestOutputProfile", part_stream(f, "<</N 3>>", profile_srgb));
    put(f, root, "/OutputIntents", qpdf_oh_new_array(f->q));
    qpdf_oh_append_item(f->q, qpdf_oh_get_key(f->q, root, "/OutputIntents"), intent);
}

/* ------------------------------------------------------------------------ one page */

static qpdf_oh make_picture(struct file *f, const struct picture_form *form,
                            const unsigned char *coded, size_t count, struct buffer *text)
{
    bool bits = form->coding == CODING_JBIG2;

    buffer_clear(text);
    buffer_append_format(text,
                         "<</Type/XObject/Subtype/Image/Width %u/Height %u"
                         "/ColorSpace/Device%s/BitsPerComponent %d>>",
                         form->width, form->height, form->samples == 3 ? "RGB" : "Gray",
                         bits ? 1 : 8);
    return make_stream(f, (const char *)text->bytes, bits ? "/JBIG2Decode" : "/DCTDecode",
                       coded, count);
}

static qpdf_oh make_page(struct file *f, const struct sheet *s, unsigned turns,
                         struct buffer *text)
{
    buffer_clear(text);
    buffer_append_text(text, "<</Type/Page/MediaBox[0 0 ");
    text_number(text, s->width);
    text_number(text, s->height);
    buffer_append_format(text, "]/Rotate %u/Resources<</XObject<<>>/Font<<>>>>>>",
                         turns * 90);
    return indirect(f, (const char *)text->bytes);
}

static enum refusal refusal_of(const struct err *e)
{
    return e->code == ERR_MEMORY ? REFUSAL_OUT_OF_MEMORY : REFUSAL_DAMAGED;
}

static enum refusal add_page(struct file *f, const struct sheaf_page *p)
{
    const unsigned char *coded;
    size_t coded_count;
    struct picture_form form;
    struct layer layer;
    struct sheet sheet;
    struct buffer text;
    struct err e;
    qpdf_oh page, resources;
    enum refusal r = REFUSAL_NONE;

    buffer_init(&text, CONTENT_BYTES_MAX);
    if (picture_form_decode(&form, &coded, &coded_count, p->picture, p->picture_count,
                            &e) != 0 ||
        layer_open(&layer, p->layer, p->layer_count, &e) != 0) {
        r = refusal_of(&e);
        goto out;
    }
    sheet_of(&sheet, &form, &layer.head);
    page = make_page(f, &sheet, layer.head.shown_turns, &text);
    resources = qpdf_oh_get_key(f->q, page, "/Resources");
    put(f, qpdf_oh_get_key(f->q, resources, "/XObject"), "/P",
        make_picture(f, &form, coded, coded_count, &text));
    put(f, qpdf_oh_get_key(f->q, resources, "/Font"), "/T", f->font);
    buffer_clear(&text);
    if (text_write(&text, &sheet, &form, &layer, &e) != 0) {
        r = refusal_of(&e);
        goto out;
    }
    put(f, page, "/Contents", make_stream(f, "<<>>", NULL, text.bytes, text.count));
    if (qpdf_add_page(f->q, f->q, page, QPDF_FALSE) & QPDF_ERRORS)
        r = REFUSAL_OUT_OF_MEMORY;
out:
    buffer_release(&text);
    return r;
}

/* ------------------------------------------------------------------------- the file */

static enum refusal write_out(struct file *f, int out_fd)
{
    struct err e;

    if (failed(f) || (qpdf_init_write_memory(f->q) & QPDF_ERRORS))
        return REFUSAL_OUT_OF_MEMORY;
    qpdf_set_object_stream_mode(f->q, qpdf_o_disable);
    qpdf_set_decode_level(f->q, qpdf_dl_none);
    qpdf_set_compress_streams(f->q, QPDF_TRUE);
    qpdf_set_newline_before_endstream(f->q, QPDF_TRUE); /* ISO 19005-2, 6.1.7.1 */
    qpdf_set_minimum_pdf_version(f->q, "1.7");
    qpdf_set_deterministic_ID(f->q, QPDF_TRUE);
    if (qpdf_write(f->q) & QPDF_ERRORS)
        return REFUSAL_OUT_OF_MEMORY;
    return output_write(out_fd, qpdf_get_buffer(f->q), qpdf_get_buffer_length(f->q),
                        &e) == 0
               ? REFUSAL_NONE
               : REFUSAL_CRASHED; /* and there is nobody to tell */
}

static enum refusal fill(struct file *f, struct sheaf *s, int out_fd)
{
    struct sheaf_page page;
    struct err e;
    int more;

    qpdf_silence_errors(f->q);
    if (qpdf_empty_pdf(f->q) & QPDF_ERRORS)
        return REFUSAL_OUT_OF_MEMORY;
    make_root(f);
    make_font(f);
    while ((more = sheaf_next(s, &page, &e)) == 1) {
        enum refusal r = add_page(f, &page);

        if (r != REFUSAL_NONE)
            return r;
    }
    if (more < 0 || f->part.failed != ERR_NONE)
        return more < 0 ? refusal_of(&e) : REFUSAL_OUT_OF_MEMORY;
    return write_out(f, out_fd);
}

enum refusal copy_file(int sheaf_fd, int out_fd)
{
    struct file f = {.q = qpdf_init()};
    struct source source;
    struct sheaf sheaf;
    struct err e;
    enum refusal r = source_open(&source, sheaf_fd);

    buffer_init(&f.part, PART_BYTES_MAX);
    if (f.q == NULL)
        r = REFUSAL_OUT_OF_MEMORY;
    if (r == REFUSAL_NONE && sheaf_open(&sheaf, source.bytes, source.count, &e) != 0)
        r = REFUSAL_DAMAGED;
    if (r == REFUSAL_NONE)
        r = fill(&f, &sheaf, out_fd);
    if (f.q != NULL)
        qpdf_cleanup(&f.q);
    buffer_release(&f.part);
    source_release(&source);
    return r;
}
