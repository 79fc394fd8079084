/* Words of a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/words.h"

static void words_are_the_runs_between_ascii_white_space(void **state)
{
    /* A no-break space (c2 a0) holds a word together. */
    static const char text[] = " \tỦy  ban\n\nnhân\xc2\xa0"
                               "dân\r\n";
    static const char *const expected[] = {"Ủy", "ban",
                                           "nhân\xc2\xa0"
                                           "dân"};
    const char *word;
    size_t at = 0, bytes, count = 0;

    (void)state;
    while (words_next(text, &at, &word, &bytes)) {
        assert_true(count < 3);
        assert_memory_equal(word, expected[count], bytes);
        count++;
    }
    assert_int_equal(count, 3);
    assert_int_equal(at, sizeof text - 1);
    assert_false(words_next(text, &at, &word, &bytes));
}

static void nothing_has_no_words(void **state)
{
    const char *word;
    size_t at = 0, bytes;

    (void)state;
    assert_false(words_next("", &at, &word, &bytes));
    assert_false(words_next(" \n", &at, &word, &bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_the_runs_between_ascii_white_space),
        cmocka_unit_test(nothing_has_no_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
