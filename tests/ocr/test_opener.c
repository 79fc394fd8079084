/* What is known of a document before a pixel is decoded, and its pictures opened. */
#include "ocr/opener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "tests/lib/documents.h"

static const char *const lines[] = {"UY BAN NHAN DAN", "QUYET DINH", NULL};

static struct identity identify(const void *bytes, size_t count)
{
    struct identity i;
    int fd = document_fd(bytes, count);

    document_identify(fd, &i);
    close(fd);
    return i;
}

static enum opened open_bytes(const void *bytes, size_t count, uint32_t page,
                              struct opened_page *out)
{
    int fd = document_fd(bytes, count);
    enum opened opened = page_open(fd, page, out);

    close(fd);
    return opened;
}

static void expect_refusal(const void *bytes, size_t count, enum refusal r)
{
    struct identity i = identify(bytes, count);

    assert_string_equal(refusal_name(i.refusal), refusal_name(r));
    assert_int_equal(i.media, MEDIA_UNKNOWN);
}

static void expect_known(const struct buffer *b, enum media media, uint32_t pages)
{
    struct identity i = identify(b->bytes, b->count);

    assert_string_equal(refusal_name(i.refusal), "none");
    assert_string_equal(media_type(i.media), media_type(media));
    assert_int_equal(i.pages, pages);
}

static void encoded(struct buffer *out, int format)
{
    struct Pix *page = document_page(320, 200, lines);

    document_encode(out, page, format);
    pixDestroy(&page);
}

static void a_small_pdf(struct buffer *out)
{
    const struct pdf_sheet sheets[2] = {
        {.box = "0 0 595 842", .content = "BT (a) Tj ET", .bytes = ""},
        {.box = "0 0 595 842", .content = "BT (b) Tj ET", .bytes = ""},
    };

    document_pdf(out, sheets, 2);
}

/* --- identify ------------------------------------------------------------ */

static void pictures_and_pdfs_are_known_with_their_pages(void **state)
{
    struct buffer b;
    struct Pix *page = document_page(320, 200, lines);

    (void)state;
    encoded(&b, IFF_JFIF_JPEG);
    expect_known(&b, MEDIA_JPEG, 1);
    buffer_release(&b);
    encoded(&b, IFF_PNG);
    expect_known(&b, MEDIA_PNG, 1);
    buffer_release(&b);
    document_tiff(&b, page, 3);
    expect_known(&b, MEDIA_TIFF, 3);
    buffer_release(&b);
    a_small_pdf(&b);
    expect_known(&b, MEDIA_PDF, 2);
    buffer_release(&b);
    pixDestroy(&page);
}

static void nothing_is_empty(void **state)
{
    (void)state;
    expect_refusal("", 0, REFUSAL_EMPTY);
}

static void other_kinds_are_of_the_wrong_type(void **state)
{
    static const char office[] = "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                 "\23\0\0\0[Content_Types].xml....";
    static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\3KLJ\6\0\xc2"
                               "A$5\3\0\0\0";
    struct buffer b;

    (void)state;
    expect_refusal("Kính gửi", 10, REFUSAL_WRONG_TYPE);
    expect_refusal("P5\n1 1\n255\n.", 12, REFUSAL_WRONG_TYPE);
    expect_refusal("GIF89a..........", 16, REFUSAL_WRONG_TYPE);
    expect_refusal(office, sizeof office - 1, REFUSAL_WRONG_TYPE);
    expect_refusal(gzip, sizeof gzip - 1, REFUSAL_WRONG_TYPE);
    encoded(&b, IFF_BMP);
    expect_refusal(b.bytes, b.count, REFUSAL_WRONG_TYPE);
    buffer_release(&b);
}

/* Every shorter length of the file, in steps. */
static void expect_cut_off(const struct buffer *b, size_t from)
{
    size_t step = b->count / 97 + 1;

    for (size_t n = from; n < b->count; n += step)
        expect_refusal(b->bytes, n, REFUSAL_CUT_OFF);
}

static void a_file_without_its_end_is_cut_off(void **state)
{
    struct buffer b;
    struct Pix *page = document_page(320, 200, lines);

    (void)state;
    encoded(&b, IFF_JFIF_JPEG);
    expect_cut_off(&b, 4);
    expect_refusal(b.bytes, b.count - 1, REFUSAL_CUT_OFF);
    buffer_release(&b);
    encoded(&b, IFF_PNG);
    expect_cut_off(&b, 8);
    expect_refusal(b.bytes, b.count - 1, REFUSAL_CUT_OFF);
    buffer_release(&b);
    document_tiff(&b, page, 2);
    for (size_t part = 1; part < 8; part++) /* behind the last strip stands the density */
        expect_refusal(b.bytes, b.count * part / 8, REFUSAL_CUT_OFF);
    buffer_release(&b);
    a_small_pdf(&b);
    expect_refusal(b.bytes, b.count - 30, REFUSAL_CUT_OFF);
    expect_refusal(b.bytes, b.count / 2, REFUSAL_CUT_OFF);
    expect_refusal(b.bytes, 9, REFUSAL_CUT_OFF);
    buffer_release(&b);
    pixDestroy(&page);
}

static void rubbish_behind_a_jpeg_is_none_of_its_end(void **state)
{
    struct buffer b;

    (void)state;
    encoded(&b, IFF_JFIF_JPEG);
    buffer_append_text(&b, "written by a camera behind the picture");
    expect_known(&b, MEDIA_JPEG, 1);
    buffer_release(&b);
}

static void progressive_jpeg_is_fine(void **state)
{
    struct Pix *page = document_page(320, 200, lines);
    l_uint8 *bytes = NULL;
    size_t count = 0;

    (void)state;
    assert_int_equal(pixWriteMemJpeg(&bytes, &count, page, 75, 1), 0);
    assert_int_equal(identify(bytes, count).refusal, REFUSAL_NONE);
    lept_free(bytes);
    pixDestroy(&page);
}

/* 30,000 in the header of a picture that has 320. */
static void picture_that_says_it_is_huge_is_refused_undecoded(void **state)
{
    struct opened_page page;
    struct buffer b;

    (void)state;
    encoded(&b, IFF_PNG);
    memcpy(b.bytes + 16, "\0\0\x75\x30\0\0\x75\x30", 8);
    expect_refusal(b.bytes, b.count, REFUSAL_TOO_LARGE);
    assert_int_equal(open_bytes(b.bytes, b.count, 0, &page), OPENED_REFUSED);
    assert_int_equal(page.refusal, REFUSAL_TOO_LARGE);
    memcpy(b.bytes + 16, "\x3b\x9a\xca\0\0\0\0\1", 8);
    expect_refusal(b.bytes, b.count, REFUSAL_TOO_LARGE);
    memcpy(b.bytes + 16, "\0\0\0\0\0\0\0\1", 8);
    expect_refusal(b.bytes, b.count, REFUSAL_DAMAGED);
    buffer_release(&b);
    encoded(&b, IFF_JFIF_JPEG);
    for (size_t i = 0; i + 9 < b.count; i++)
        if (b.bytes[i] == 0xff && b.bytes[i + 1] == 0xc0)
            memcpy(b.bytes + i + 5, "\x75\x30\x75\x30", 4);
    expect_refusal(b.bytes, b.count, REFUSAL_TOO_LARGE);
    buffer_release(&b);
}

/* One directory of the three entries that are asked for; its successor is itself. */
static void tiff_that_bites_its_tail_is_damaged(void **state)
{
    static const unsigned char tiff[] = "II*\0\x08\0\0\0\x03\0"
                                        "\0\1\3\0\1\0\0\0\4\0\0\0"   /* width 4 */
                                        "\1\1\3\0\1\0\0\0\4\0\0\0"   /* height 4 */
                                        "\x11\1\4\0\1\0\0\0\0\0\0\0" /* a strip */
                                        "\x08\0\0\0";
    unsigned char none[sizeof tiff];

    (void)state;
    expect_refusal(tiff, sizeof tiff - 1, REFUSAL_DAMAGED);
    memcpy(none, tiff, sizeof tiff);
    memset(none + 4, 0, 4);
    expect_refusal(none, sizeof none - 1, REFUSAL_NO_PAGES);
}

static void pdf_that_asks_for_a_password_is_encrypted(void **state)
{
    struct buffer pdf, locked;

    (void)state;
    a_small_pdf(&pdf);
    document_lock(&locked, &pdf, "user");
    expect_refusal(locked.bytes, locked.count, REFUSAL_ENCRYPTED);
    buffer_release(&locked);
    document_lock(&locked, &pdf, "");
    expect_known(&locked, MEDIA_PDF, 2);
    buffer_release(&locked);
    buffer_release(&pdf);
}

static void pdf_beyond_repair_is_damaged(void **state)
{
    static const char bad[] = "%PDF-1.4\nnothing of the sort\n%%EOF\n";

    (void)state;
    expect_refusal(bad, sizeof bad - 1, REFUSAL_DAMAGED);
}

/* Behind a JPEG's first marker, which comments may follow. */
static void jpeg_that_says(struct buffer *out, const char *comment)
{
    struct buffer jpeg;
    size_t n = strlen(comment) + 2;

    encoded(&jpeg, IFF_JFIF_JPEG);
    buffer_init(out, 1 << 20);
    buffer_append(out, jpeg.bytes, 2);
    buffer_append(out, "\xff\xfe", 2);
    buffer_append_byte(out, (uint8_t)(n >> 8));
    buffer_append_byte(out, (uint8_t)n);
    buffer_append_text(out, comment);
    buffer_append(out, jpeg.bytes + 2, jpeg.count - 2);
    buffer_release(&jpeg);
}

static void jpeg_that_says_it_is_a_pdf_is_read_as_a_jpeg(void **state)
{
    struct opened_page page;
    struct buffer b;

    (void)state;
    jpeg_that_says(&b, "%PDF-1.4\n");
    expect_known(&b, MEDIA_JPEG, 1);
    assert_int_equal(open_bytes(b.bytes, b.count, 0, &page), OPENED);
    assert_int_equal(page.width, 320);
    pixDestroy(&page.pix);
    buffer_release(&b);
}

static void what_is_a_jpeg_and_a_pdf_is_read_as_it_was_identified(void **state)
{
    struct opened_page page;
    struct buffer both, pdf;

    (void)state;
    jpeg_that_says(&both, "%PDF-1.4\n");
    a_small_pdf(&pdf);
    buffer_append(&both, pdf.bytes, pdf.count);
    expect_known(&both, MEDIA_JPEG, 1);
    assert_int_equal(open_bytes(both.bytes, both.count, 0, &page), OPENED);
    pixDestroy(&page.pix);
    assert_int_equal(open_bytes(both.bytes, both.count, 1, &page), OPENED_REFUSED);
    buffer_release(&pdf);
    buffer_release(&both);
}

static void pnm_that_says_it_is_a_pdf_is_neither(void **state)
{
    static const char pnm[] = "P5\n9 1\n255\n%PDF-1.4\n%%EOF\n";

    (void)state;
    expect_refusal(pnm, sizeof pnm - 1, REFUSAL_WRONG_TYPE);
}

/* --- pictures opened --------------------------------------------------------- */

static void expect_opens(struct Pix *pix, int format, int depth)
{
    struct buffer b;
    struct opened_page page;

    document_encode(&b, pix, format);
    assert_int_equal(open_bytes(b.bytes, b.count, 0, &page), OPENED);
    assert_int_equal(pixGetDepth(page.pix), depth);
    assert_null(pixGetColormap(page.pix));
    assert_int_equal(page.width, pixGetWidth(pix));
    assert_int_equal(page.height, pixGetHeight(pix));
    pixDestroy(&page.pix);
    buffer_release(&b);
}

static void every_depth_opens_as_bits_grey_or_colour(void **state)
{
    struct Pix *grey = document_page(320, 200, lines), *other;
    const int formats[] = {IFF_PNG, IFF_TIFF_ZIP, IFF_TIFF_LZW};

    (void)state;
    for (int i = 0; i < 3; i++) {
        expect_opens(grey, formats[i], 8);
        other = pixConvertTo1(grey, 128);
        expect_opens(other, formats[i], 1);
        pixDestroy(&other);
        other = pixConvertTo32(grey);
        expect_opens(other, formats[i], 32);
        pixDestroy(&other);
        other = pixConvert8To16(grey, 8);
        expect_opens(other, formats[i], 8);
        pixDestroy(&other);
        other = pixThresholdTo4bpp(grey, 16, 0);
        expect_opens(other, formats[i], 8);
        pixDestroy(&other);
        other = pixConvertTo8(grey, 1); /* with a palette */
        expect_opens(other, formats[i], 8);
        pixDestroy(&other);
    }
    expect_opens(grey, IFF_JFIF_JPEG, 8);
    expect_opens(grey, IFF_TIFF_G4, 1);
    expect_opens(grey, IFF_PNM, 8); /* as a drawn page comes */
    pixDestroy(&grey);
}

static void the_transparent_is_white(void **state)
{
    struct Pix *clear = pixCreate(20, 20, 32);
    struct opened_page page;
    struct buffer b;
    l_uint32 value = 0;

    (void)state;
    pixSetSpp(clear, 4); /* all of it black, and of no opacity */
    document_encode(&b, clear, IFF_PNG);
    assert_int_equal(open_bytes(b.bytes, b.count, 0, &page), OPENED);
    assert_int_equal(pixGetPixel(page.pix, 10, 10, &value), 0);
    assert_int_equal(value >> 8, 0xffffff);
    pixDestroy(&page.pix);
    pixDestroy(&clear);
    buffer_release(&b);
}

static void large_page_is_scaled_and_tells_its_own_size(void **state)
{
    struct Pix *large = pixCreate(4960, 7016, 1);
    const int formats[] = {IFF_PNG, IFF_JFIF_JPEG};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct Pix *pix = i == 0 ? pixClone(large) : pixConvertTo8(large, 0);
        struct opened_page page;
        struct buffer b;
        double pixels;

        (void)pixSetResolution(pix, 600, 600);
        document_encode(&b, pix, formats[i]);
        assert_int_equal(open_bytes(b.bytes, b.count, 0, &page), OPENED);
        pixels = (double)pixGetWidth(page.pix) * pixGetHeight(page.pix);
        assert_true(pixels <= PAGE_PIXELS_MAX * 1.01);
        assert_true(pixels >= PAGE_PIXELS_MAX * 0.98);
        assert_int_equal(page.width, 4960);
        assert_int_equal(page.height, 7016);
        assert_int_equal(page.dpi, 600);
        pixDestroy(&page.pix);
        pixDestroy(&pix);
        buffer_release(&b);
    }
    pixDestroy(&large);
}

static uint32_t dpi_told(int width, int height, int said)
{
    struct Pix *pix = pixCreate(width, height, 1);
    struct opened_page page;
    struct buffer b;
    uint32_t dpi;

    (void)pixSetResolution(pix, said, said);
    document_encode(&b, pix, IFF_PNG);
    assert_int_equal(open_bytes(b.bytes, b.count, 0, &page), OPENED);
    dpi = page.dpi;
    pixDestroy(&page.pix);
    pixDestroy(&pix);
    buffer_release(&b);
    return dpi;
}

static void dpi_that_cannot_be_is_estimated_from_a4(void **state)
{
    (void)state;
    assert_int_equal(dpi_told(1654, 2339, 200), 200);
    assert_int_equal(dpi_told(1654, 2339, 0), 200);
    assert_int_equal(dpi_told(3508, 2480, 1), 300);
    assert_int_equal(dpi_told(3508, 2480, 9999), 300);
    assert_int_equal(dpi_told(2480, 3508, 72), 300); /* a camera's word */
}

static void each_page_of_a_tiff_opens_and_none_behind(void **state)
{
    struct Pix *pix = document_page(320, 200, lines);
    struct opened_page page;
    struct buffer b;

    (void)state;
    document_tiff(&b, pix, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(open_bytes(b.bytes, b.count, i, &page), OPENED);
        pixDestroy(&page.pix);
    }
    assert_int_equal(open_bytes(b.bytes, b.count, 2, &page), OPENED_REFUSED);
    assert_int_equal(page.refusal, REFUSAL_NO_PAGES);
    assert_null(page.pix);
    buffer_release(&b);
    pixDestroy(&pix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_pdfs_are_known_with_their_pages),
        cmocka_unit_test(nothing_is_empty),
        cmocka_unit_test(other_kinds_are_of_the_wrong_type),
        cmocka_unit_test(a_file_without_its_end_is_cut_off),
        cmocka_unit_test(rubbish_behind_a_jpeg_is_none_of_its_end),
        cmocka_unit_test(progressive_jpeg_is_fine),
        cmocka_unit_test(picture_that_says_it_is_huge_is_refused_undecoded),
        cmocka_unit_test(tiff_that_bites_its_tail_is_damaged),
        cmocka_unit_test(pdf_that_asks_for_a_password_is_encrypted),
        cmocka_unit_test(pdf_beyond_repair_is_damaged),
        cmocka_unit_test(jpeg_that_says_it_is_a_pdf_is_read_as_a_jpeg),
        cmocka_unit_test(what_is_a_jpeg_and_a_pdf_is_read_as_it_was_identified),
        cmocka_unit_test(pnm_that_says_it_is_a_pdf_is_neither),
        cmocka_unit_test(every_depth_opens_as_bits_grey_or_colour),
        cmocka_unit_test(the_transparent_is_white),
        cmocka_unit_test(large_page_is_scaled_and_tells_its_own_size),
        cmocka_unit_test(dpi_that_cannot_be_is_estimated_from_a4),
        cmocka_unit_test(each_page_of_a_tiff_opens_and_none_behind),
    };

    (void)setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
