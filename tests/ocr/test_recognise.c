/* From pixels to words, and from where they were read to where they lie. */
#include "ocr/recognise.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/letters.h"
#include "ocr/mapping.h"
#include "ocr/image/whiten.h"
#include "tests/lib/documents.h"

static const char *const lines[] = {"CONG HOA XA HOI", "THONG BAO VE VIEC HOP",
                                    "KINH GUI UY BAN NHAN DAN", NULL};
#define TEXT "CONG HOA XA HOI\nTHONG BAO VE VIEC HOP\nKINH GUI UY BAN NHAN DAN"
#define WIDE 900
#define HIGH 400

static struct recogniser *recogniser;
static struct err e;

static int recogniser_begin(void **state)
{
    (void)state;
    if (recogniser_create(&recogniser, 0, &e) != 0)
        fail_msg("%s", e.text);
    return 0;
}

static int recogniser_end(void **state)
{
    (void)state;
    recogniser_destroy(recogniser);
    return 0;
}

/* --- letters ------------------------------------------------------------- */

static void expect_letters(const char *word, const char *clean)
{
    struct buffer b;
    bool left;

    buffer_init(&b, 256);
    left = letters_append(&b, word);
    assert_int_equal(left, clean[0] != '\0');
    assert_string_equal(b.count > 0 ? (const char *)b.bytes : "", clean);
    buffer_release(&b);
}

static void words_become_nfc_without_controls_and_white_space(void **state)
{
    (void)state;
    expect_letters("nguye\xcc\x82\xcc\x83n", "nguy\xe1\xbb\x85n"); /* NFD */
    expect_letters("a\x01 b\xc2\xa0"
                   "c\xe2\x80\x8b\n",
                   "abc");
    expect_letters(" \xe2\x80\x83\x07", "");
    expect_letters("\xff"
                   "a\xc3",
                   "a");
    expect_letters("", "");
}

static void icelandic_eth_becomes_the_vietnamese_letter(void **state)
{
    (void)state;
    expect_letters("\xc3\x90\xe1\xbb\x98"
                   "C",
                   "\xc4\x90\xe1\xbb\x98"
                   "C");
    expect_letters("\xc4\x90\xc3\x90"
                   "A",
                   "\xc4\x90"
                   "A"); /* one letter, written twice */
    expect_letters("\xc4\x90\xc4\x90", "\xc4\x90\xc4\x90");
}

static void folding_leaves_capital_ascii_letters(void **state)
{
    char out[16];

    (void)state;
    letters_fold(out, sizeof out, "Tuy\xe1\xbb\x87t m\xe1\xba\xadt \xc4\x91 12!");
    assert_string_equal(out, "TUYETMATD");
    letters_fold(out, 4, "abcdef");
    assert_string_equal(out, "ABC");
}

/* --- mapping --------------------------------------------------------------- */

static void expect_mapped(const struct mapping *m, struct word w, int left, int top,
                          int width, int height)
{
    mapping_apply(m, &w);
    assert_int_equal(w.left, left);
    assert_int_equal(w.top, top);
    assert_int_equal(w.width, width);
    assert_int_equal(w.height, height);
}

static void boxes_go_back_through_scale_turn_and_tilt(void **state)
{
    const struct word w = {.left = 10, .top = 20, .width = 30, .height = 8};
    struct mapping m = {
        .read_width = 100, .read_height = 200, .width = 300, .height = 600};

    (void)state;
    expect_mapped(&m, w, 30, 60, 90, 24);
    m.quarter_turns = 2;
    expect_mapped(&m, w, 300 - 30 - 90, 600 - 60 - 24, 90, 24);
    /* What was turned clockwise had its left side below. */
    m = (struct mapping){.read_width = 100,
                         .read_height = 200,
                         .width = 200,
                         .height = 100,
                         .quarter_turns = 1};
    expect_mapped(&m, w, 20, 100 - 10 - 30, 8, 30);
    m.quarter_turns = 3;
    expect_mapped(&m, w, 200 - 20 - 8, 10, 8, 30);
    m = (struct mapping){
        .read_width = 200, .read_height = 200, .width = 200, .height = 200, .tilt = 90};
    expect_mapped(&m, (struct word){.left = 140, .top = 95, .width = 20, .height = 10},
                  90, 45, 20, 10);
}

static void boxes_never_leave_the_page(void **state)
{
    const struct mapping m = {
        .read_width = 100, .read_height = 100, .width = 100, .height = 100, .tilt = 5};

    (void)state;
    for (int at = -40; at < 140; at += 7) {
        struct word w = {.left = at, .top = 100 - at, .width = 60, .height = 20};

        mapping_apply(&m, &w);
        assert_true(w.left >= 0 && w.top >= 0 && w.width >= 0 && w.height >= 0);
        assert_true(w.left + w.width <= 100 && w.top + w.height <= 100);
    }
}

/* --- pages -------------------------------------------------------------------- */

static struct opened_page opened(struct Pix *pix)
{
    return (struct opened_page){.pix = pix,
                                .width = (uint32_t)pixGetWidth(pix),
                                .height = (uint32_t)pixGetHeight(pix),
                                .dpi = 200};
}

static void read_page(const struct opened_page *page, unsigned turns, struct reading *out)
{
    if (recognise_page(recogniser, page, turns, WAY_USUAL, out, &e) != 0)
        fail_msg("%s", e.text);
}

static double ink(struct Pix *pix, const struct word *w)
{
    struct Pix *grey = pixConvertTo8(pix, 0);
    BOX *box = boxCreate(w->left, w->top, w->width, w->height);
    l_float32 value = 255;

    assert_int_equal(pixAverageInRect(grey, NULL, box, 0, 255, 1, &value), 0);
    boxDestroy(&box);
    pixDestroy(&grey);
    return 255 - value;
}

/* Accents are the model's guess where the letters have none. */
static void expect_text(const struct reading *r, const char *part)
{
    char letters[4096], wanted[128];

    letters_fold(letters, sizeof letters,
                 r->text.count > 0 ? (const char *)r->text.bytes : "");
    letters_fold(wanted, sizeof wanted, part);
    if (strstr(letters, wanted) == NULL)
        fail_msg("read: %s", r->text.count > 0 ? (const char *)r->text.bytes : "");
}

/* The text is TEXT, and each word's box lies on ink of the page as it is. */
static void expect_read(const struct opened_page *page, struct Pix *original,
                        unsigned turns)
{
    struct reading r;

    read_page(page, turns, &r);
    expect_text(&r, TEXT);
    assert_int_equal(r.layout.words_count, layout_count_words(TEXT));
    assert_int_equal(r.layout.rotation, turns);
    for (size_t i = 0; i < r.layout.words_count; i++)
        assert_true(ink(original, &r.layout.words[i]) > 25);
    reading_release(&r);
}

static void page_is_read_with_its_words_where_they_are(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, lines);
    struct opened_page page = opened(pix);

    (void)state;
    expect_read(&page, pix, 0);
    pixDestroy(&pix);
}

static void page_that_lies_on_its_side_is_read_as_the_clerk_says(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, lines);

    (void)state;
    for (unsigned turns = 1; turns < 4; turns++) {
        struct Pix *lying = pixRotateOrth(pix, (l_int32)(4 - turns));
        struct opened_page page = opened(lying);

        expect_read(&page, lying, turns);
        pixDestroy(&lying);
    }
    pixDestroy(&pix);
}

static void page_that_was_scaled_down_tells_places_of_the_original(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, lines), *large = pixScale(pix, 2, 2);
    struct opened_page page = {
        .pix = pix, .width = 2 * WIDE, .height = 2 * HIGH, .dpi = 400};

    (void)state;
    expect_read(&page, large, 0);
    pixDestroy(&large);
    pixDestroy(&pix);
}

static void tilted_page_is_straightened_and_its_words_found_again(void **state)
{
    /* Tall enough for its tilt to be told: the three lines, eight times. */
    const char *many[25];
    struct Pix *pix, *tilted;
    struct opened_page page;
    struct reading r;

    (void)state;
    for (int i = 0; i < 24; i++)
        many[i] = lines[i % 3];
    many[24] = NULL;
    pix = document_page(1100, 1400, many);
    tilted = pixRotate(pix, (l_float32)(2.5 * M_PI / 180), L_ROTATE_AREA_MAP,
                       L_BRING_IN_WHITE, 0, 0);
    page = opened(tilted);
    read_page(&page, 0, &r);
    assert_in_range(-r.layout.skew_centidegrees, 220, 280);
    assert_non_null(strstr(r.engine, "straightened"));
    expect_text(&r, "THONG BAO VE VIEC HOP");
    assert_in_range(r.layout.words_count, 110, 130);
    for (size_t i = 0; i < r.layout.words_count; i++)
        assert_true(ink(tilted, &r.layout.words[i]) > 15);
    reading_release(&r);
    pixDestroy(&tilted);
    pixDestroy(&pix);
}

static void page_of_uneven_light_is_whitened_and_an_even_one_is_not(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, lines), *dim = pixCopy(NULL, pix);
    struct opened_page page;
    struct reading r;

    (void)state;
    assert_true(whiten_evenness(pix) > 0.95);
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++) {
            l_uint32 value;

            (void)pixGetPixel(dim, x, y, &value);
            (void)pixSetPixel(dim, x, y, value * (unsigned)(90 + x * 165 / WIDE) / 255);
        }
    assert_true(whiten_evenness(dim) < 0.8);
    page = opened(dim);
    read_page(&page, 0, &r);
    assert_non_null(strstr(r.engine, "whitened"));
    expect_text(&r, "KINH GUI UY BAN NHAN DAN");
    reading_release(&r);
    pixDestroy(&dim);
    pixDestroy(&pix);
}

static void blank_page_has_no_words(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, NULL);
    struct opened_page page = opened(pix);
    struct reading r;

    (void)state;
    read_page(&page, 0, &r);
    assert_int_equal(r.layout.words_count, 0);
    assert_int_equal(r.text.count, 0);
    reading_release(&r);
    pixDestroy(&pix);
}

static void reading_passes_its_own_decoder(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, lines);
    struct opened_page page = opened(pix);
    struct reading r, decoded;
    struct buffer b;

    (void)state;
    read_page(&page, 0, &r);
    buffer_init(&b, ANSWER_BYTES_MAX);
    reading_encode(&r, &b);
    if (reading_decode(&decoded, b.bytes, b.count, &e) != 0)
        fail_msg("%s", e.text);
    expect_text(&decoded, TEXT);
    assert_non_null(strstr(decoded.engine, "tesseract"));
    reading_release(&decoded);
    buffer_release(&b);
    reading_release(&r);
    pixDestroy(&pix);
}

static void reading_starts_no_thread(void **state)
{
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;

    (void)state;
    assert_non_null(tasks);
    while (readdir(tasks) != NULL)
        count++;
    closedir(tasks);
    assert_int_equal(count, 3); /* ".", ".." and this one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_nfc_without_controls_and_white_space),
        cmocka_unit_test(icelandic_eth_becomes_the_vietnamese_letter),
        cmocka_unit_test(folding_leaves_capital_ascii_letters),
        cmocka_unit_test(boxes_go_back_through_scale_turn_and_tilt),
        cmocka_unit_test(boxes_never_leave_the_page),
        cmocka_unit_test(page_is_read_with_its_words_where_they_are),
        cmocka_unit_test(page_that_lies_on_its_side_is_read_as_the_clerk_says),
        cmocka_unit_test(page_that_was_scaled_down_tells_places_of_the_original),
        cmocka_unit_test(tilted_page_is_straightened_and_its_words_found_again),
        cmocka_unit_test(page_of_uneven_light_is_whitened_and_an_even_one_is_not),
        cmocka_unit_test(blank_page_has_no_words),
        cmocka_unit_test(reading_passes_its_own_decoder),
        cmocka_unit_test(reading_starts_no_thread),
    };

    return cmocka_run_group_tests(tests, recogniser_begin, recogniser_end);
}
