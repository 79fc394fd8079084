/* What two lists have in common in the same order: beside a count that tries all. */
#include "base/subsequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct texts {
    const char *a, *b;
};

static bool same(const void *arg, size_t i, size_t j)
{
    const struct texts *t = arg;

    return t->a[i] == t->b[j];
}

static size_t counted(const char *a, const char *b)
{
    size_t down, right;

    if (*a == '\0' || *b == '\0')
        return 0;
    if (*a == *b)
        return 1 + counted(a + 1, b + 1);
    down = counted(a + 1, b);
    right = counted(a, b + 1);
    return down > right ? down : right;
}

static void every_cell_is_what_a_count_of_all_ways_says(void **state)
{
    static const struct texts pairs[] = {
        {"", ""}, {"a", ""}, {"", "a"}, {"abcbdab", "bdcaba"}, {"aabbab", "babaab"}};
    struct subsequence s;
    struct err e;

    (void)state;
    for (size_t n = 0; n < sizeof pairs / sizeof *pairs; n++) {
        const struct texts *t = &pairs[n];

        assert_int_equal(subsequence_init(&s, strlen(t->a), strlen(t->b), same, t, &e),
                         0);
        for (size_t i = 0; i <= strlen(t->a); i++)
            for (size_t j = 0; j <= strlen(t->b); j++)
                assert_int_equal(subsequence_from(&s, i, j), counted(t->a + i, t->b + j));
        subsequence_release(&s);
    }
}

static void lists_too_long_for_a_table_are_refused(void **state)
{
    struct subsequence s;
    struct err e;

    (void)state;
    assert_int_equal(subsequence_init(&s, SUBSEQUENCE_COUNT_MAX + 1, 1, same, NULL, &e),
                     -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    assert_int_equal(subsequence_init(&s, 1, SUBSEQUENCE_COUNT_MAX + 1, same, NULL, &e),
                     -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_what_a_count_of_all_ways_says),
        cmocka_unit_test(lists_too_long_for_a_table_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
