/* A picture taken with the phone held upright lies on its side in its file, and a tag
 * says so: it is opened as every viewer shows it. */
#include "ocr/exif.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/opener.h"
#include "tests/lib/documents.h"

#define WIDE  320
#define HIGH  200
#define LIKE  20 /* dB between what was encoded and what is decoded */
#define WHOLE "q 595 0 0 372 0 0 cm /Im0 Do Q"

static const char *const lines[] = {"UY BAN NHAN DAN", "QUYET DINH", NULL};

/* --- documents --------------------------------------------------------------- */

/* A tag's entry as it is written by who begins with the high byte. */
struct entry {
    unsigned tag, type, count, value;
};

static void append_number(struct buffer *out, bool little, unsigned value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        unsigned place = little ? i : bytes - 1 - i;

        buffer_append_byte(out, (uint8_t)(value >> 8 * place));
    }
}

/* The APP1 segment that a camera writes; `to` is where the directory is said to be. */
static void append_exif(struct buffer *out, bool little, unsigned to,
                        const struct entry *entry)
{
    const struct entry all[] = {{0x010f, 2, 4, 0x41424300}, *entry}; /* the maker */

    buffer_append(out,
                  "\xff\xe1\0\x2c"
                  "Exif\0\0",
                  10);
    buffer_append_text(out, little ? "II" : "MM");
    append_number(out, little, 42, 2);
    append_number(out, little, to, 4);
    append_number(out, little, 2, 2);
    for (int i = 0; i < 2; i++) {
        append_number(out, little, all[i].tag, 2);
        append_number(out, little, all[i].type, 2);
        append_number(out, little, all[i].count, 4);
        append_number(out, little, all[i].value, i == 0 ? 4 : 2);
        if (i == 1)
            append_number(out, little, 0, 2);
    }
    append_number(out, little, 0, 2); /* half of: no other directory */
}

/* The JPEG of `pix` with the segment behind its first mark. */
static void a_photo(struct buffer *out, struct Pix *pix, bool little, unsigned to,
                    const struct entry *entry)
{
    struct buffer jpeg;

    document_encode(&jpeg, pix, IFF_JFIF_JPEG);
    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append(out, jpeg.bytes, 2);
    append_exif(out, little, to, entry);
    buffer_append(out, jpeg.bytes + 2, jpeg.count - 2);
    buffer_release(&jpeg);
}

static struct entry orientation(unsigned value)
{
    return (struct entry){0x0112, 3, 1, value};
}

/* The page as it lies in a file with that tag. */
static struct Pix *lying(struct Pix *page, unsigned orientation)
{
    static const int turns[] = {0, 0, 0, 2, 0, 3, 3, 3, 1};
    struct Pix *flipped = pixCopy(NULL, page), *turned;

    if (orientation == 2 || orientation == 5)
        pixFlipLR(flipped, flipped);
    if (orientation == 4 || orientation == 7)
        pixFlipTB(flipped, flipped);
    turned = pixRotateOrth(flipped, turns[orientation]);
    pixDestroy(&flipped);
    return turned;
}

static void open_whole(const struct buffer *b, struct opened_page *out)
{
    int fd = document_fd(b->bytes, b->count);

    assert_int_equal(page_open(fd, 0, out), OPENED);
    (void)close(fd);
}

static void expect_like(const struct opened_page *opened, struct Pix *page)
{
    l_float32 alike = 0;

    assert_int_equal(opened->width, pixGetWidth(page));
    assert_int_equal(opened->height, pixGetHeight(page));
    assert_int_equal(pixGetWidth(opened->pix), pixGetWidth(page));
    assert_int_equal(pixGetPSNR(opened->pix, page, 1, &alike), 0);
    assert_true(alike > LIKE);
}

/* --- stories ------------------------------------------------------------------- */

static void a_photo_is_opened_as_its_camera_was_held(void **state)
{
    struct Pix *page = document_page(WIDE, HIGH, lines);

    (void)state;
    for (unsigned way = 1; way <= 8; way++) {
        struct Pix *stored = lying(page, way);
        const struct entry entry = orientation(way);
        struct opened_page opened;
        struct buffer photo;

        a_photo(&photo, stored, way % 2 == 0, 8, &entry);
        open_whole(&photo, &opened);
        expect_like(&opened, page);
        pixDestroy(&opened.pix);
        buffer_release(&photo);
        pixDestroy(&stored);
    }
    pixDestroy(&page);
}

static void a_tag_that_makes_no_sense_turns_nothing(void **state)
{
    static const struct {
        unsigned to;
        struct entry entry;
    } cases[] = {
        {8, {0x0112, 3, 1, 0}},          {8, {0x0112, 3, 1, 9}},  {8, {0x0112, 4, 1, 6}},
        {8, {0x0112, 3, 2, 6}},          {8, {0x0113, 3, 1, 6}},  {36, {0x0112, 3, 1, 6}},
        {0xffffffff, {0x0112, 3, 1, 6}}, {35, {0x0112, 3, 1, 6}},
    };
    struct Pix *page = document_page(WIDE, HIGH, lines);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct opened_page opened;
        struct buffer photo;

        a_photo(&photo, page, true, cases[i].to, &cases[i].entry);
        open_whole(&photo, &opened);
        expect_like(&opened, page);
        pixDestroy(&opened.pix);
        buffer_release(&photo);
    }
    pixDestroy(&page);
}

static void a_segment_cut_anywhere_says_nothing_or_what_it_said(void **state)
{
    const struct entry entry = orientation(6);
    struct Pix *page = document_page(WIDE, HIGH, lines);
    struct buffer photo;

    (void)state;
    a_photo(&photo, page, false, 8, &entry);
    assert_int_equal(exif_orientation(photo.bytes, photo.count), 6);
    for (size_t count = 0; count < 2 + 2 + 0x2c; count++)
        assert_int_equal(exif_orientation(photo.bytes, count), 1);
    buffer_release(&photo);
    pixDestroy(&page);
}

/* PDF knows no such tag: a viewer shows the samples as they come. */
static void a_photo_within_a_pdf_lies_as_the_pdf_says(void **state)
{
    static const char picture[] = "/Type /XObject /Subtype /Image /Width 320 /Height 200 "
                                  "/BitsPerComponent 8 /ColorSpace /DeviceGray "
                                  "/Filter /DCTDecode";
    const struct entry entry = orientation(6);
    struct Pix *page = document_page(WIDE, HIGH, lines);
    struct opened_page opened;
    struct pdf_sheet sheet = {.box = "0 0 595 372", .content = WHOLE, .picture = picture};
    struct buffer photo, pdf;

    (void)state;
    a_photo(&photo, page, false, 8, &entry);
    sheet.bytes = photo.bytes;
    sheet.count = photo.count;
    document_pdf(&pdf, &sheet, 1);
    open_whole(&pdf, &opened);
    expect_like(&opened, page);
    pixDestroy(&opened.pix);
    buffer_release(&pdf);
    buffer_release(&photo);
    pixDestroy(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_is_opened_as_its_camera_was_held),
        cmocka_unit_test(a_tag_that_makes_no_sense_turns_nothing),
        cmocka_unit_test(a_segment_cut_anywhere_says_nothing_or_what_it_said),
        cmocka_unit_test(a_photo_within_a_pdf_lies_as_the_pdf_says),
    };

    return cmocka_run_group_tests_name("exif", tests, NULL, NULL);
}
