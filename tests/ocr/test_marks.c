/* What is dirt and what was printed, on lines of words 30 pixels high. */
#include "ocr/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

#define TOP  100
#define HIGH 30
#define WIDE 80

static struct found found;
static struct err e;
static int32_t at;

static int found_begin(void **state)
{
    (void)state;
    at = 200;
    return 0;
}

static int found_end(void **state)
{
    (void)state;
    found_release(&found);
    return 0;
}

/* A word of this size, `down` below the top of the line's letters. */
static struct found_word *add(const char *text, int wide, int high, int down)
{
    struct found_word *w = found_add_word(&found, &e);

    assert_non_null(w);
    (void)snprintf(w->text, sizeof w->text, "%s", text);
    w->start = found.words_count == 1 ? WORD_NEW_LINE : WORD_IN_LINE;
    w->box = (struct box){at, TOP + down, at + wide, TOP + down + high};
    w->confidence = 80;
    at += wide + 10;
    return w;
}

static void add_words(const char *text)
{
    char piece[FOUND_WORD_BYTES];

    while (*text != '\0') {
        size_t bytes = strcspn(text, " ");

        (void)snprintf(piece, sizeof piece, "%.*s", (int)bytes, text);
        (void)add(piece, WIDE, HIGH, 0);
        text += bytes + strspn(text + bytes, " ");
    }
}

static void expect_clean(const char *text)
{
    struct buffer told;

    buffer_init(&told, 4096);
    marks_clean(&found);
    for (size_t i = 0; i < found.words_count; i++)
        buffer_append_format(&told, "%s%s", i > 0 ? " " : "", found.words[i].text);
    assert_string_equal(told.count > 0 ? (const char *)told.bytes : "", text);
    buffer_release(&told);
}

static void specks_are_no_words(void **state)
{
    (void)state;
    add_words("kinh phí");
    (void)add(":", 3, 3, 12);
    (void)add("-", 4, 4, 2);
    (void)add("l", 4, 5, 2);
    add_words("năm");
    expect_clean("kinh phí năm");
}

static void what_is_removed_hands_its_line_on(void **state)
{
    (void)state;
    (void)add(":", 3, 3, 12);
    add_words("Kính gửi");
    expect_clean("Kính gửi");
    assert_int_equal(found.words[0].start, WORD_NEW_LINE);
}

static void a_hyphen_as_small_as_recipients_have_it_stays(void **state)
{
    (void)state;
    (void)add("-", 7, 2, 16);
    add_words("Như trên;");
    expect_clean("- Như trên;");
}

static void a_bullet_read_for_another_mark_is_a_dash(void **state)
{
    (void)state;
    (void)add("~", 14, 3, 15);
    add_words("Như trên");
    (void)add("—", 14, 1, 15);
    add_words("Lưu");
    expect_clean("- Như trên - Lưu");
    assert_true(found.words[0].changed);
    assert_int_equal(found.words[0].change, CHANGE_MARK);
    assert_string_equal(found.words[0].was, "~");
}

static void what_lies_at_the_foot_of_the_line_is_no_dash(void **state)
{
    (void)state;
    (void)add("_", 14, 3, 30);
    add_words("Như trên");
    expect_clean("Như trên");
}

static void rules_and_streaks_are_no_words(void **state)
{
    (void)state;
    add_words("ĐIỆN QUANG");
    (void)add("__", 145, 4, 34);
    (void)add("|", 2, 42, -5);
    (void)add("_—_", 145, 9, 20);
    (void)add("`.", 12, 13, 0);
    add_words("Số");
    expect_clean("ĐIỆN QUANG Số");
}

static void printed_marks_stay(void **state)
{
    (void)state;
    (void)add("*", 12, 14, 4);
    (void)add("+", 16, 16, 10);
    (void)add("—", 60, 2, 15);
    add_words("TN & MT \"A\" ... (2) 10 % a/ ./.");
    expect_clean("* + — TN & MT \"A\" ... (2) 10 % a/ ./.");
}

static void dirt_that_touches_a_word_is_taken_off_and_told(void **state)
{
    (void)state;
    add_words("_QUANG_— |Đất 4_ ,UBND .Kính");
    expect_clean("QUANG Đất 4 UBND Kính");
    assert_string_equal(found.words[0].was, "_QUANG_—");
}

static void what_may_be_meant_stays_at_a_word(void **state)
{
    (void)state;
    add_words("số... ...nay .5 a_b \"Về (CĐS); -5 'A'");
    expect_clean("số... ...nay .5 a_b \"Về (CĐS); -5 'A'");
}

static void dots_to_write_upon_are_no_text(void **state)
{
    (void)state;
    add_words("Kinh........ ........ ……… Dân số....");
    expect_clean("Kinh Dân số");
}

static void a_digit_among_digits_is_a_digit(void **state)
{
    (void)state;
    add_words("]2 l2 0]1/20I1 lO l5/QĐ-UBND (l1).");
    expect_clean("12 12 011/2011 lO 15/QĐ-UBND (11).");
    assert_string_equal(found.words[0].was, "]2");
}

static void what_closes_a_number_is_no_digit(void **state)
{
    (void)state;
    add_words("[1, 12] (12] 2024! 5]. 1|5");
    expect_clean("[1, 12] (12] 2024! 5]. 1|5");
}

static void a_row_stays_a_row_when_its_first_word_goes(void **state)
{
    (void)state;
    add_words("Một ........ Hai");
    found.words[1].start = WORD_NEW_LINE;
    found.words[2].start = WORD_NEW_CELL;
    marks_clean(&found);
    assert_int_equal(found.words_count, 2);
    assert_int_equal(found.words[1].start, WORD_NEW_LINE);
}

static void letters_beside_a_digit_stay_letters(void **state)
{
    (void)state;
    add_words("5l [2] II I. CO2 A4 VI 2I");
    expect_clean("5l [2] II I. CO2 A4 VI 2I");
}

static void the_slash_of_fractions_is_a_slash(void **state)
{
    (void)state;
    add_words("43⁄/NQ-HĐND 07/⁄11⁄2011");
    expect_clean("43/NQ-HĐND 07/11/2011");
}

static void add_on_next_line(const char *text)
{
    at = 200;
    add(text, WIDE, HIGH, 40)->start = WORD_NEW_LINE;
}

static void a_code_broken_at_the_end_of_a_line_is_one_word(void **state)
{
    (void)state;
    add_words("số 2683/");
    add_on_next_line("QĐ-UBND");
    add_words("ngày 05-");
    add_on_next_line("NQ/TU");
    add_words("từ 2021-");
    add_on_next_line("2025");
    expect_clean("số 2683/QĐ-UBND ngày 05-NQ/TU từ 2021-2025");
    assert_string_equal(found.words[1].was, "2683/ QĐ-UBND");
    assert_int_equal(found.words[1].change, CHANGE_JOIN);
    assert_int_equal(found.words[2].start, WORD_NEW_LINE);
}

static void what_is_no_code_stays_two_words(void **state)
{
    (void)state;
    add_words("2025-");
    add_on_next_line("Năm");
    add_words("10-");
    add_on_next_line("ngày");
    add_words("Lưu-");
    add_on_next_line("VT");
    add_words("415/UBND- VP");
    expect_clean("2025- Năm 10- ngày Lưu- VT 415/UBND- VP");
}

/* Language counts a word's characters by them. */
static void alternatives_stay_with_their_characters(void **state)
{
    struct found_word *w;

    (void)state;
    w = add("_đất", WIDE, HIGH, 0);
    w->symbols_count = 4;
    w = add("3⁄4", WIDE, HIGH, 0);
    w->symbols_count = 3;
    for (int i = 0; i < 7; i++)
        assert_non_null(found_add_symbol(&found, &e));
    found.words[1].symbol_first = 4;
    expect_clean("đất 3/4");
    assert_int_equal(found.words[0].symbol_first, 1);
    assert_int_equal(found.words[0].symbols_count, 3);
    assert_int_equal(found.words[1].symbols_count, 0);
}

static void a_page_without_words_stays_so(void **state)
{
    (void)state;
    expect_clean("");
}

#define marks_test(f) cmocka_unit_test_setup_teardown(f, found_begin, found_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        marks_test(specks_are_no_words),
        marks_test(what_is_removed_hands_its_line_on),
        marks_test(a_hyphen_as_small_as_recipients_have_it_stays),
        marks_test(a_bullet_read_for_another_mark_is_a_dash),
        marks_test(what_lies_at_the_foot_of_the_line_is_no_dash),
        marks_test(rules_and_streaks_are_no_words),
        marks_test(printed_marks_stay),
        marks_test(dirt_that_touches_a_word_is_taken_off_and_told),
        marks_test(what_may_be_meant_stays_at_a_word),
        marks_test(dots_to_write_upon_are_no_text),
        marks_test(a_digit_among_digits_is_a_digit),
        marks_test(what_closes_a_number_is_no_digit),
        marks_test(a_row_stays_a_row_when_its_first_word_goes),
        marks_test(letters_beside_a_digit_stay_letters),
        marks_test(the_slash_of_fractions_is_a_slash),
        marks_test(a_code_broken_at_the_end_of_a_line_is_one_word),
        marks_test(what_is_no_code_stays_two_words),
        marks_test(alternatives_stay_with_their_characters),
        marks_test(a_page_without_words_stays_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
