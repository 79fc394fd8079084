#include "tests/lib/pdfa.h"

#include <qpdf/qpdf-c.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/disk.h"

#define FILE_BYTES_MAX (256u << 20)
#define SIDE_MIN       3.0
#define SIDE_MAX       14400.0

struct checked {
    qpdf_data q;
    struct buffer file;
    const char *problem; /* the first */
};

static void want(struct checked *c, bool good, const char *problem)
{
    if (!good && c->problem == NULL)
        c->problem = problem;
}

static qpdf_oh key(struct checked *c, qpdf_oh dictionary, const char *name)
{
    return qpdf_oh_get_key_if_dict(c->q, dictionary, name);
}

static bool has(struct checked *c, qpdf_oh dictionary, const char *name)
{
    return !qpdf_oh_is_null(c->q, key(c, dictionary, name));
}

static bool is_name(struct checked *c, qpdf_oh o, const char *name)
{
    return qpdf_oh_is_name_and_equals(c->q, o, name) != 0;
}

/* A stream's bytes; decoded unless `raw`. NUL behind them. */
static unsigned char *bytes_of(struct checked *c, qpdf_oh stream, bool raw, size_t *count)
{
    unsigned char *bytes = NULL, *whole;
    QPDF_BOOL filtered = QPDF_FALSE;

    *count = 0;
    if (!qpdf_oh_is_stream(c->q, stream) ||
        qpdf_oh_get_stream_data(c->q, stream, raw ? qpdf_dl_none : qpdf_dl_generalized,
                                &filtered, &bytes, count) != QPDF_SUCCESS)
        return NULL;
    whole = calloc(1, *count + 1);
    if (whole != NULL)
        memcpy(whole, bytes, *count);
    free(bytes);
    return whole;
}

static unsigned u16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* ------------------------------------------------------------------------ the file */

/* 6.1.2, 6.1.3, 6.1.7.1 */
static void check_bytes(struct checked *c)
{
    const unsigned char *b = c->file.bytes, *at = b, *end = b + c->file.count;
    bool marked = c->file.count > 16 && memcmp(b, "%PDF-1.7\n%", 10) == 0;

    for (int i = 10; marked && i < 14; i++)
        marked = b[i] > 127;
    want(c, marked, "the header is not 1.7 with four high bytes behind it");
    want(c, c->file.count > 6 && memcmp(end - 6, "%%EOF\n", 6) == 0,
         "something stands behind the end");
    while ((at = memmem(at, (size_t)(end - at), "endstream", 9)) != NULL) {
        want(c, at[-1] == '\n', "endstream does not begin a line");
        at += 9;
    }
}

static void check_trailer(struct checked *c)
{
    qpdf_oh trailer = qpdf_get_trailer(c->q), id = key(c, trailer, "/ID");

    want(c, !has(c, trailer, "/Encrypt"), "it is encrypted");
    want(c, qpdf_oh_is_array(c->q, id) && qpdf_oh_get_array_n_items(c->q, id) == 2,
         "it has no ID");
    want(c, !has(c, trailer, "/Info"), "its Info may say other things than its XMP");
}

/* 6.6.2, 6.6.4: readable where it lies */
static void check_metadata(struct checked *c, qpdf_oh root)
{
    qpdf_oh stream = key(c, root, "/Metadata");
    size_t count;
    unsigned char *text = bytes_of(c, stream, true, &count);

    want(c, text != NULL && !has(c, qpdf_oh_get_dict(c->q, stream), "/Filter"),
         "no plain metadata");
    if (text != NULL) {
        want(c, strstr((char *)text, "<pdfaid:part>2</pdfaid:part>") != NULL,
             "the metadata does not say part 2");
        want(c,
             strstr((char *)text, "<pdfaid:conformance>B</pdfaid:conformance>") != NULL,
             "the metadata does not say level B");
    }
    free(text);
}

/* 6.2.3 */
static void check_intent(struct checked *c, qpdf_oh root)
{
    qpdf_oh intents = key(c, root, "/OutputIntents"), intent;
    size_t count = 0;
    unsigned char *icc;

    if (!qpdf_oh_is_array(c->q, intents) ||
        qpdf_oh_get_array_n_items(c->q, intents) != 1) {
        want(c, false, "there is not one output intent");
        return;
    }
    intent = qpdf_oh_get_array_item(c->q, intents, 0);
    want(c, is_name(c, key(c, intent, "/S"), "/GTS_PDFA1"), "the intent is not PDF/A's");
    want(c, has(c, intent, "/OutputConditionIdentifier"), "the intent has no name");
    icc = bytes_of(c, key(c, intent, "/DestOutputProfile"), false, &count);
    want(c,
         icc != NULL && count > 128 && memcmp(icc + 36, "acsp", 4) == 0 &&
             memcmp(icc + 12, "mntrRGB XYZ ", 12) == 0 && icc[8] == 2 &&
             (u16(icc) << 16 | u16(icc + 2)) == count,
         "the profile is none of RGB");
    free(icc);
}

/* 6.5, 6.9 to 6.11: nothing acts, nothing hides */
static void check_root(struct checked *c)
{
    static const char *const forbidden[] = {"/AA", "/OpenAction", "/Names", "/AcroForm",
                                            "/OCProperties"};
    qpdf_oh root = qpdf_get_root(c->q);

    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        want(c, !has(c, root, forbidden[i]), forbidden[i]);
    check_metadata(c, root);
    check_intent(c, root);
}

/* ----------------------------------------------------------------------- its pages */

/* 6.2.8 */
static void check_picture(struct checked *c, qpdf_oh stream)
{
    static const char *const forbidden[] = {"/SMask", "/Mask", "/Alternates", "/OPI",
                                            "/SMaskInData"};
    qpdf_oh d = qpdf_oh_get_dict(c->q, stream), space = key(c, d, "/ColorSpace"),
            filter = key(c, d, "/Filter");
    QPDF_BOOL smooth = QPDF_FALSE;

    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        want(c, !has(c, d, forbidden[i]), forbidden[i]);
    (void)qpdf_oh_get_value_as_bool(c->q, key(c, d, "/Interpolate"), &smooth);
    want(c, !smooth, "a picture is interpolated");
    want(c, is_name(c, space, "/DeviceGray") || is_name(c, space, "/DeviceRGB"),
         "a picture's colours are not those of the profile");
    want(c, is_name(c, filter, "/DCTDecode") || is_name(c, filter, "/JBIG2Decode"),
         "a picture is of another coding");
}

/* 6.2.11.5: what the dictionary says of widths is what the program says. Two glyphs. */
static void check_program(struct checked *c, qpdf_oh face, const unsigned char *ttf,
                          size_t count)
{
    int said = -1;

    (void)qpdf_oh_get_value_as_int(c->q, key(c, face, "/DW"), &said);
    for (size_t i = 0; ttf != NULL && i < u16(ttf + 4); i++) {
        const unsigned char *entry = ttf + 12 + 16 * i;
        size_t at = (size_t)u16(entry + 8) << 16 | u16(entry + 10);

        want(c, at + (u16(entry + 12) << 16 | u16(entry + 14)) <= count,
             "the font's tables lie outside of it");
        if (c->problem == NULL && memcmp(entry, "hmtx", 4) == 0)
            want(c, (int)u16(ttf + at + 4) == said, "the font's widths do not agree");
        if (c->problem == NULL && memcmp(entry, "head", 4) == 0)
            want(c, u16(ttf + at + 18) == 1000, "the font's em is another");
    }
}

/* 6.2.11.4.1, 6.2.11.8, 6.2.11.3.2 */
static void check_font(struct checked *c, qpdf_oh font)
{
    qpdf_oh faces = key(c, font, "/DescendantFonts"), face;
    size_t program = 0, glyphs = 0;
    unsigned char *ttf, *map;

    want(c, is_name(c, key(c, font, "/Subtype"), "/Type0"), "a font of another kind");
    want(c, is_name(c, key(c, font, "/Encoding"), "/Identity-H"), "a font's encoding");
    want(c, qpdf_oh_is_stream(c->q, key(c, font, "/ToUnicode")), "a font tells no text");
    if (c->problem != NULL || !qpdf_oh_is_array(c->q, faces))
        return;
    face = qpdf_oh_get_array_item(c->q, faces, 0);
    ttf = bytes_of(c, key(c, key(c, face, "/FontDescriptor"), "/FontFile2"), false,
                   &program);
    map = bytes_of(c, key(c, face, "/CIDToGIDMap"), false, &glyphs);
    want(c, ttf != NULL && program > 12, "a font is not embedded");
    want(c, map != NULL && glyphs == 0x20000, "a font's map of glyphs");
    for (size_t i = 0; map != NULL && i + 1 < glyphs; i += 2)
        want(c, u16(map + i) == 1, "a letter would be .notdef");
    if (c->problem == NULL)
        check_program(c, face, ttf, program);
    free(ttf);
    free(map);
}

static void check_each(struct checked *c, qpdf_oh dictionary,
                       void (*check)(struct checked *c, qpdf_oh o))
{
    qpdf_oh_begin_dict_key_iter(c->q, dictionary);
    while (qpdf_oh_dict_more_keys(c->q))
        check(c, key(c, dictionary, qpdf_oh_dict_next_key(c->q)));
}

static void check_page(struct checked *c, qpdf_oh page)
{
    qpdf_oh box = key(c, page, "/MediaBox"), resources = key(c, page, "/Resources");
    double side = 0;

    want(c, !has(c, page, "/Group") && !has(c, page, "/AA") && !has(c, page, "/Annots"),
         "a page is transparent, acts, or has notes");
    want(c, !has(c, resources, "/ExtGState") && !has(c, resources, "/ColorSpace"),
         "a page has states or colours of its own");
    for (int i = 2; i < 4; i++) {
        (void)qpdf_oh_get_value_as_number(c->q, qpdf_oh_get_array_item(c->q, box, i),
                                          &side);
        want(c, side >= SIDE_MIN - 0.001 && side <= SIDE_MAX, "a page's side");
    }
    check_each(c, key(c, resources, "/XObject"), check_picture);
    check_each(c, key(c, resources, "/Font"), check_font);
}

const char *pdfa_problem(const char *path)
{
    struct checked c = {.q = qpdf_init()};
    struct err e;

    buffer_init(&c.file, FILE_BYTES_MAX);
    qpdf_silence_errors(c.q);
    if (disk_read_all(disk_system(), path, &c.file, &e) != 0 ||
        qpdf_read_memory(c.q, path, (char *)c.file.bytes, c.file.count, NULL) !=
            QPDF_SUCCESS) {
        want(&c, false, "it cannot be read as a PDF without a warning");
    } else {
        check_bytes(&c);
        check_trailer(&c);
        check_root(&c);
        for (int i = 0; i < qpdf_get_num_pages(c.q); i++)
            check_page(&c, qpdf_get_page_n(c.q, (size_t)i));
        want(&c, !qpdf_more_warnings(c.q), "qpdf warns of it");
    }
    qpdf_cleanup(&c.q);
    buffer_release(&c.file);
    return c.problem;
}
