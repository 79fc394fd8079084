/* tram-box units: a place explained, without any box. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/verb_io.h"

struct said {
    char *out, *err;
    size_t out_bytes, err_bytes;
    int status;
};

/* Runs "units" with these words; said_release() it. */
static struct said run(bool json, enum language language, int argc, const char **argv)
{
    struct said s = {0};
    struct verb_io io = {.json = json, .language = language, .cwd = "/"};
    char *words[8] = {(char *)"units"};

    for (int i = 0; i < argc; i++)
        words[i + 1] = (char *)argv[i];
    io.out = open_memstream(&s.out, &s.out_bytes);
    io.err = open_memstream(&s.err, &s.err_bytes);
    s.status = verb_run(verb_find("units"), NULL, "/nowhere", &io, argc + 1, words);
    assert_int_equal(fclose(io.out), 0);
    assert_int_equal(fclose(io.err), 0);
    return s;
}

static void said_release(struct said *s)
{
    free(s->out);
    free(s->err);
}

static void a_place_of_a_paper_is_explained_with_what_it_is_now(void **state)
{
    const char *words[] = {"xã Cổ Đông, thị xã Sơn Tây, Hà Nội", "--date", "2023"};
    struct said s = run(false, LANGUAGE_VI, 3, words);

    (void)state;
    assert_int_equal(s.status, EXIT_DONE);
    assert_string_equal(s.err, "");
    assert_string_equal(s.out,
                        "09616  xã Cổ Đông, thị xã Sơn Tây, thành phố Hà Nội\n"
                        "    đến 01/07/2025, theo Nghị quyết 1656/NQ-UBTVQH15 [V2]\n"
                        "    nay là 09616  xã Đoài Phương, thành phố Hà Nội [V2]\n"
                        "    nay là 09988  xã Hòa Lạc, thành phố Hà Nội [V2]\n");
    said_release(&s);
}

static void a_code_means_another_unit_at_another_date(void **state)
{
    const char *words[] = {"24", "--date", "12/03/2024"};
    struct said s = run(false, LANGUAGE_EN, 3, words);

    (void)state;
    assert_non_null(strstr(s.out, "24  tỉnh Bắc Giang\n"));
    assert_non_null(strstr(s.out, "now 24  tỉnh Bắc Ninh"));
    said_release(&s);
    words[2] = "2026";
    s = run(false, LANGUAGE_EN, 3, words);
    assert_non_null(strstr(s.out, "24  tỉnh Bắc Ninh\n    from 01/07/2025"));
    said_release(&s);
}

static void doubts_are_said_beside_the_answer(void **state)
{
    const char *words[] = {"xã Không Đâu, tỉnh Hà Tĩnh", "--date", "1999"};
    struct said s = run(false, LANGUAGE_EN, 3, words);

    (void)state;
    assert_int_equal(s.status, EXIT_DONE);
    assert_string_equal(s.out, "42  tỉnh Hà Tĩnh\n");
    assert_string_equal(
        s.err, "Not in the table, or not in this unit: xã Không Đâu\n"
               "The table knows changes since 01/11/2021 only; before, it may have been "
               "otherwise.\n");
    said_release(&s);
}

static void scripts_get_one_object(void **state)
{
    const char *words[] = {"phuong Truc Bach, quan Ba Dinh, Ha Noi"};
    struct said s = run(true, LANGUAGE_VI, 1, words);
    json_t *j = json_loads(s.out, 0, NULL), *unit;

    (void)state;
    assert_non_null(j);
    unit = json_array_get(json_object_get(j, "units"), 0);
    assert_string_equal(json_string_value(json_object_get(j, "found")), "one");
    assert_true(json_is_true(json_object_get(j, "folded")));
    assert_string_equal(json_string_value(json_object_get(unit, "code")), "00004");
    assert_int_equal(json_array_size(json_object_get(unit, "in")), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(unit, "ended"), "date")),
        "2025-07-01");
    assert_true(json_is_null(json_object_get(unit, "begun")));
    json_decref(j);
    said_release(&s);
}

static void words_that_make_no_sense_are_refused(void **state)
{
    static const char *const cases[][3] = {
        {"xã A", "--date", "hôm qua"}, {"xã A", "xã B", NULL}, {NULL, NULL, NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *words[3] = {cases[i][0], cases[i][1], cases[i][2]};
        int count = 0;
        struct said s;

        while (count < 3 && words[count] != NULL)
            count++;
        s = run(false, LANGUAGE_VI, count, words);
        assert_int_equal(s.status, EXIT_WORDS);
        said_release(&s);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_of_a_paper_is_explained_with_what_it_is_now),
        cmocka_unit_test(a_code_means_another_unit_at_another_date),
        cmocka_unit_test(doubts_are_said_beside_the_answer),
        cmocka_unit_test(scripts_get_one_object),
        cmocka_unit_test(words_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
