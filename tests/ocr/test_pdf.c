/* A PDF page that is one picture gives the picture; every other page is drawn. */
#include "ocr/opener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "tests/lib/documents.h"

#define WIDE  400
#define HIGH  560 /* as A4 as 595 x 842 points are, nearly */
#define WHOLE "q 595 0 0 842 0 0 cm /Im0 Do Q"
#define A4    "0 0 595 842"
#define JPEG_DCT                                                                         \
    "/Type /XObject /Subtype /Image /Width 400 /Height 560 "                             \
    "/BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode"
#define RAW "/Type /XObject /Subtype /Image /Width 400 /Height 560 "

struct world {
    struct Pix *pix; /* the scan: dark above, so that one sees how it lies */
    struct buffer jpeg;
};

static int world_set_up(void **state)
{
    static const char *const lines[] = {"HOI DONG NHAN DAN", "NGHI QUYET", NULL};
    struct world *w = calloc(1, sizeof *w);

    w->pix = document_page(WIDE, HIGH, lines);
    document_encode(&w->jpeg, w->pix, IFF_JFIF_JPEG);
    *state = w;
    return 0;
}

static int world_tear_down(void **state)
{
    struct world *w = *state;

    buffer_release(&w->jpeg);
    pixDestroy(&w->pix);
    free(w);
    return 0;
}

static enum opened open_sheet(const struct pdf_sheet *sheet, struct opened_page *out)
{
    struct buffer pdf;
    enum opened opened;
    int fd;

    document_pdf(&pdf, sheet, 1);
    fd = document_fd(pdf.bytes, pdf.count);
    opened = page_open(fd, 0, out);
    close(fd);
    buffer_release(&pdf);
    return opened;
}

static double ink(struct Pix *pix, int left, int top, int width, int height)
{
    struct Pix *grey = pixConvertTo8(pix, 0);
    BOX *box = boxCreate(left, top, width, height);
    l_float32 value = 0;

    assert_int_equal(pixAverageInRect(grey, NULL, box, 0, 255, 1, &value), 0);
    boxDestroy(&box);
    pixDestroy(&grey);
    return 255 - value;
}

/* Which side has most ink: 0 above, 1 right, 2 below, 3 left. */
static int dark_side(struct Pix *pix)
{
    int w = pixGetWidth(pix), h = pixGetHeight(pix), side = 0;
    double inks[4] = {ink(pix, 0, 0, w, h / 2), ink(pix, w - w / 2, 0, w / 2, h),
                      ink(pix, 0, h - h / 2, w, h / 2), ink(pix, 0, 0, w / 2, h)};

    for (int i = 1; i < 4; i++)
        if (inks[i] > inks[side])
            side = i;
    return side;
}

/* It opens without drawing, lies so, and is as light as the scan is. */
static void expect_picture(const struct world *w, const struct pdf_sheet *sheet, int side)
{
    struct opened_page page;
    int width = pixGetWidth(w->pix), height = pixGetHeight(w->pix);

    assert_int_equal(open_sheet(sheet, &page), OPENED);
    assert_int_equal(page.width, side % 2 == 0 ? WIDE : HIGH);
    assert_int_equal(page.height, side % 2 == 0 ? HIGH : WIDE);
    assert_int_equal(pixGetWidth(page.pix), page.width);
    assert_int_equal(dark_side(page.pix), side);
    assert_float_equal(ink(page.pix, 0, 0, (int)page.width, (int)page.height),
                       ink(w->pix, 0, 0, width, height), 2.0);
    pixDestroy(&page.pix);
}

static void expect_drawing(const struct world *w, const char *entries,
                           const char *content, const char *picture)
{
    struct opened_page page;
    const struct pdf_sheet sheet = {.box = A4,
                                    .entries = entries,
                                    .content = content,
                                    .picture = picture,
                                    .bytes = w->jpeg.bytes,
                                    .count = w->jpeg.count};

    assert_int_equal(open_sheet(&sheet, &page), OPENED_NEEDS_DRAWING);
    assert_null(page.pix);
}

static struct pdf_sheet jpeg_sheet(const struct world *w, const char *content)
{
    return (struct pdf_sheet){.box = A4,
                              .content = content,
                              .picture = JPEG_DCT,
                              .bytes = w->jpeg.bytes,
                              .count = w->jpeg.count};
}

static void jpeg_page_is_its_picture_at_its_printed_density(void **state)
{
    struct world *w = *state;
    struct pdf_sheet sheet = jpeg_sheet(w, WHOLE);
    struct opened_page page;

    expect_picture(w, &sheet, 0);
    assert_int_equal(open_sheet(&sheet, &page), OPENED);
    assert_in_range(page.dpi, 50, 50); /* 400 pixels on 8.26 inches are 48: a lie */
    pixDestroy(&page.pix);
    sheet.box = "0 0 144 201.6";
    sheet.content = "144 0 0 201.6 0 0 cm /Im0 Do";
    assert_int_equal(open_sheet(&sheet, &page), OPENED);
    assert_int_equal(page.dpi, 200);
    pixDestroy(&page.pix);
}

static void what_paints_nothing_is_no_hindrance(void **state)
{
    struct world *w = *state;
    static const char *const contents[] = {
        "q\n0 0 595 842 re W n\n595 0 0 842 0 0 cm\n/Im0 Do\nQ",
        "/Artifact <</Type /Pagination>> BDC q 1 g 0 G 2 w 297.5 0 0 421 0 0 cm\n"
        "2 0 0 2 0 0 cm /Im0 Do Q EMC % done",
        "q 575 0 0 814 10 14 cm /Im0 Do Q", /* a narrow margin */
        "q 600 0 0 850 -2 -4 cm /Im0 Do Q", /* cut by a hair */
    };

    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct pdf_sheet sheet = jpeg_sheet(w, contents[i]);

        expect_picture(w, &sheet, 0);
    }
}

static void fax_page_is_its_picture(void **state)
{
    struct world *w = *state;
    struct buffer tiff;
    uint32_t strip = 0, bytes = 0, directory;
    struct pdf_sheet sheet = {.box = A4, .content = WHOLE};

    document_encode(&tiff, w->pix, IFF_TIFF_G4);
    memcpy(&directory, tiff.bytes + 4, 4);
    for (uint32_t i = 0; i < tiff.bytes[directory]; i++) {
        const unsigned char *entry = tiff.bytes + directory + 2 + (size_t)i * 12;

        if (entry[0] == 0x11 && entry[1] == 1)
            memcpy(&strip, entry + 8, 4);
        if (entry[0] == 0x17 && entry[1] == 1)
            memcpy(&bytes, entry + 8, entry[2] == 3 ? 2 : 4);
    }
    sheet.bytes = tiff.bytes + strip;
    sheet.count = bytes;
    sheet.picture = RAW "/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter "
                        "/CCITTFaxDecode /DecodeParms << /K -1 /Columns 400 /Rows 560 >>";
    expect_picture(w, &sheet, 0);
    sheet.picture = RAW "/BitsPerComponent 1 /ColorSpace /DeviceGray /Decode [1 0] "
                        "/Filter [/CCITTFaxDecode] /DecodeParms [<< /K -1 /Columns 400 "
                        "/BlackIs1 true >>]";
    expect_picture(w, &sheet, 0);
    buffer_release(&tiff);
}

/* The scan's samples as PDF has them: rows end at a byte. */
static void samples(struct buffer *out, struct Pix *pix, int depth)
{
    buffer_init(out, DOCUMENT_BYTES_MAX);
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++) {
            l_uint32 value = 0;

            (void)pixGetPixel(pix, x, y, &value);
            if (depth == 1 && x % 8 == 0)
                buffer_append_byte(out, 0);
            if (depth == 1)
                out->bytes[out->count - 1] |= (uint8_t)((value > 128) << (7 - x % 8));
            for (int i = 0; depth != 1 && i < depth / 8; i++)
                buffer_append_byte(out, (uint8_t)value);
        }
}

static void plain_samples_are_their_picture(void **state)
{
    static const struct {
        int depth;
        const char *picture;
    } forms[] = {
        {8, RAW "/BitsPerComponent 8 /ColorSpace /DeviceGray"},
        {8, RAW "/BitsPerComponent 8 /ColorSpace [/CalGray << >>] /Decode [0 1]"},
        {24, RAW "/BitsPerComponent 8 /ColorSpace /DeviceRGB"},
        {1, RAW "/BitsPerComponent 1 /ColorSpace /DeviceGray"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct buffer b;
        struct pdf_sheet sheet = {
            .box = A4, .content = WHOLE, .picture = forms[i].picture};

        samples(&b, w->pix, forms[i].depth);
        sheet.bytes = b.bytes;
        sheet.count = b.count;
        expect_picture(w, &sheet, 0);
        buffer_release(&b);
    }
}

static void turned_page_lies_as_it_is_shown(void **state)
{
    struct world *w = *state;
    struct pdf_sheet sheet = jpeg_sheet(w, WHOLE);

    sheet.entries = "/Rotate 90";
    expect_picture(w, &sheet, 1);
    sheet.entries = "/Rotate 180";
    expect_picture(w, &sheet, 2);
    sheet.entries = "/Rotate -90";
    expect_picture(w, &sheet, 3);
    sheet = jpeg_sheet(w, "q -595 0 0 -842 595 842 cm /Im0 Do Q");
    expect_picture(w, &sheet, 2);
    sheet = jpeg_sheet(w, "0 -595 842 0 0 595 cm /Im0 Do"); /* clockwise */
    sheet.box = "0 0 842 595";
    expect_picture(w, &sheet, 1);
    sheet.entries = "/Rotate 270";
    expect_picture(w, &sheet, 0);
}

static void anything_else_on_the_page_makes_it_drawn(void **state)
{
    struct world *w = *state;

    expect_drawing(w, NULL, WHOLE " BT /F1 12 Tf (so 5) Tj ET", JPEG_DCT);
    expect_drawing(w, NULL, WHOLE " " WHOLE, JPEG_DCT);
    expect_drawing(w, NULL, WHOLE " 10 10 50 50 re f", JPEG_DCT);
    expect_drawing(w, NULL, "100 100 200 200 re W n " WHOLE, JPEG_DCT);
    expect_drawing(w, NULL, "q 300 0 0 400 100 100 cm /Im0 Do Q", JPEG_DCT);
    expect_drawing(w, NULL, "q -595 0 0 842 595 0 cm /Im0 Do Q", JPEG_DCT);
    expect_drawing(w, NULL, "q 590 60 -60 840 0 0 cm /Im0 Do Q", JPEG_DCT);
    expect_drawing(w, NULL, "/OC /Layer BDC " WHOLE " EMC", JPEG_DCT);
    expect_drawing(w, NULL, "BI /W 1 /H 1 ID x EI", JPEG_DCT);
    expect_drawing(w, NULL, "/Im1 Do", JPEG_DCT);
    expect_drawing(w, NULL, "", JPEG_DCT);
    expect_drawing(w, "/Rotate 45", WHOLE, JPEG_DCT);
    expect_drawing(w, "/Annots [<< /Subtype /Stamp /Rect [0 0 9 9] >>]", WHOLE, JPEG_DCT);
}

static void link_on_the_page_paints_nothing(void **state)
{
    struct world *w = *state;
    struct pdf_sheet sheet = jpeg_sheet(w, WHOLE);

    sheet.entries = "/Annots [<< /Subtype /Link /Rect [0 0 9 9] >>]";
    expect_picture(w, &sheet, 0);
}

static void picture_of_a_form_that_we_do_not_know_is_drawn(void **state)
{
    struct world *w = *state;

    expect_drawing(w, NULL, WHOLE, RAW "/ImageMask true /BitsPerComponent 1");
    expect_drawing(w, NULL, WHOLE, JPEG_DCT " /SMask 1 0 R");
    expect_drawing(w, NULL, WHOLE, JPEG_DCT " /Decode [1 0]");
    expect_drawing(w, NULL, WHOLE, RAW "/ColorSpace /DeviceGray /Filter /JPXDecode");
    expect_drawing(w, NULL, WHOLE, RAW "/ColorSpace /DeviceGray /Filter /JBIG2Decode");
    expect_drawing(w, NULL, WHOLE, RAW "/ColorSpace /DeviceCMYK /BitsPerComponent 8");
    expect_drawing(w, NULL, WHOLE,
                   RAW "/BitsPerComponent 8 /ColorSpace "
                       "[/Indexed /DeviceRGB 1 <000000ffffff>]");
    /* fewer samples than 400 x 560 */
    expect_drawing(w, NULL, WHOLE, RAW "/ColorSpace /DeviceRGB /BitsPerComponent 8");
}

/* Of the page of a stencil that fills these points. */
static uint32_t density(const struct world *w, const char *box, const char *content)
{
    struct opened_page page;
    const struct pdf_sheet sheet = {.box = box,
                                    .content = content,
                                    .picture = RAW "/ImageMask true /BitsPerComponent 1",
                                    .bytes = w->jpeg.bytes,
                                    .count = w->jpeg.count};

    assert_int_equal(open_sheet(&sheet, &page), OPENED_NEEDS_DRAWING);
    return page.dpi;
}

static void page_to_be_drawn_says_how_dense_its_pictures_are(void **state)
{
    struct world *w = *state;

    assert_int_equal(density(w, "0 0 144 201.6", "/Im0 Do"), 200);
    assert_int_equal(density(w, "0 0 72 201.6", "/Im0 Do"), 0); /* not its shape */
    assert_int_equal(density(w, "0 0 2 2.8", "/Im0 Do"), 0);    /* 14,400: no scanner's */
}

static void picture_of_too_many_pixels_is_refused(void **state)
{
    struct world *w = *state;
    struct opened_page page;
    struct pdf_sheet sheet = jpeg_sheet(w, WHOLE);

    sheet.picture = "/Subtype /Image /Width 30000 /Height 30000 /BitsPerComponent 8 "
                    "/ColorSpace /DeviceGray";
    assert_int_equal(open_sheet(&sheet, &page), OPENED_REFUSED);
    assert_int_equal(page.refusal, REFUSAL_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_page_is_its_picture_at_its_printed_density),
        cmocka_unit_test(what_paints_nothing_is_no_hindrance),
        cmocka_unit_test(fax_page_is_its_picture),
        cmocka_unit_test(plain_samples_are_their_picture),
        cmocka_unit_test(turned_page_lies_as_it_is_shown),
        cmocka_unit_test(anything_else_on_the_page_makes_it_drawn),
        cmocka_unit_test(link_on_the_page_paints_nothing),
        cmocka_unit_test(picture_of_a_form_that_we_do_not_know_is_drawn),
        cmocka_unit_test(page_to_be_drawn_says_how_dense_its_pictures_are),
        cmocka_unit_test(picture_of_too_many_pixels_is_refused),
    };

    (void)setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
