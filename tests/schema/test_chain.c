/* The chain, against hashes made with another program (Python's hashlib). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/chain.h"

static void assert_hash(const struct hash *h, const char *expected)
{
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, h);
    assert_string_equal(hex, expected);
}

static void a_chain_starts_with_its_label_and_site(void **state)
{
    struct hash h;

    (void)state;
    chain_start(&h, 0x1234);
    assert_hash(&h, "ac221c9a621aa98f09e7b3866e38fb1ead4673cee55afb7406744c65a31aa5e8");
}

static void a_link_covers_the_one_before_and_all_of_the_frame(void **state)
{
    struct hash start, h;

    (void)state;
    chain_start(&start, 0x1234);
    chain_next(&h, &start, 0x0102030405060708, 0x0a0b0c0d, "changeset", 9);
    assert_hash(&h, "45389e56c79f1c41dc562f36cfcb8652f8c4b43b97622dda0c7dd907eccd8499");
    chain_next(&h, &h, 2, 1, "", 0);
    assert_hash(&h, "04ccfeb2dc7344b6d109a7d834a1cd36de1955988957e9a95dc9dfd6252f0d8a");
}

static void any_difference_is_another_chain(void **state)
{
    struct hash a, b, start;

    (void)state;
    chain_start(&start, 1);
    chain_start(&b, 2);
    assert_false(hash_equal(&start, &b));
    chain_next(&a, &start, 1, 1, "x", 1);
    chain_next(&b, &start, 2, 1, "x", 1);
    assert_false(hash_equal(&a, &b));
    chain_next(&b, &start, 1, 2, "x", 1);
    assert_false(hash_equal(&a, &b));
    chain_next(&b, &start, 1, 1, "y", 1);
    assert_false(hash_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_starts_with_its_label_and_site),
        cmocka_unit_test(a_link_covers_the_one_before_and_all_of_the_frame),
        cmocka_unit_test(any_difference_is_another_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
