/* Record types: what the program carries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "schema/types/types.h"
#include "tests/lib/scratch.h"

static struct record_types *types;

static int load(void **state)
{
    struct err e;

    (void)state;
    must(types_load(&types, &e), &e);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    types_destroy(types);
    return 0;
}

static void count_dir(size_t *count)
{
    struct record_types *from_dir;
    struct err e;

    must(types_load_dir(&from_dir, disk_system(), "schema/types", &e), &e);
    *count = types_count(from_dir);
    types_destroy(from_dir);
}

static void every_file_of_the_folder_is_carried(void **state)
{
    size_t count;

    (void)state;
    count_dir(&count);
    assert_int_equal(types_count(types), count);
}

static void the_29_kinds_have_their_abbreviations_letter_for_letter(void **state)
{
    const struct code_list *kinds =
        type_codes(types_find(types, "administrative"), "kind");

    (void)state;
    assert_int_equal(kinds->values_count, 29);
    assert_true(kinds->has_symbols);
    assert_string_equal(code_find(kinds, "QyĐ")->symbol, "QyĐ");
    assert_string_equal(code_find(kinds, "CTr")->symbol, "CTr");
    assert_string_equal(code_find(kinds, "TTr")->label.vi, "Tờ trình");
    assert_null(code_find(kinds, "TTR"));
    assert_null(code_find(kinds, "CV")->symbol);
}

/* Names as Circular 05/2025 has them, in its order. */
static void expect_fields(const char *type, const char *names)
{
    const struct record_type *t = types_find(types, type);
    char found[1024] = "";
    size_t n = 0;

    for (size_t i = 0; i < t->fields_count; i++)
        n += (size_t)snprintf(found + n, sizeof found - n, "%s%s%s", i == 0 ? "" : " ",
                              t->fields[i].name,
                              t->fields[i].need == FIELD_REQUIRED      ? "!"
                              : t->fields[i].need == FIELD_CONDITIONAL ? "?"
                                                                       : "");
    assert_string_equal(found, names);
}

static void an_archive_dossier_has_the_18_fields(void **state)
{
    (void)state;
    expect_fields(
        "archive_dossier",
        "fileCode! title! maintenance! mode! language! startDate! endDate! keyword"
        " totalDoc! numberOfPaper! numberOfPage! format inforSign confidenceLevel"
        " paperFileCode? riskRecovery! riskRecoveryStatus? description");
}

static void an_archive_document_has_the_21_fields(void **state)
{
    (void)state;
    expect_fields(
        "archive_document",
        "docId! docCode! maintenance! typeName! codeNumber codeNotation issuedDate!"
        " organName! subject! language! numberOfPage! inforSign keyword mode!"
        " confidenceLevel autograph format process? riskRecovery!"
        " riskRecoveryStatus? description");
}

static size_t columns(const char *type)
{
    const struct record_type *t = types_find(types, type);
    size_t count = 0;

    for (size_t i = 0; i < t->fields_count; i++)
        count += t->fields[i].column != NULL;
    return count;
}

static void a_register_exports_as_many_columns_as_the_ministry_takes(void **state)
{
    (void)state;
    assert_int_equal(columns("birth"), 60);
    assert_int_equal(columns("death"), 48);
    assert_int_equal(columns("marriage"), 44);
    assert_int_equal(columns("parent_child"), 50);
    assert_int_equal(columns("marital_status"), 35);
}

static void a_birth_names_its_file_by_book_and_number(void **state)
{
    (void)state;
    assert_string_equal(types_find(types, "birth")->file_name,
                        "KS.{namMoSo}.{maNoiDangKy}.{quyenSo}.{loaiGiay}.{so}.pdf");
}

static bool finds(const char *type, const char *field, const char *text,
                  const char *expected)
{
    const struct field_search *s = &type_field(types_find(types, type), field)->search;

    for (size_t i = 0; i < s->patterns_count; i++) {
        struct span value;

        if (pattern_find(s->patterns[i], text, strlen(text), 0, &value))
            return value.to - value.from == strlen(expected) &&
                   memcmp(text + value.from, expected, strlen(expected)) == 0;
    }
    return expected[0] == '\0';
}

static void patterns_find_what_papers_say(void **state)
{
    static const struct {
        const char *type, *field, *text, *value;
    } cases[] = {
        {"administrative", "number", "Số: 05/QĐ-UBND", "05"},
        {"administrative", "symbol", "Số: 05/QĐ-UBND", "QĐ-UBND"},
        {"administrative", "symbol", "Số: 23/UBND-VP", "UBND-VP"},
        {"administrative", "number", "Số: 15/2025/QĐ-UBND", "15/2025"},
        {"administrative", "symbol", "Số: 15/2025/QĐ-UBND", "QĐ-UBND"},
        {"administrative", "number", "Điện thoại: 02093 875", ""},
        {"party", "number", "Số 15-QĐ/ĐU", "15"},
        {"party", "symbol", "Số 15-QĐ/ĐU", "QĐ/ĐU"},
        {"administrative", "place", "Bản Mới, ngày 02 tháng 3 năm 2026", "Bản Mới"},
        {"administrative", "authority", "KT. CHỦ TỊCH", "KT. CHỦ TỊCH"},
        {"party", "authority", "T/M BAN THƯỜNG VỤ", "T/M BAN THƯỜNG VỤ"},
        {"administrative", "recipient", "- Như Điều 3;", "Như Điều 3"},
        {"one_stop", "procedure_code", "TTHC 2.000815.000.00.00.H55.",
         "2.000815.000.00.00.H55"},
        {"birth", "nksNgaySinh", "12/03/1975", "12/03/1975"},
        {"birth", "nksNgaySinh", "năm 1975", "1975"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!finds(cases[i].type, cases[i].field, cases[i].text, cases[i].value))
            fail_msg("%s: %s", cases[i].field, cases[i].text);
}

/* A wrong pattern that a province writes must not stop its box. */
static void a_pattern_that_would_search_for_ever_gives_up_and_finds_nothing(void **state)
{
    struct pattern *p;
    struct span value;
    struct err e;
    char text[64];

    (void)state;
    memset(text, 'a', sizeof text);
    must(pattern_create(&p, "(a+)+b", &e), &e);
    assert_false(pattern_find(p, text, sizeof text, 0, &value));
    assert_false(pattern_is_all(p, text, sizeof text));
    pattern_destroy(p);
}

static void steps_are_counted_over_all_places_where_a_match_may_begin(void **state)
{
    static char text[4000];
    struct pattern *p;
    struct span value;
    struct timespec before, after;
    struct err e;

    (void)state;
    /* Each a begins a search of its own, none of which comes to the bound by itself. */
    memset(text, 'a', sizeof text);
    for (size_t i = 15; i < sizeof text; i += 16)
        text[i] = ' ';
    must(pattern_create(&p, "(a+)+(a+)+b", &e), &e);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    assert_false(pattern_find(p, text, sizeof text, 0, &value));
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    assert_true(after.tv_sec - before.tv_sec < 2);
    pattern_destroy(p);
}

static void text_that_is_not_utf8_holds_no_value(void **state)
{
    struct pattern *p;
    struct span value;
    struct err e;

    (void)state;
    must(pattern_create(&p, "\\d+", &e), &e);
    assert_false(pattern_find(p, "\xff 12", 4, 0, &value));
    assert_true(pattern_find(p, "Số 12", strlen("Số 12"), 0, &value));
    pattern_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_of_the_folder_is_carried),
        cmocka_unit_test(the_29_kinds_have_their_abbreviations_letter_for_letter),
        cmocka_unit_test(an_archive_dossier_has_the_18_fields),
        cmocka_unit_test(an_archive_document_has_the_21_fields),
        cmocka_unit_test(a_register_exports_as_many_columns_as_the_ministry_takes),
        cmocka_unit_test(a_birth_names_its_file_by_book_and_number),
        cmocka_unit_test(patterns_find_what_papers_say),
        cmocka_unit_test(a_pattern_that_would_search_for_ever_gives_up_and_finds_nothing),
        cmocka_unit_test(steps_are_counted_over_all_places_where_a_match_may_begin),
        cmocka_unit_test(text_that_is_not_utf8_holds_no_value),
    };

    return cmocka_run_group_tests_name("types", tests, load, unload);
}
