#include "ocr/pdf_picture.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "ocr/picture.h"
#include "ocr/reduction.h"

enum samples { SAMPLES_UNKNOWN = 0, SAMPLES_GREY = 1, SAMPLES_RGB = 3 };

/* What the image dictionary says, as far as we know how to obey it. */
struct form {
    qpdf_oh stream, dict;
    uint32_t width, height;
    int bits; /* of a sample */
    enum samples samples;
    bool inverted;   /* /Decode [1 0] */
    char filter[32]; /* "" without, "/DCTDecode", …; "/more" for several */
};

static qpdf_oh key(qpdf_data q, qpdf_oh dict, const char *name)
{
    return qpdf_oh_get_key_if_dict(q, dict, name);
}

static bool is_absent(qpdf_data q, qpdf_oh dict, const char *name)
{
    return qpdf_oh_is_null(q, key(q, dict, name));
}

static bool is_name(qpdf_data q, qpdf_oh o, const char *a, const char *b)
{
    return qpdf_oh_is_name_and_equals(q, o, a) || qpdf_oh_is_name_and_equals(q, o, b);
}

static enum samples samples_of(qpdf_data q, qpdf_oh space)
{
    qpdf_oh family = space;

    if (qpdf_oh_is_array(q, space) && qpdf_oh_get_array_n_items(q, space) > 0)
        family = qpdf_oh_get_array_item(q, space, 0);
    if (is_name(q, family, "/DeviceGray", "/CalGray"))
        return SAMPLES_GREY;
    if (is_name(q, family, "/DeviceRGB", "/CalRGB"))
        return SAMPLES_RGB;
    if (is_name(q, family, "/ICCBased", "/ICCBased") && qpdf_oh_is_array(q, space) &&
        qpdf_oh_get_array_n_items(q, space) == 2) {
        qpdf_oh profile = qpdf_oh_get_array_item(q, space, 1);
        int n = 0;

        if (qpdf_oh_is_stream(q, profile) &&
            qpdf_oh_get_value_as_int(q, key(q, qpdf_oh_get_dict(q, profile), "/N"), &n))
            return n == 1 ? SAMPLES_GREY : n == 3 ? SAMPLES_RGB : SAMPLES_UNKNOWN;
    }
    return SAMPLES_UNKNOWN;
}

/* Absent or 0 1 for each sample; or, of one sample, 1 0. */
static bool take_decode(qpdf_data q, qpdf_oh decode, struct form *f)
{
    int n;
    double first = 0, second = 1;

    if (qpdf_oh_is_null(q, decode))
        return true;
    if (!qpdf_oh_is_array(q, decode))
        return false;
    n = qpdf_oh_get_array_n_items(q, decode);
    if (n != 2 * (int)f->samples)
        return false;
    for (int i = 0; i < n; i += 2) {
        if (!qpdf_oh_get_value_as_number(q, qpdf_oh_get_array_item(q, decode, i),
                                         &first) ||
            !qpdf_oh_get_value_as_number(q, qpdf_oh_get_array_item(q, decode, i + 1),
                                         &second))
            return false;
        f->inverted = first == 1 && second == 0;
        if (!(first == 0 && second == 1) && !(f->inverted && n == 2))
            return false;
    }
    return true;
}

static void take_filter(qpdf_data q, qpdf_oh filter, struct form *f)
{
    const char *name = "/more";
    size_t bytes = 5;

    if (qpdf_oh_is_null(q, filter))
        name = "";
    else if (qpdf_oh_is_array(q, filter) && qpdf_oh_get_array_n_items(q, filter) == 1)
        (void)qpdf_oh_get_value_as_name(q, qpdf_oh_get_array_item(q, filter, 0), &name,
                                        &bytes); /* no name: stays "/more" */
    else if (!qpdf_oh_is_array(q, filter))
        (void)qpdf_oh_get_value_as_name(q, filter, &name, &bytes);
    bytes = strnlen(name, sizeof f->filter - 1);
    memcpy(f->filter, name, bytes);
    f->filter[bytes] = '\0';
}

/* False for what must be drawn. */
static bool take_form(qpdf_data q, qpdf_oh stream, struct form *f)
{
    QPDF_BOOL mask = QPDF_FALSE;
    int width = 0, height = 0;

    *f = (struct form){.stream = stream, .dict = qpdf_oh_get_dict(q, stream), .bits = 8};
    if (!qpdf_oh_get_value_as_int(q, key(q, f->dict, "/Width"), &width) ||
        !qpdf_oh_get_value_as_int(q, key(q, f->dict, "/Height"), &height) || width <= 0 ||
        height <= 0)
        return false;
    f->width = (uint32_t)width;
    f->height = (uint32_t)height;
    (void)qpdf_oh_get_value_as_bool(q, key(q, f->dict, "/ImageMask"), &mask);
    if (mask || !is_absent(q, f->dict, "/SMask") || !is_absent(q, f->dict, "/Mask") ||
        !is_absent(q, f->dict, "/OC") || !is_absent(q, f->dict, "/SMaskInData"))
        return false;
    (void)qpdf_oh_get_value_as_int(q, key(q, f->dict, "/BitsPerComponent"), &f->bits);
    f->samples = samples_of(q, key(q, f->dict, "/ColorSpace"));
    take_filter(q, key(q, f->dict, "/Filter"), f);
    return f->samples != SAMPLES_UNKNOWN && take_decode(q, key(q, f->dict, "/Decode"), f);
}

/* The stream's bytes, decoded as far as `level`; the caller frees them. NULL if
 * something of its filters is left over. */
static unsigned char *stream_bytes(qpdf_data q, qpdf_oh stream,
                                   enum qpdf_stream_decode_level_e level, size_t *count)
{
    unsigned char *bytes = NULL;
    QPDF_BOOL whole = QPDF_FALSE;
    QPDF_ERROR_CODE failed =
        qpdf_oh_get_stream_data(q, stream, level, &whole, &bytes, count);

    if ((failed & QPDF_ERRORS) == 0 && (level == qpdf_dl_none || whole))
        return bytes;
    free(bytes);
    return NULL;
}

static enum opened as_opened(enum refusal r, struct opened_page *out)
{
    if (r == REFUSAL_NONE)
        return OPENED;
    if (r != REFUSAL_TOO_LARGE && r != REFUSAL_OUT_OF_MEMORY)
        return OPENED_NEEDS_DRAWING;
    out->refusal = r;
    return OPENED_REFUSED;
}

/* --- JPEG ------------------------------------------------------------------ */

static enum opened open_jpeg(qpdf_data q, const struct form *f, struct opened_page *out)
{
    size_t count = 0;
    unsigned char *bytes;
    enum refusal r;

    if (f->inverted)
        return OPENED_NEEDS_DRAWING;
    bytes = stream_bytes(q, f->stream, qpdf_dl_none, &count);
    r = bytes == NULL ? REFUSAL_DAMAGED
                      : picture_decode(PICTURE_JPEG, bytes, count, 0, out);
    free(bytes);
    return as_opened(r, out);
}

/* --- fax: G3 and G4, wrapped as a TIFF of one strip ------------------------- */

struct fax {
    int k;       /* < 0: G4; 0: G3; > 0: G3 with two-dimensional lines */
    int columns; /* as the code counts them */
    bool black_is_1, aligned;
};

static bool take_fax(qpdf_data q, const struct form *f, struct fax *fax)
{
    qpdf_oh parameters = key(q, f->dict, "/DecodeParms");
    QPDF_BOOL black_is_1 = QPDF_FALSE, aligned = QPDF_FALSE;

    *fax = (struct fax){.columns = 1728};
    if (qpdf_oh_is_array(q, parameters) && qpdf_oh_get_array_n_items(q, parameters) == 1)
        parameters = qpdf_oh_get_array_item(q, parameters, 0);
    (void)qpdf_oh_get_value_as_int(q, key(q, parameters, "/K"), &fax->k);
    (void)qpdf_oh_get_value_as_int(q, key(q, parameters, "/Columns"), &fax->columns);
    (void)qpdf_oh_get_value_as_bool(q, key(q, parameters, "/BlackIs1"), &black_is_1);
    (void)qpdf_oh_get_value_as_bool(q, key(q, parameters, "/EncodedByteAlign"), &aligned);
    fax->black_is_1 = black_is_1;
    fax->aligned = aligned;
    return !fax->aligned && f->bits <= 1 && f->samples == SAMPLES_GREY &&
           (uint32_t)fax->columns == f->width;
}

static void append_tag(struct buffer *b, uint16_t tag, uint32_t value)
{
    buffer_append_u16(b, tag);
    buffer_append_u16(b, 4); /* LONG */
    buffer_append_u32(b, 1);
    buffer_append_u32(b, value);
}

#define FAX_TAGS         9
#define FAX_HEADER_BYTES (8 + 2 + FAX_TAGS * 12 + 4)

static void fax_wrap(const struct form *f, const struct fax *fax,
                     const unsigned char *bytes, size_t count, struct buffer *out)
{
    /* PDF: black runs become 0 bits unless BlackIs1, and 0 is black unless the
     * Decode array turns it round. */
    bool inverted = fax->black_is_1 != f->inverted;

    buffer_append(out, "II*\0\x08\0\0\0", 8);
    buffer_append_u16(out, FAX_TAGS);
    append_tag(out, 256, f->width);
    append_tag(out, 257, f->height);
    append_tag(out, 258, 1);                  /* bits per sample */
    append_tag(out, 259, fax->k < 0 ? 4 : 3); /* compression */
    append_tag(out, 262, inverted ? 1 : 0);   /* 0: white is zero */
    append_tag(out, 273, FAX_HEADER_BYTES);   /* the strip */
    append_tag(out, 278, f->height);          /* its rows */
    append_tag(out, 279, (uint32_t)count);    /* its bytes */
    append_tag(out, 292, fax->k > 0 ? 1 : 0); /* T4 options */
    buffer_append_u32(out, 0);
    buffer_append(out, bytes, count);
}

static enum opened open_fax(qpdf_data q, const struct form *f, struct opened_page *out)
{
    struct fax fax;
    struct buffer tiff;
    struct err e;
    size_t count = 0;
    unsigned char *bytes;
    enum refusal r = REFUSAL_DAMAGED;

    if (!take_fax(q, f, &fax))
        return OPENED_NEEDS_DRAWING;
    buffer_init(&tiff, UINT32_MAX);
    bytes = stream_bytes(q, f->stream, qpdf_dl_none, &count);
    if (bytes != NULL && count < UINT32_MAX - FAX_HEADER_BYTES) {
        fax_wrap(f, &fax, bytes, count, &tiff);
        if (buffer_check(&tiff, &e) == 0)
            r = picture_decode(PICTURE_TIFF, tiff.bytes, tiff.count, 0, out);
    }
    free(bytes);
    buffer_release(&tiff);
    return as_opened(r, out);
}

/* --- plain samples ----------------------------------------------------------- */

/* Reduced, because the samples lie beside it. */
static struct Pix *pix_of_rgb(const struct form *f, const unsigned char *bytes)
{
    struct reduction r;

    if (reduction_start(&r, f->width, f->height, SAMPLES_RGB) != 0)
        return NULL;
    for (uint32_t y = 0; y < f->height; y++)
        reduction_take(&r, bytes + (size_t)y * f->width * SAMPLES_RGB);
    return reduction_end(&r);
}

/* Of 1 or 8 bits: PDF's rows end at a byte, Leptonica's at a word. */
static struct Pix *pix_of_grey(const struct form *f, const unsigned char *bytes,
                               size_t row_bytes)
{
    struct Pix *pix = pixCreate((l_int32)f->width, (l_int32)f->height, f->bits);

    if (pix == NULL)
        return NULL;
    for (uint32_t y = 0; y < f->height; y++)
        memcpy(pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix),
               bytes + y * row_bytes, row_bytes);
    (void)pixEndianByteSwap(pix); /* cannot fail: there is a pix */
    /* A 1 of one bit is black to Leptonica, white to PDF. */
    if ((f->bits == 1) != f->inverted)
        (void)pixInvert(pix, pix);
    return pix;
}

static enum opened open_samples(qpdf_data q, const struct form *f,
                                struct opened_page *out)
{
    size_t row_bytes = ((size_t)f->width * (size_t)f->bits * f->samples + 7) / 8;
    size_t count = 0;
    unsigned char *bytes;
    struct Pix *pix = NULL;

    if (f->bits != 8 && !(f->bits == 1 && f->samples == SAMPLES_GREY))
        return OPENED_NEEDS_DRAWING;
    bytes = stream_bytes(q, f->stream, qpdf_dl_generalized, &count);
    if (bytes != NULL && count >= row_bytes * f->height)
        pix = f->samples == SAMPLES_RGB ? pix_of_rgb(f, bytes)
                                        : pix_of_grey(f, bytes, row_bytes);
    free(bytes);
    return as_opened(picture_finish(pix, f->width, f->height, 0, out), out);
}

enum opened pdf_picture_open(qpdf_data q, qpdf_oh picture, struct opened_page *out)
{
    struct form f;
    enum refusal r;

    if (!take_form(q, picture, &f))
        return OPENED_NEEDS_DRAWING;
    if ((r = sides_check(f.width, f.height)) != REFUSAL_NONE)
        return as_opened(r, out);
    if (strcmp(f.filter, "/DCTDecode") == 0)
        return open_jpeg(q, &f, out);
    if (strcmp(f.filter, "/CCITTFaxDecode") == 0)
        return open_fax(q, &f, out);
    return open_samples(q, &f, out);
}

unsigned char *pdf_picture_jpeg(qpdf_data q, qpdf_oh picture, size_t *count)
{
    struct form f;

    if (!take_form(q, picture, &f) || f.inverted || strcmp(f.filter, "/DCTDecode") != 0 ||
        !is_absent(q, f.dict, "/DecodeParms"))
        return NULL;
    return stream_bytes(q, f.stream, qpdf_dl_none, count);
}
