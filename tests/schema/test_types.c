/* Record types: what the program carries, and what a wrong file is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/types/types.h"

static struct record_types *carried(void)
{
    struct record_types *t;
    struct err e;

    if (types_load(&t, &e) != 0)
        fail_msg("%s", e.text);
    return t;
}

static void the_29_kinds_have_their_abbreviations_letter_for_letter(void **state)
{
    struct record_types *t = carried();
    const struct code_list *kinds = type_codes(types_find(t, "administrative"), "kind");

    (void)state;
    assert_int_equal(kinds->values_count, 29);
    assert_true(kinds->has_symbols);
    assert_string_equal(code_find(kinds, "QyĐ")->symbol, "QyĐ");
    assert_string_equal(code_find(kinds, "TTr")->label.vi, "Tờ trình");
    assert_null(code_find(kinds, "TTR"));
    assert_null(code_find(kinds, "CV")->symbol);
    types_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_29_kinds_have_their_abbreviations_letter_for_letter),
    };

    return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
