/* Layout: what is packed comes back, and bytes that nobody of ours wrote do not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ocr/layout.h"

static struct err e;

static void add(struct layout *l, enum word_start start, int left, int top, int width,
                int height)
{
    struct word w = {start, 87, left, top, width, height};

    assert_int_equal(layout_add(l, &w, &e), 0);
}

/* Two lines, a paragraph and a block whose first word is left of and above all. */
static void a_page(struct layout *l)
{
    *l = (struct layout){.width = 2480, .height = 3508, .dpi = 300, .rotation = 3};
    l->skew_centidegrees = -142;
    add(l, WORD_NEW_BLOCK, 300, 200, 120, 40);
    add(l, WORD_IN_LINE, 430, 198, 90, 41);
    add(l, WORD_NEW_LINE, 300, 260, 2180, 40);
    add(l, WORD_NEW_PARAGRAPH, 340, 400, 0, 3108);
    add(l, WORD_NEW_BLOCK, 0, 0, 1, 1);
}

static void packed(struct buffer *out, const struct layout *l)
{
    buffer_init(out, LAYOUT_BYTES_MAX);
    layout_pack(l, out);
    assert_int_equal(buffer_check(out, &e), 0);
}

static void assert_same_word(const struct word *a, const struct word *b)
{
    assert_int_equal(a->start, b->start);
    assert_int_equal(a->confidence, b->confidence);
    assert_int_equal(a->left, b->left);
    assert_int_equal(a->top, b->top);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
}

static void a_packed_layout_comes_back_as_it_was(void **state)
{
    struct layout l, back;
    struct buffer b;

    (void)state;
    a_page(&l);
    packed(&b, &l);
    assert_int_equal(layout_unpack(&back, b.bytes, b.count, &e), 0);
    assert_int_equal(back.width, 2480);
    assert_int_equal(back.height, 3508);
    assert_int_equal(back.dpi, 300);
    assert_int_equal(back.rotation, 3);
    assert_int_equal(back.skew_centidegrees, -142);
    assert_int_equal(back.words_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_same_word(&back.words[i], &l.words[i]);
    layout_release(&back);
    layout_release(&l);
    buffer_release(&b);
}

static void a_word_costs_seven_bytes_or_so(void **state)
{
    struct layout l = {.width = 2480, .height = 3508, .dpi = 300};
    struct buffer b;

    (void)state;
    for (int line = 0; line < 50; line++)
        for (int i = 0; i < 12; i++)
            add(&l, i == 0 ? WORD_NEW_LINE : WORD_IN_LINE, 200 + i * 170,
                200 + line * 60 + i % 3, 150, 38);
    packed(&b, &l);
    assert_in_range(b.count, 600 * 6, 600 * 8);
    layout_release(&l);
    buffer_release(&b);
}

static void cut_off_at_any_byte_it_is_corrupt(void **state)
{
    struct layout l, back;
    struct buffer b;

    (void)state;
    a_page(&l);
    packed(&b, &l);
    for (size_t n = 0; n < b.count; n++) {
        /* A copy of exactly n bytes: the sanitizer sees a read beyond. */
        unsigned char *cut = malloc(n + (n == 0));

        memcpy(cut, b.bytes, n);
        assert_int_equal(layout_unpack(&back, cut, n, &e), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        assert_null(back.words);
        free(cut);
    }
    layout_release(&l);
    buffer_release(&b);
}

static void a_byte_too_many_is_corrupt(void **state)
{
    struct layout l, back;
    struct buffer b;

    (void)state;
    a_page(&l);
    packed(&b, &l);
    buffer_append_byte(&b, 0);
    assert_int_equal(layout_unpack(&back, b.bytes, b.count, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    layout_release(&l);
    buffer_release(&b);
}

static void refused(const struct layout *l)
{
    struct layout back;
    struct buffer b;

    packed(&b, l);
    assert_int_equal(layout_unpack(&back, b.bytes, b.count, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    buffer_release(&b);
}

static void a_box_outside_the_page_is_corrupt(void **state)
{
    struct layout l;

    (void)state;
    a_page(&l);
    l.words[0].left = -1;
    refused(&l);
    l.words[0].left = 2480 - 119;
    refused(&l);
    l.words[0].left = 300;
    l.words[2].height = 4000;
    refused(&l);
    l.words[2].height = -1;
    refused(&l);
    layout_release(&l);
}

static void numbers_beyond_their_range_are_corrupt(void **state)
{
    struct layout l;

    (void)state;
    a_page(&l);
    l.rotation = 4;
    refused(&l);
    l.rotation = 0;
    l.width = LAYOUT_SIDE_MAX + 1;
    refused(&l);
    l.width = 2480;
    l.skew_centidegrees = 9001;
    refused(&l);
    l.skew_centidegrees = 0;
    l.words[1].confidence = 101;
    refused(&l);
    l.words[1].confidence = 1;
    l.words[1].start = (enum word_start)4;
    refused(&l);
    layout_release(&l);
}

static void a_count_that_the_bytes_cannot_hold_costs_no_memory(void **state)
{
    struct layout back;
    struct buffer b;

    (void)state;
    buffer_init(&b, 100);
    buffer_append(&b, "\x01\x0a\x0a\x0a\x00\x00", 6);
    buffer_append_varint(&b, LAYOUT_WORDS_MAX);
    buffer_append(&b, "\0\0\0\0\0\0", 6);
    assert_int_equal(layout_unpack(&back, b.bytes, b.count, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    buffer_release(&b);
}

static void the_word_after_the_last_is_too_big(void **state)
{
    struct layout l = {.width = 10, .height = 10};
    struct word w = {WORD_IN_LINE, 1, 0, 0, 1, 1};

    (void)state;
    for (int i = 0; i < LAYOUT_WORDS_MAX; i++)
        assert_int_equal(layout_add(&l, &w, &e), 0);
    assert_int_equal(layout_add(&l, &w, &e), -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    assert_int_equal(l.words_count, LAYOUT_WORDS_MAX);
    layout_release(&l);
}

static void words_are_the_runs_between_white_space(void **state)
{
    const char *text = "Quyết định\nsố 12\n\nvề\xc2\xa0việc", *word;
    const char *const words[] = {"Quyết", "định", "số", "12", "về\xc2\xa0việc"};
    size_t at = 0, bytes;

    (void)state;
    assert_int_equal(layout_count_words(text), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(words_next(text, &at, &word, &bytes));
        assert_int_equal(bytes, strlen(words[i]));
        assert_memory_equal(word, words[i], bytes);
    }
    assert_false(words_next(text, &at, &word, &bytes));
    assert_int_equal(layout_count_words(""), 0);
    assert_int_equal(layout_count_words(" \n "), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_layout_comes_back_as_it_was),
        cmocka_unit_test(a_word_costs_seven_bytes_or_so),
        cmocka_unit_test(cut_off_at_any_byte_it_is_corrupt),
        cmocka_unit_test(a_byte_too_many_is_corrupt),
        cmocka_unit_test(a_box_outside_the_page_is_corrupt),
        cmocka_unit_test(numbers_beyond_their_range_are_corrupt),
        cmocka_unit_test(a_count_that_the_bytes_cannot_hold_costs_no_memory),
        cmocka_unit_test(the_word_after_the_last_is_too_big),
        cmocka_unit_test(words_are_the_runs_between_white_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
