/* Anchors: what a person corrected stays true when the page is read again. */
#include "ocr/anchor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/words.h"

#define COLUMN 10
#define LINE   30
#define HIGH   20

/* A reading whose words stand where their letters do: ten pixels a column, a line for each
 * line of the text. */
static void lay_out(const char *text, struct layout *out)
{
    size_t at = 0, bytes;
    const char *word, *line = text;
    int lines = 0;
    struct err e;

    *out = (struct layout){.width = 2000, .height = 2000, .dpi = 200};
    while (words_next(text, &at, &word, &bytes)) {
        const char *newline;
        struct word w = {.confidence = 90, .height = HIGH};

        while ((newline = memchr(line, '\n', (size_t)(word - line))) != NULL) {
            line = newline + 1;
            lines++;
        }
        w.left = (int32_t)(word - line) * COLUMN;
        w.top = lines * LINE;
        w.width = (int32_t)bytes * COLUMN;
        assert_int_equal(layout_add(out, &w, &e), 0);
    }
}

static int write_anchored(void *arg, const struct anchored *a, struct err *e)
{
    struct buffer *out = arg;
    char number[16] = "?";

    if (a->word != ANCHOR_NOWHERE)
        (void)snprintf(number, sizeof number, "%u", a->word);
    buffer_append_text(out, number);
    buffer_append_text(out, ":");
    buffer_append_text(out, a->was);
    buffer_append_text(out, ">");
    buffer_append_text(out, a->text);
    buffer_append_text(out, ";");
    return buffer_check(out, e);
}

struct case_of {
    const char *from;
    struct anchor_correction corrections[3];
    const char *to, *expected;
};

static void expect_case(const struct case_of *c)
{
    struct layout from = {0}, to = {0};
    struct anchor_reading old = {c->from, &from}, new = {c->to, &to};
    struct buffer told;
    size_t count = 0;
    struct err e;

    lay_out(c->from, &from);
    lay_out(c->to, &to);
    buffer_init(&told, 4096);
    while (count < 3 && c->corrections[count].text != NULL)
        count++;
    if (anchor_corrections(&old, &new, c->corrections, count, write_anchored, &told,
                           &e) != 0)
        fail_msg("%s: %s", c->from, e.text);
    buffer_append_byte(&told, '\0');
    assert_string_equal((const char *)told.bytes, c->expected);
    buffer_release(&told);
    layout_release(&from);
    layout_release(&to);
}

static void a_correction_finds_its_word_by_its_box(void **state)
{
    static const struct case_of cases[] = {
        {"so 12 QD", {{1, "13"}}, "so 12 QD", "1:12>13;"},
        /* Words before it came or went: the number moves, the place does not. */
        {"   so 12 QD", {{1, "13"}}, ".. so 12 QD", "2:12>13;"},
        {".. so 12 QD", {{2, "13"}}, "   so 12 QD", "1:12>13;"},
        {"so 12 QD", {{0, "So"}, {2, "QĐ"}}, "so 12 Qd", "0:so>So;2:Qd>QĐ;"},
        /* Another line is another place, even with the same word. */
        {"mot hai\nmot hai", {{3, "ba"}}, "mot hai\nmot hai", "3:hai>ba;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_case(&cases[i]);
}

static void a_word_read_right_this_time_is_still_the_persons(void **state)
{
    static const struct case_of cases[] = {
        {"so 12 QD", {{1, "13"}}, "so 13 QD", "1:13>13;"},
        /* Each of them: the next reading may have only one wrong. */
        {"mot__hai", {{0, "mot hai"}}, "mot  hai", "0:mot>mot;1:hai>hai;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_case(&cases[i]);
}

static void words_that_were_split_or_joined_say_what_the_person_saw(void **state)
{
    static const struct case_of cases[] = {
        /* One word became two: the first says all, the other goes. */
        {"quyet dinh", {{0, "quyết"}}, "qu yet dinh", "0:qu>quyết;1:yet>;"},
        /* Two became one: what stood beside the corrected word stays. */
        {"qu yet dinh", {{0, "quy"}}, "quyyet dinh", "0:quyyet>quy yet;"},
        {"qu yet", {{0, "quyết"}, {1, ""}}, "qu_yet", "0:qu_yet>quyết;"},
        /* A correction of two words, read as two at last. */
        {"quyetdinh", {{0, "quyết định"}}, "quye dinh", "0:quye>quyết;1:dinh>định;"},
        /* What the person removed stays removed, in however many pieces it comes. */
        {"ab ---- cd", {{1, ""}}, "ab -- - cd", "1:-->;2:->;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_case(&cases[i]);
}

static void a_correction_without_a_place_is_told(void **state)
{
    static const struct case_of cases[] = {
        {"so 12 QD", {{1, "13"}}, "so    QD", "?:12>13;"},
        {"so 12", {{0, "số"}, {1, "13"}}, "", "?:so>số;?:12>13;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_case(&cases[i]);
}

static void a_frame_around_words_is_not_one_of_them(void **state)
{
    struct layout from = {0}, to = {0};
    struct anchor_reading old = {"so 12", &from}, new = {"so 12 |", &to};
    struct anchor_correction fix = {1, "13"};
    struct word frame = {.confidence = 20, .width = 1000, .height = 900};
    struct buffer told;
    struct err e;

    (void)state;
    lay_out("so 12", &from);
    lay_out("so 12", &to);
    assert_int_equal(layout_add(&to, &frame, &e), 0);
    buffer_init(&told, 256);
    assert_int_equal(anchor_corrections(&old, &new, &fix, 1, write_anchored, &told, &e),
                     0);
    buffer_append_byte(&told, '\0');
    assert_string_equal((const char *)told.bytes, "1:12>13;");
    buffer_release(&told);
    layout_release(&from);
    layout_release(&to);
}

static void what_does_not_agree_is_refused(void **state)
{
    struct layout one = {0}, two = {0};
    struct anchor_reading a = {"so 12", &two}, b = {"so 12", &one};
    struct anchor_correction fix = {0, "x"}, beyond = {2, "x"};
    struct buffer told;
    struct err e;

    (void)state;
    lay_out("so", &one);
    lay_out("so 12", &two);
    buffer_init(&told, 256);
    assert_int_equal(anchor_corrections(&a, &b, &fix, 1, write_anchored, &told, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    assert_int_equal(anchor_corrections(&a, &a, &beyond, 1, write_anchored, &told, &e),
                     -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    assert_int_equal(told.count, 0);
    buffer_release(&told);
    layout_release(&one);
    layout_release(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_correction_finds_its_word_by_its_box),
        cmocka_unit_test(a_word_read_right_this_time_is_still_the_persons),
        cmocka_unit_test(words_that_were_split_or_joined_say_what_the_person_saw),
        cmocka_unit_test(a_correction_without_a_place_is_told),
        cmocka_unit_test(a_frame_around_words_is_not_one_of_them),
        cmocka_unit_test(what_does_not_agree_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
