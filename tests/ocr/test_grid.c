/* Tables by their rules, rules off the page, leaders off the page: drawn pictures. */
#include "ocr/table/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/table/leaders.h"

#define DPI   200
#define WIDE  1200
#define HIGH  900
#define PAPER 235
#define INK   40

static struct Pix *pix;
static struct grid grid;
static struct err e;

static int page_begin(void **state)
{
    (void)state;
    pix = pixCreate(WIDE, HIGH, 8);
    assert_non_null(pix);
    assert_int_equal(pixSetAllArbitrary(pix, PAPER), 0);
    return 0;
}

static int page_end(void **state)
{
    (void)state;
    grid_release(&grid);
    pixDestroy(&pix);
    return 0;
}

static void ink(int left, int top, int width, int height, int level)
{
    BOX *box = boxCreate(left, top, width, height);

    assert_int_equal(pixSetInRectArbitrary(pix, box, (l_uint32)level), 0);
    boxDestroy(&box);
}

static void lying(int from, int to, int y)
{
    ink(from, y, to - from, 2, INK);
}

static void upright(int x, int from, int to)
{
    ink(x, from, 2, to - from, INK);
}

/* Rows of 60 and columns of 150 pixels. */
static void draw_table(int left, int top, int rows, int columns)
{
    for (int i = 0; i <= rows; i++)
        lying(left, left + 150 * columns + 2, top + 60 * i);
    for (int i = 0; i <= columns; i++)
        upright(left + 150 * i, top, top + 60 * rows + 2);
}

static int grey_at(struct Pix *of, int x, int y)
{
    l_uint32 value = 0;

    assert_int_equal(pixGetPixel(of, x, y, &value), 0);
    return (int)value;
}

static void look(void)
{
    if (grid_find(&grid, pix, DPI, &e) != 0)
        fail_msg("%s", e.text);
}

static void expect_tables(size_t tables, size_t cells)
{
    look();
    assert_int_equal(grid.tables_count, tables);
    assert_int_equal(grid.cells_count, cells);
}

static const struct found_cell *cell_at(int table, int row, int column)
{
    for (size_t i = 0; i < grid.cells_count; i++)
        if (grid.cells[i].table == table && grid.cells[i].row == row &&
            grid.cells[i].column == column)
            return &grid.cells[i];
    fail_msg("table %d has no cell %d, %d", table, row, column);
    return NULL;
}

static void expect_near(int is, int should_be)
{
    if (abs(is - should_be) > 3)
        fail_msg("%d is far from %d", is, should_be);
}

/* --- tables -------------------------------------------------------------------------- */

static void each_cell_of_a_table_is_found_where_it_is(void **state)
{
    (void)state;
    draw_table(100, 100, 4, 5);
    expect_tables(1, 20);
    expect_near(cell_at(0, 2, 3)->box.left, 551);
    expect_near(cell_at(0, 2, 3)->box.top, 221);
    expect_near(cell_at(0, 2, 3)->box.right, 701);
    expect_near(cell_at(0, 2, 3)->box.bottom, 281);
    assert_int_equal(cell_at(0, 2, 3)->row_span, 1);
    expect_near(grid.tables[0].right, 851);
    expect_near(grid.tables[0].bottom, 341);
}

static void cells_without_a_wall_between_them_are_one(void **state)
{
    (void)state;
    draw_table(100, 100, 4, 5);
    ink(253, 159, 147, 4, PAPER); /* column 1: rows 0 and 1 */
    ink(549, 103, 4, 56, PAPER);  /* row 0: columns 2 and 3 */
    expect_tables(1, 18);
    assert_int_equal(cell_at(0, 0, 1)->row_span, 2);
    assert_int_equal(cell_at(0, 0, 2)->column_span, 2);
    expect_near(cell_at(0, 0, 2)->box.right, 701);
}

static void tables_are_told_from_the_top(void **state)
{
    (void)state;
    draw_table(200, 600, 3, 2);
    draw_table(100, 100, 4, 5);
    expect_tables(2, 26);
    expect_near(grid.tables[0].top, 101);
    expect_near(cell_at(1, 0, 0)->box.top, 601);
}

static void double_rules_are_one_wall(void **state)
{
    (void)state;
    draw_table(100, 100, 3, 4);
    lying(100, 702, 106);
    upright(256, 100, 282);
    expect_tables(1, 12);
}

static void broken_and_faint_rules_are_rules(void **state)
{
    (void)state;
    for (int i = 0; i <= 3; i++)
        ink(100, 100 + 60 * i, 602, 2, PAPER - 45);
    for (int i = 0; i <= 4; i++)
        ink(100 + 150 * i, 100, 2, 182, PAPER - 45);
    for (int x = 130; x < 700; x += 97)
        ink(x, 158, 20, 6, PAPER);
    expect_tables(1, 12);
}

static void a_table_that_leans_is_one(void **state)
{
    struct Pix *level;

    (void)state;
    draw_table(150, 150, 8, 5);
    level = pix;
    pix = pixRotate(level, 0.01f, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
    pixDestroy(&level);
    assert_non_null(pix);
    expect_tables(1, 40);
}

static void a_table_may_be_open_at_its_sides(void **state)
{
    (void)state;
    for (int i = 0; i <= 4; i++)
        lying(100, 850, 100 + 60 * i);
    for (int i = 1; i <= 3; i++)
        upright(100 + 190 * i, 100, 342);
    expect_tables(1, 16);
    expect_near(cell_at(0, 1, 0)->box.left, 100);
    expect_near(cell_at(0, 1, 3)->box.right, 850);
}

/* --- none ------------------------------------------------------------------------------ */

static void frames_are_no_tables(void **state)
{
    (void)state;
    lying(50, 1150, 50);
    lying(50, 1150, 850);
    upright(50, 50, 852);
    upright(1150, 50, 852);
    draw_table(300, 300, 1, 1);
    lying(70, 1130, 70); /* another within it */
    lying(70, 1130, 830);
    upright(70, 70, 832);
    upright(1130, 70, 832);
    expect_tables(0, 0);
}

static void underlines_and_streaks_are_no_tables(void **state)
{
    (void)state;
    lying(200, 500, 150);
    lying(700, 1000, 150);
    lying(200, 800, 400);
    upright(350, 0, HIGH);
    lying(0, WIDE, 600); /* a fold */
    expect_tables(0, 0);
}

static void a_table_shows_through_a_line_that_runs_across_the_page(void **state)
{
    (void)state;
    draw_table(100, 100, 4, 5);
    upright(1000, 0, HIGH);
    lying(0, WIDE, 700);
    expect_tables(1, 20);
}

static void letters_are_no_tables(void **state)
{
    L_BMF *font = bmfCreate(NULL, 20);
    l_int32 end, over;

    (void)state;
    assert_non_null(font);
    for (int y = 60; y < 850; y += 40)
        (void)pixSetTextline(pix, font, "HHHHHIIII LLLLL EEEEE TTTTTT HHHHH", INK, 60, y,
                             &end, &over);
    bmfDestroy(&font);
    expect_tables(0, 0);
}

static void dirt_is_no_table(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int i = 0; i < 120000; i++) {
        int x, y;

        seed = seed * 1103515245u + 12345u;
        x = (int)(seed >> 8) % WIDE;
        seed = seed * 1103515245u + 12345u;
        y = (int)(seed >> 8) % HIGH;
        (void)pixSetPixel(pix, x, y, INK);
    }
    expect_tables(0, 0);
}

static void more_cells_than_a_layout_holds_are_no_table(void **state)
{
    (void)state;
    pixDestroy(&pix);
    pix = pixCreate(60 + 63 * 36, 60 + 150 * 36, 8);
    assert_non_null(pix);
    assert_int_equal(pixSetAllArbitrary(pix, PAPER), 0);
    for (int i = 0; i <= 150; i++)
        lying(30, 32 + 63 * 36, 30 + 36 * i);
    for (int i = 0; i <= 63; i++)
        upright(30 + 36 * i, 30, 32 + 150 * 36);
    expect_tables(0, 0);
}

static void rules_that_fall_one_after_the_other_leave_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) { /* a stair: only its ends are loose */
        lying(60 + 120 * i, 182 + 120 * i, 60 + 100 * i);
        upright(180 + 120 * i, 60 + 100 * i, 162 + 100 * i);
    }
    expect_tables(0, 0);
}

/* --- taken off ------------------------------------------------------------------------- */

static void rules_go_and_what_crosses_them_stays(void **state)
{
    struct Pix *clean = NULL;

    (void)state;
    draw_table(100, 100, 3, 4);
    ink(320, 140, 5, 45, INK); /* a letter over the rule at 160 */
    ink(420, 140, 5, 20, INK); /* one that stands on it */
    look();
    assert_int_equal(grid_erase(&clean, pix, &grid, &e), 0);
    assert_true(grey_at(clean, 200, 161) > PAPER - 10);
    assert_true(grey_at(clean, 251, 130) > PAPER - 10);
    assert_true(grey_at(clean, 251, 161) > PAPER - 10); /* where two cross */
    assert_true(grey_at(clean, 100, 100) > PAPER - 10);
    for (int y = 140; y < 185; y++)
        assert_int_equal(grey_at(clean, 322, y), INK);
    for (int y = 140; y < 158; y++)
        assert_int_equal(grey_at(clean, 422, y), INK);
    pixDestroy(&clean);
}

static void dots(int from, int to, int step, int y)
{
    for (int x = from; x < to; x += step)
        ink(x, y, 3, 3, 90);
}

static void leaders_go_and_the_dots_of_letters_stay(void **state)
{
    struct Pix *clean = NULL;
    size_t count = 0;

    (void)state;
    dots(200, 900, 9, 300);
    ink(400, 270, 5, 40, INK); /* a letter in them */
    ink(430, 302, 6, 6, INK);  /* the dot below one */
    dots(200, 230, 9, 500);    /* an ellipsis */
    ink(300, 500, 4, 4, INK);  /* a point */
    assert_int_equal(leaders_erase(&clean, pix, DPI, &count, &e), 0);
    assert_true(count > 60);
    assert_true(grey_at(clean, 201, 301) > PAPER - 10);
    assert_true(grey_at(clean, 893, 301) > PAPER - 10);
    assert_int_equal(grey_at(clean, 402, 301), INK);
    assert_int_equal(grey_at(clean, 433, 305), INK);
    assert_int_equal(grey_at(clean, 201, 501), 90);
    assert_int_equal(grey_at(clean, 302, 502), INK);
    pixDestroy(&clean);
}

static void a_page_without_leaders_is_left_as_it_is(void **state)
{
    struct Pix *clean = NULL;
    size_t count = 1;

    (void)state;
    draw_table(100, 100, 4, 5);
    assert_int_equal(leaders_erase(&clean, pix, DPI, &count, &e), 0);
    assert_int_equal(count, 0);
    assert_ptr_equal(clean, pix);
    pixDestroy(&clean);
}

#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, page_begin, page_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_TEST(each_cell_of_a_table_is_found_where_it_is),
        PAGE_TEST(cells_without_a_wall_between_them_are_one),
        PAGE_TEST(tables_are_told_from_the_top),
        PAGE_TEST(double_rules_are_one_wall),
        PAGE_TEST(broken_and_faint_rules_are_rules),
        PAGE_TEST(a_table_that_leans_is_one),
        PAGE_TEST(a_table_may_be_open_at_its_sides),
        PAGE_TEST(frames_are_no_tables),
        PAGE_TEST(underlines_and_streaks_are_no_tables),
        PAGE_TEST(a_table_shows_through_a_line_that_runs_across_the_page),
        PAGE_TEST(letters_are_no_tables),
        PAGE_TEST(dirt_is_no_table),
        PAGE_TEST(more_cells_than_a_layout_holds_are_no_table),
        PAGE_TEST(rules_that_fall_one_after_the_other_leave_nothing),
        PAGE_TEST(rules_go_and_what_crosses_them_stays),
        PAGE_TEST(leaders_go_and_the_dots_of_letters_stay),
        PAGE_TEST(a_page_without_leaders_is_left_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
