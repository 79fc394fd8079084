/* Identity prefixes: the 63 that numbers were given with, and nothing of today's codes. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/units/identity_prefixes.h"

static struct identity_prefixes *of(const char *text, struct err *e)
{
    struct identity_prefixes *p = NULL;

    (void)identity_prefixes_create(&p, "p.tsv", text, strlen(text), e);
    return p;
}

static void the_table_holds_the_63_of_the_circular(void **state)
{
    static const struct {
        const char *number, *place;
    } cases[] = {
        {"001", "Hà Nội"},
        {"024190000001", "Bắc Giang"}, /* 24 is Bắc Ninh's code now */
        {"027", "Bắc Ninh"},
        {"015", "Yên Bái"}, /* 15 is Lào Cai's code now */
        {"010", "Lào Cai"},
        {"046", "Thừa Thiên Huế"},
        {"096", "Cà Mau"},
        {"003", NULL},
        {"097", NULL},
        {"999", NULL},
        {"02", NULL},
        {"", NULL},
        {"0a4", NULL},
    };
    struct identity_prefixes *p = of(identity_prefixes_tsv, &(struct err){0});

    (void)state;
    assert_non_null(p);
    assert_int_equal(strlen(identity_prefixes_tsv), identity_prefixes_tsv_bytes);
    assert_int_equal(identity_prefixes_count(p), 63);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *place = identity_prefixes_place(p, cases[i].number);

        if (cases[i].place == NULL)
            assert_null(place);
        else
            assert_string_equal(place, cases[i].place);
    }
    identity_prefixes_destroy(p);
}

static void a_faulty_table_is_refused_with_file_line_and_reason(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"001\tHà Nội\n01\tHà Giang\n", "p.tsv: line 2: a prefix is three digits"},
        {"# x\n001\tHà Nội\n001\tHà Nội\n", "p.tsv: line 3: prefix 001 is there already"},
        {"001\t\n", "p.tsv: line 1: a province's name has 1 to 63 bytes"},
        {"001\n", "p.tsv: line 1: 1 cells, need 2"},
        {"001\tHà Nội", "p.tsv: line 1: cut off: no end of line"},
        {"001\tHa\xcc\x80 Nội\n",
         "p.tsv: line 1: combining mark U+0300: names are written composed"},
        {"001\tH\xff\n", "p.tsv: line 1: not UTF-8"},
        {"001\tH\r\n", "p.tsv: line 1: control character U+000D"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e;

        assert_null(of(cases[i].text, &e));
        assert_int_equal(e.code, ERR_REFUSED);
        assert_string_equal(e.text, cases[i].says);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds_the_63_of_the_circular),
        cmocka_unit_test(a_faulty_table_is_refused_with_file_line_and_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
