/* Two texts line by line. */
#include "appliance/differences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static int write_line(void *arg, enum line_side side, const char *line, size_t bytes,
                      struct err *e)
{
    struct buffer *out = arg;

    buffer_append_byte(out, (uint8_t) " -+"[side]);
    buffer_append(out, line, bytes);
    buffer_append_byte(out, ';');
    return buffer_check(out, e);
}

static void expect(const char *old_text, const char *new_text, const char *expected)
{
    struct buffer told;
    struct err e;

    buffer_init(&told, 1 << 20);
    buffer_append_text(&told, "");
    assert_int_equal(differences(old_text, new_text, write_line, &told, &e), 0);
    assert_string_equal((const char *)told.bytes, expected);
    buffer_release(&told);
}

static void only_lines_that_differ_are_told_twice(void **state)
{
    (void)state;
    expect("", "", "");
    expect("a\nb\nc", "a\nb\nc", " a; b; c;");
    expect("a\nb\nc", "a\nB\nc", " a;-b;+B; c;");
    expect("a\nc", "a\nb\nc", " a;+b; c;");
    expect("a\nb\nc", "a\nc\n", " a;-b; c;");
    expect("", "a\n\nb", "+a;+;+b;");
    expect("a\nb", "", "-a;-b;");
}

/* Else a line that moved up would make all that follows look new. */
static void what_is_in_both_is_found_behind_what_is_not(void **state)
{
    (void)state;
    expect("x\na\nb\nc", "a\nb\nc\ny", "-x; a; b; c;+y;");
}

static void very_long_texts_are_told_whole(void **state)
{
    struct buffer old_text, told;
    struct err e;

    (void)state;
    buffer_init(&old_text, 1 << 20);
    buffer_init(&told, 1 << 20);
    for (int i = 0; i <= DIFFERENCES_LINES_MAX; i++)
        buffer_append_text(&old_text, "a\n");
    assert_int_equal(
        differences((const char *)old_text.bytes, "a\n", write_line, &told, &e), 0);
    assert_int_equal(told.count, 3 * (DIFFERENCES_LINES_MAX + 2));
    assert_string_equal((const char *)told.bytes + told.count - 3, "+a;");
    buffer_release(&old_text);
    buffer_release(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_lines_that_differ_are_told_twice),
        cmocka_unit_test(what_is_in_both_is_found_behind_what_is_not),
        cmocka_unit_test(very_long_texts_are_told_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
