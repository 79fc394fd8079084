/* The parts of a page, told by where its ink is: lines here are rows of dark boxes. */
#include "ocr/order.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#define WIDE    1654 /* an A4 at 200 dots per inch */
#define HIGH    2339
#define LETTER  20 /* a capital's height */
#define SPACING 36
#define WORD    60
#define SPACE   12

static struct Pix *page;

static int page_begin(void **state)
{
    (void)state;
    page = pixCreate(WIDE, HIGH, 8);
    return page == NULL ? -1 : pixSetAll(page);
}

static int page_end(void **state)
{
    (void)state;
    pixDestroy(&page);
    return 0;
}

static void draw(int left, int top, int width, int height)
{
    BOX *box = boxCreate(left, top, width, height);

    assert_int_equal(pixClearInRect(page, box), 0);
    boxDestroy(&box);
}

/* Words from `left` on, and on to `right`. */
static void draw_line(int left, int right, int top, int space)
{
    for (; left < right; left += WORD + space)
        draw(left, top, left + WORD < right ? WORD : right - left, LETTER);
}

static int draw_lines(int left, int right, int top, int count)
{
    for (int i = 0; i < count; i++, top += SPACING)
        draw_line(left, right, top, SPACE);
    return top;
}

/* Body text whose spaces do not stand below each other. */
static int draw_body(int top, int count)
{
    for (int i = 0; i < count; i++, top += SPACING)
        draw_line(200 + i * 17 % 61, 1500, top, SPACE + i % 3);
    return top;
}

static void draw_letter(void)
{
    (void)draw_lines(210, 700, 180, 4);
    (void)draw_lines(745, 1490, 180, 3);
    (void)draw_body(400, 30);
    (void)draw_lines(230, 600, 1600, 6);
    (void)draw_lines(950, 1300, 1596, 2);
    (void)draw_lines(1000, 1250, 1850, 1);
}

static void expect_parts(const char *story)
{
    struct order_part parts[ORDER_PARTS_MAX];
    size_t count = order_find(parts, page);
    struct buffer told;

    buffer_init(&told, 1024);
    for (size_t i = 0; i < count; i++) {
        const struct box *b = &parts[i].box;

        /* Where it lies, in the thirds of a page that a person would name. */
        buffer_append_format(&told, "%s from %s%s\n", parts[i].column ? "column" : "part",
                             b->top == 0         ? "the top"
                             : b->bottom == HIGH ? "below"
                                                 : "between",
                             b->left > 0       ? ", right"
                             : b->right < WIDE ? ", left"
                                               : "");
    }
    assert_string_equal(told.count > 0 ? (const char *)told.bytes : "", story);
    buffer_release(&told);
}

static void columns_at_head_and_foot_are_read_by_themselves(void **state)
{
    (void)state;
    draw_letter();
    expect_parts("column from the top, left\n"
                 "column from the top, right\n"
                 "part from between\n"
                 "column from below, left\n"
                 "column from below, right\n");
}

static void parts_cover_the_page_and_cut_no_line(void **state)
{
    struct order_part parts[ORDER_PARTS_MAX];

    (void)state;
    draw_letter();
    assert_int_equal(order_find(parts, page), 5);
    assert_int_equal(parts[0].box.right, parts[1].box.left);
    assert_in_range(parts[0].box.right, 700, 745);
    assert_int_equal(parts[0].box.bottom, parts[2].box.top);
    /* Marks above the letters of the first line need their room. */
    assert_in_range(parts[0].box.bottom, 180 + 3 * SPACING + LETTER + 10, 400 - 10);
    assert_int_equal(parts[2].box.bottom, parts[3].box.top);
    assert_in_range(parts[2].box.bottom, 400 + 29 * SPACING + LETTER, 1596 - 10);
    assert_int_equal(parts[4].box.bottom, HIGH);
    assert_int_equal(parts[4].box.right, WIDE);
}

static void body_text_is_one_part(void **state)
{
    (void)state;
    (void)draw_body(200, 45);
    expect_parts("part from the top\n");
}

static void words_in_step_for_two_lines_are_no_columns(void **state)
{
    (void)state;
    (void)draw_lines(200, 1500, 200, 2);
    (void)draw_body(200 + 2 * SPACING, 40);
    expect_parts("part from the top\n");
}

static void
a_line_from_side_to_side_ends_the_columns_though_a_space_is_in_the_gap(void **state)
{
    struct order_part parts[ORDER_PARTS_MAX];

    (void)state;
    (void)draw_lines(210, 700, 180, 4);
    (void)draw_lines(745, 1490, 180, 3);
    draw_line(736 - 5 * (WORD + 24), 1500, 400, 24); /* a space from 712 to 736 */
    (void)draw_body(440, 30);
    assert_int_equal(order_find(parts, page), 3);
    assert_in_range(parts[0].box.bottom, 180 + 3 * SPACING + LETTER, 399);
}

static void what_follows_after_a_wide_space_is_no_column_though_it_is_narrow(void **state)
{
    struct order_part parts[ORDER_PARTS_MAX];

    (void)state;
    (void)draw_lines(210, 700, 180, 4);
    (void)draw_lines(745, 1490, 180, 3);
    draw_line(350, 560, 410, SPACE); /* Kính gửi: */
    (void)draw_body(480, 30);
    assert_int_equal(order_find(parts, page), 3);
    assert_in_range(parts[0].box.bottom, 180 + 3 * SPACING + LETTER, 409);
}

static void a_number_and_a_date_after_a_wide_space_are_of_the_columns(void **state)
{
    struct order_part parts[ORDER_PARTS_MAX];

    (void)state;
    (void)draw_lines(210, 700, 180, 2);
    (void)draw_lines(745, 1490, 180, 1);
    draw_line(300, 600, 340, SPACE);
    draw_line(760, 1400, 340, SPACE);
    (void)draw_body(420, 30);
    assert_int_equal(order_find(parts, page), 3);
    assert_in_range(parts[0].box.bottom, 340 + LETTER, 419);
}

static void a_seal_over_a_signature_is_beside_the_recipients(void **state)
{
    (void)state;
    (void)draw_body(200, 30);
    (void)draw_lines(230, 600, 1600, 6);
    (void)draw_lines(950, 1300, 1596, 2);
    draw(900, 1600, 250, 250);
    (void)draw_lines(1000, 1250, 1840, 1);
    expect_parts("part from the top\n"
                 "column from below, left\n"
                 "column from below, right\n");
}

static void a_rule_below_a_title_does_not_close_the_gap(void **state)
{
    (void)state;
    draw_letter();
    draw(640, 260, 250, 3);
    expect_parts("column from the top, left\n"
                 "column from the top, right\n"
                 "part from between\n"
                 "column from below, left\n"
                 "column from below, right\n");
}

static void columns_of_a_ruled_table_are_no_columns_of_text(void **state)
{
    (void)state;
    for (int row = 0; row < 12; row++) {
        draw(200, 200 + row * 60, 1300, 3);
        draw_line(220, 600, 220 + row * 60, SPACE);
        draw_line(700, 1400, 220 + row * 60, SPACE);
    }
    (void)draw_body(1000, 20);
    expect_parts("part from the top\n");
}

static void a_list_with_nothing_beside_it_is_one_part(void **state)
{
    (void)state;
    (void)draw_lines(200, 700, 200, 8);
    (void)draw_body(500, 30);
    expect_parts("part from the top\n");
}

static void specks_and_dark_edges_are_not_text(void **state)
{
    (void)state;
    draw_letter();
    draw(722, 200, 2, 2);
    draw(0, 0, WIDE, 12);
    draw(0, 0, 12, HIGH);
    expect_parts("column from the top, left\n"
                 "column from the top, right\n"
                 "part from between\n"
                 "column from below, left\n"
                 "column from below, right\n");
}

static void an_empty_page_is_one_part(void **state)
{
    (void)state;
    expect_parts("part from the top\n");
}

static void a_picture_of_a_few_dots_is_one_part(void **state)
{
    struct order_part parts[ORDER_PARTS_MAX];
    struct Pix *tiny = pixCreate(3, 2, 8);

    (void)state;
    assert_int_equal(order_find(parts, tiny), 1);
    assert_int_equal(parts[0].box.right, 3);
    pixDestroy(&tiny);
}

#define page_test(f) cmocka_unit_test_setup_teardown(f, page_begin, page_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        page_test(columns_at_head_and_foot_are_read_by_themselves),
        page_test(parts_cover_the_page_and_cut_no_line),
        page_test(body_text_is_one_part),
        page_test(words_in_step_for_two_lines_are_no_columns),
        page_test(a_line_from_side_to_side_ends_the_columns_though_a_space_is_in_the_gap),
        page_test(what_follows_after_a_wide_space_is_no_column_though_it_is_narrow),
        page_test(a_number_and_a_date_after_a_wide_space_are_of_the_columns),
        page_test(a_seal_over_a_signature_is_beside_the_recipients),
        page_test(a_rule_below_a_title_does_not_close_the_gap),
        page_test(columns_of_a_ruled_table_are_no_columns_of_text),
        page_test(a_list_with_nothing_beside_it_is_one_part),
        page_test(specks_and_dark_edges_are_not_text),
        page_test(an_empty_page_is_one_part),
        page_test(a_picture_of_a_few_dots_is_one_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
