/* Layout: what is packed comes back, and bytes that nobody of ours wrote do not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
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

static void assert_same_cell(const struct cell *a, const struct cell *b)
{
    assert_int_equal(a->table, b->table);
    assert_int_equal(a->row, b->row);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->row_span, b->row_span);
    assert_int_equal(a->column_span, b->column_span);
    assert_int_equal(a->left, b->left);
    assert_int_equal(a->top, b->top);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->word_first, b->word_first);
    assert_int_equal(a->words_count, b->words_count);
}

static void assert_same(const struct layout *a, const struct layout *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->dpi, b->dpi);
    assert_int_equal(a->rotation, b->rotation);
    assert_int_equal(a->skew_centidegrees, b->skew_centidegrees);
    assert_int_equal(a->words_count, b->words_count);
    assert_int_equal(a->cells_count, b->cells_count);
    assert_int_equal(a->changes_count, b->changes_count);
    for (size_t i = 0; i < a->words_count; i++)
        assert_same_word(&a->words[i], &b->words[i]);
    for (size_t i = 0; i < a->cells_count; i++)
        assert_same_cell(&a->cells[i], &b->cells[i]);
    for (size_t i = 0; i < a->changes_count; i++) {
        assert_int_equal(a->changes[i].word, b->changes[i].word);
        assert_int_equal(a->changes[i].kind, b->changes[i].kind);
        assert_string_equal(a->changes[i].was, b->changes[i].was);
    }
}

static void comes_back(const struct layout *l)
{
    struct layout back;
    struct buffer b;

    packed(&b, l);
    assert_int_equal(layout_unpack(&back, b.bytes, b.count, &e), 0);
    assert_same(&back, l);
    layout_release(&back);
    buffer_release(&b);
}

/* A heading; a table of "STT | Họ tên (both of its columns)" over "1 | Đào / Văn | -"
 * (the last is empty); an empty table; a word below. */
static void a_table(struct layout *l)
{
    static const struct cell cells[] = {
        {0, 0, 0, 1, 1, 100, 300, 200, 80, 1, 1},
        {0, 0, 1, 1, 2, 300, 300, 900, 80, 2, 2},
        {0, 1, 0, 2, 1, 100, 380, 200, 300, 4, 1},
        {0, 1, 1, 1, 1, 300, 380, 500, 150, 5, 2},
        {0, 1, 2, 1, 1, 800, 380, 400, 150, 0, 0},
        {1, 0, 0, 1, 1, 50, 900, 2000, 100, 0, 0},
    };

    *l = (struct layout){.width = 2480, .height = 3508, .dpi = 300};
    add(l, WORD_NEW_BLOCK, 900, 100, 200, 40);
    add(l, WORD_NEW_BLOCK, 150, 320, 70, 40);
    add(l, WORD_NEW_CELL, 500, 320, 70, 40);
    add(l, WORD_IN_LINE, 590, 320, 70, 40);
    add(l, WORD_NEW_LINE, 190, 450, 10, 40);
    add(l, WORD_NEW_CELL, 320, 400, 90, 40);
    add(l, WORD_CELL_LINE, 320, 460, 90, 40);
    add(l, WORD_NEW_BLOCK, 1800, 3000, 90, 40);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_int_equal(layout_add_cell(l, &cells[i], &e), 0);
}

static void add_change(struct layout *l, uint32_t word, enum change_kind kind,
                       const char *was)
{
    struct change c = {.word = word, .kind = kind};

    (void)snprintf(c.was, sizeof c.was, "%s", was);
    assert_int_equal(layout_add_change(l, &c, &e), 0);
}

static void a_packed_layout_comes_back_as_it_was(void **state)
{
    struct layout l;

    (void)state;
    a_page(&l);
    comes_back(&l);
    layout_release(&l);
}

static void a_table_comes_back_with_its_cells_and_the_empty_ones(void **state)
{
    struct layout l;

    (void)state;
    a_table(&l);
    comes_back(&l);
    layout_release(&l);
}

static void what_was_changed_comes_back_with_what_it_was(void **state)
{
    struct layout l;

    (void)state;
    a_page(&l);
    add_change(&l, 0, CHANGE_JOIN, "tị ch");
    add_change(&l, 1, CHANGE_LANGUAGE, "quyêt");
    add_change(&l, 4, CHANGE_MARK, "—");
    comes_back(&l);
    layout_release(&l);
}

/* A version 1 that a box in the field wrote: two words in a line, one below. */
static void a_layout_of_the_first_version_is_still_read(void **state)
{
    static const unsigned char old[] = {
        1, 200, 1,  100, 150, 1, 0, 2, 3, /* 200 by 100 at 150 dpi, skew 0.01, 3 words */
        3, 90,  20, 20,  30,  8,          /* 10, 10 */
        0, 80,  10, 1,   30,  9,          /* 45, 9: five behind it, one above */
        1, 70,  20, 42,  5,   6,          /* 10, 30 */
    };
    struct layout back;

    (void)state;
    assert_int_equal(layout_unpack(&back, old, sizeof old, &e), 0);
    assert_int_equal(back.width, 200);
    assert_int_equal(back.dpi, 150);
    assert_int_equal(back.skew_centidegrees, 1);
    assert_int_equal(back.words_count, 3);
    assert_same_word(&back.words[0], &(struct word){WORD_NEW_BLOCK, 90, 10, 10, 30, 8});
    assert_same_word(&back.words[1], &(struct word){WORD_IN_LINE, 80, 45, 9, 30, 9});
    assert_same_word(&back.words[2], &(struct word){WORD_NEW_LINE, 70, 10, 30, 5, 6});
    assert_int_equal(back.cells_count, 0);
    comes_back(&back);
    layout_release(&back);
}

static void a_word_costs_six_bytes_or_so(void **state)
{
    struct layout l = {.width = 2480, .height = 3508, .dpi = 300};
    struct buffer b;

    (void)state;
    for (int line = 0; line < 50; line++)
        for (int i = 0; i < 12; i++)
            add(&l, i == 0 ? WORD_NEW_LINE : WORD_IN_LINE, 200 + i * 170,
                200 + line * 60 + i % 3, 150, 38);
    packed(&b, &l);
    assert_in_range(b.count, 600 * 5, 600 * 6 + 200);
    layout_release(&l);
    buffer_release(&b);
}

static void cut_off_at_any_byte_it_is_corrupt(void **state)
{
    struct layout l, back;
    struct buffer b;

    (void)state;
    a_table(&l);
    add_change(&l, 7, CHANGE_LANGUAGE, "Nơi");
    packed(&b, &l);
    for (size_t n = 0; n < b.count; n++) {
        /* A copy of exactly n bytes: the sanitizer sees a read beyond. */
        unsigned char *cut = malloc(n + (n == 0));

        memcpy(cut, b.bytes, n);
        assert_int_equal(layout_unpack(&back, cut, n, &e), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        assert_null(back.words);
        assert_null(back.cells);
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
    l.words[1].start = (enum word_start)(WORD_CELL_LINE + 1);
    refused(&l);
    layout_release(&l);
}

/* Packs the table with one cell made otherwise. */
static void refused_with(size_t at, struct cell c)
{
    struct layout l;

    a_table(&l);
    l.cells[at] = c;
    refused(&l);
    layout_release(&l);
}

static void cells_out_of_order_or_of_the_page_are_corrupt(void **state)
{
    (void)state;
    /* back to the first column, to the first row, to the same place */
    refused_with(1, (struct cell){0, 0, 0, 1, 1, 300, 300, 900, 80, 2, 2});
    refused_with(3, (struct cell){0, 0, 5, 1, 1, 300, 380, 500, 150, 5, 2});
    refused_with(4, (struct cell){0, 1, 1, 1, 1, 800, 380, 400, 150, 0, 0});
    /* of no rows, of no columns */
    refused_with(1, (struct cell){0, 0, 1, 0, 2, 300, 300, 900, 80, 2, 2});
    refused_with(1, (struct cell){0, 0, 1, 1, 0, 300, 300, 900, 80, 2, 2});
    /* outside the page */
    refused_with(0, (struct cell){0, 0, 0, 1, 1, -1, 300, 200, 80, 1, 1});
    refused_with(0, (struct cell){0, 0, 0, 1, 1, 100, 300, 2381, 80, 1, 1});
    refused_with(0, (struct cell){0, 0, 0, 1, 1, 100, 300, 200, 3209, 1, 1});
    refused_with(0, (struct cell){0, 0, 0, 1, 1, 100, 300, 200, -1, 1, 1});
}

static void a_word_belongs_to_one_cell_and_is_there(void **state)
{
    (void)state;
    /* the word of the cell before; one before it; more than there are */
    refused_with(1, (struct cell){0, 0, 1, 1, 2, 300, 300, 900, 80, 1, 2});
    refused_with(1, (struct cell){0, 0, 1, 1, 2, 300, 300, 900, 80, 0, 1});
    refused_with(5, (struct cell){1, 0, 0, 1, 1, 50, 900, 2000, 100, 7, 2});
    refused_with(5, (struct cell){1, 0, 0, 1, 1, 50, 900, 2000, 100, 8, 1});
    refused_with(5, (struct cell){1, 0, 0, 1, 1, 50, 900, 2000, 100, 7, UINT32_MAX});
}

static void changes_of_no_word_or_to_no_text_are_corrupt(void **state)
{
    static const struct change changes[] = {
        {1, CHANGE_MARK, "-"}, /* out of order: the same again */
        {0, CHANGE_MARK, "-"}, /* and back */
        {5, CHANGE_MARK, "-"}, /* of no word */
        {2, (enum change_kind)(CHANGE_MARK + 1), "-"},
        {2, CHANGE_MARK, ""},
        {2, CHANGE_MARK, "\xc3"}, /* no UTF-8 */
        {2, CHANGE_MARK, "a\tb"},
        {2, CHANGE_MARK,
         "\xc2\x9b"
         "2J"}, /* an escape of eight bits */
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct layout l;

        a_page(&l);
        add_change(&l, 1, CHANGE_LANGUAGE, "quyêt");
        comes_back(&l);
        assert_int_equal(layout_add_change(&l, &changes[i], &e), 0);
        refused(&l);
        layout_release(&l);
    }
}

static void counts_that_the_bytes_cannot_hold_cost_no_memory(void **state)
{
    /* words, cells, changes */
    static const unsigned counts[][3] = {
        {LAYOUT_WORDS_MAX, 0, 0}, {0, LAYOUT_CELLS_MAX, 0}, {0, 0, LAYOUT_CHANGES_MAX}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct layout back;
        struct buffer b;

        buffer_init(&b, 100);
        buffer_append(&b, "\x02\x0a\x0a\x0a\x00\x00", 6);
        for (size_t j = 0; j < 3; j++)
            buffer_append_varint(&b, counts[i][j]);
        buffer_append(&b, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
        assert_int_equal(layout_unpack(&back, b.bytes, b.count, &e), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        buffer_release(&b);
    }
}

static void more_than_may_be_packed_goes_without_its_cells(void **state)
{
    struct layout l, back;
    struct buffer b;

    (void)state;
    a_page(&l);
    add_change(&l, 1, CHANGE_LANGUAGE, "quyêt");
    for (uint16_t i = 0; i < LAYOUT_CELLS_MAX; i++) {
        struct cell c = {i,   300, 300, 300, 300, i % 2 * 2000, i % 2 * 3000,
                         200, 200, 0,   0};

        assert_int_equal(layout_add_cell(&l, &c, &e), 0);
    }
    packed(&b, &l);
    assert_int_equal(layout_unpack(&back, b.bytes, b.count, &e), 0);
    assert_int_equal(back.words_count, 5);
    assert_int_equal(back.cells_count, 0);
    layout_release(&back);
    layout_release(&l);
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
        cmocka_unit_test(a_table_comes_back_with_its_cells_and_the_empty_ones),
        cmocka_unit_test(what_was_changed_comes_back_with_what_it_was),
        cmocka_unit_test(a_layout_of_the_first_version_is_still_read),
        cmocka_unit_test(a_word_costs_six_bytes_or_so),
        cmocka_unit_test(cut_off_at_any_byte_it_is_corrupt),
        cmocka_unit_test(a_byte_too_many_is_corrupt),
        cmocka_unit_test(a_box_outside_the_page_is_corrupt),
        cmocka_unit_test(numbers_beyond_their_range_are_corrupt),
        cmocka_unit_test(cells_out_of_order_or_of_the_page_are_corrupt),
        cmocka_unit_test(a_word_belongs_to_one_cell_and_is_there),
        cmocka_unit_test(changes_of_no_word_or_to_no_text_are_corrupt),
        cmocka_unit_test(counts_that_the_bytes_cannot_hold_cost_no_memory),
        cmocka_unit_test(more_than_may_be_packed_goes_without_its_cells),
        cmocka_unit_test(the_word_after_the_last_is_too_big),
        cmocka_unit_test(words_are_the_runs_between_white_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
