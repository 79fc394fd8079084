/* Queries cut into phrases, found in a text, and shown on one line: without a
 * database. Hits are written [so]. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "schema/search/search.h"
#include "schema/search/query.h"
#include "schema/search/snippet.h"

static struct search_query *query_of(const char *text)
{
    struct search_query *q;
    struct err e;

    if (search_query_create(&q, text, false, &e) != 0)
        fail_msg("%s: %s", text, e.text);
    return q;
}

/* Groups with a blank between; their words joined by +, - before one that is not to be
 * there, * behind a word that may go on, the field's number and : before its own. */
static void expect_groups(const char *text, const char *expected)
{
    struct search_query *q = query_of(text);
    const struct query_group *groups;
    size_t count = search_query_groups(q, &groups);
    char told[1024] = "";

    for (size_t i = 0; i < count; i++) {
        size_t at = strlen(told);

        (void)snprintf(told + at, sizeof told - at, "%s%s", at > 0 ? " " : "",
                       groups[i].negated ? "-" : "");
        if (groups[i].field != SEARCH_FIELD_NONE)
            (void)snprintf(told + strlen(told), 8, "%d:", (int)groups[i].field);
        if (groups[i].is_range)
            (void)snprintf(told + strlen(told), 32, "%u..%u", (unsigned)groups[i].from,
                           (unsigned)groups[i].to);
        for (size_t j = 0; j < groups[i].count; j++) {
            struct query_word w = search_query_word(q, groups[i].first + j);

            at = strlen(told);
            (void)snprintf(told + at, sizeof told - at, "%s%s%s", j > 0 ? "+" : "",
                           w.folded, w.prefix ? "*" : "");
        }
    }
    assert_string_equal(told, expected);
    search_query_destroy(q);
}

static bool finds(const char *query, enum search_form form, const char *text)
{
    struct search_query *q = query_of(query);
    bool found = search_query_find(q, form, text, strlen(text), NULL);

    search_query_destroy(q);
    return found;
}

/* Valid until the next call. */
static const char *snippet_of(const char *query, const char *text)
{
    static char line[SNIPPET_BYTES_MAX];
    struct search_query *q = query_of(query);
    struct search_spans spans;
    struct buffer b;
    struct err e;

    buffer_init(&b, sizeof line - 1);
    buffer_append_text(&b, "");
    (void)search_query_find(q, SEARCH_FOLDED, text, strlen(text), &spans);
    snippet_append(&b, text, strlen(text), &spans);
    assert_int_equal(buffer_check(&b, &e), 0);
    memcpy(line, b.bytes, b.count + 1);
    for (char *c = line; *c != '\0'; c++)
        *c = (char)(*c == SEARCH_HIT_BEGIN[0] ? '[' : *c == SEARCH_HIT_END[0] ? ']' : *c);
    buffer_release(&b);
    search_query_destroy(q);
    return line;
}

/* ------------------------------------------------------------------- queries */

static void words_are_joined_and_quoted_words_are_a_phrase(void **state)
{
    (void)state;
    expect_groups("quyết định", "quyet dinh");
    expect_groups("\"hội đồng\" xã", "hoi+dong xa");
    expect_groups("“hội đồng” xã", "hoi+dong xa");
    expect_groups("a\"b c\"d", "a b+c d");
    expect_groups("a \"b c", "a b+c");
}

static void a_word_of_several_tokens_is_a_phrase(void **state)
{
    (void)state;
    expect_groups("12/QĐ-UBND", "12+qd+ubnd");
}

static void a_query_without_letters_asks_nothing(void **state)
{
    (void)state;
    expect_groups("", "");
    expect_groups(" \"\" * ( ) ^ : - + \t\r\n \u0301 \u00a0", "");
}

static void other_syntax_is_just_words(void **state)
{
    (void)state;
    expect_groups("a* OR NOT NEAR(b, 2)", "a or not near+b 2");
    expect_groups("text:a ^b {c}", "text+a b c");
}

static void a_minus_a_star_and_a_field_say_more(void **state)
{
    (void)state;
    expect_groups("đất -tạm", "dat -tam");
    expect_groups("đất - tạm", "dat tam");
    expect_groups("-\"tạm trú\" quyế*", "-tam+tru quye*");
    expect_groups("số:12/QĐ-UBND", "1:12+qd+ubnd");
    expect_groups("SO: 12 đất", "1:12 dat");
    expect_groups("ngày:2019..2021", "2:20190000..20211231");
    expect_groups("ngày:03/2019", "2:20190300..20190331");
    expect_groups("ngày:12/03/2019", "2:20190312..20190312");
    expect_groups("loại:QĐ \"hội đồng\"", "3:qd hoi+dong");
    expect_groups("người ký:\"Lò Văn Thử\" đất", "4:lo+van+thu dat");
    expect_groups("-cơ quan:UBND đất", "-6:ubnd dat");
    expect_groups("QuyÕt ®Þnh", "quyet dinh");
    expect_groups("Quyeát ñònh", "quyet dinh");
    expect_groups("an toàn", "an toan");
}

static void too_long_and_not_utf8_are_refused(void **state)
{
    static char text[SEARCH_QUERY_BYTES_MAX + 2];
    struct search_query *q;
    struct err e;

    (void)state;
    memset(text, 'a', SEARCH_QUERY_BYTES_MAX);
    assert_int_equal(search_query_create(&q, text, false, &e), 0);
    search_query_destroy(q);
    text[SEARCH_QUERY_BYTES_MAX] = 'a';
    assert_int_equal(search_query_create(&q, text, false, &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
    assert_null(q);
    assert_int_equal(search_query_create(&q, "quy\xe1\xba t", false, &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
    assert_null(q);
}

static void the_longest_queries_are_read(void **state)
{
    static char text[SEARCH_QUERY_BYTES_MAX + 1];
    struct search_query *q;

    (void)state;
    for (size_t i = 0; i < SEARCH_QUERY_BYTES_MAX; i++)
        text[i] = i % 2 == 0 ? (char)('a' + i / 2 % 26) : ' ';
    q = query_of(text);
    assert_true(search_query_find(q, SEARCH_FOLDED, text, sizeof text - 1, NULL));
    search_query_destroy(q);
    text[0] = '"';
    q = query_of(text);
    assert_true(search_query_find(q, SEARCH_EXACT, text, sizeof text - 1, NULL));
    search_query_destroy(q);
}

/* ------------------------------------------------------------------- finding */

static void all_phrases_must_be_there_in_order_inside_only(void **state)
{
    (void)state;
    assert_true(finds("định quyết", SEARCH_FOLDED, "Quyết định"));
    assert_false(finds("\"định quyết\"", SEARCH_FOLDED, "Quyết định"));
    assert_false(finds("quyết nghị", SEARCH_FOLDED, "Quyết định"));
    assert_true(finds("\"a b a c\"", SEARCH_FOLDED, "a b a b a c"));
}

static void exact_words_have_their_accents_wherever_the_tone_sits(void **state)
{
    (void)state;
    assert_true(finds("hoà", SEARCH_EXACT, "HÒA BÌNH"));
    assert_false(finds("hoà", SEARCH_EXACT, "hoa hoá họa"));
    assert_true(finds("hoà", SEARCH_FOLDED, "hoa hoá họa"));
    assert_true(finds("đường", SEARCH_EXACT, "Ðường"));
    assert_false(finds("đường", SEARCH_EXACT, "dường"));
}

/* ------------------------------------------------------------------ snippets */

static void a_short_text_is_shown_whole_with_its_hits(void **state)
{
    (void)state;
    assert_string_equal(
        snippet_of("quyet 12/qd-ubnd", "Quyết định\n\tsố:  12/QĐ-UBND.\n"),
        "[Quyết] định số: [12/QĐ-UBND].");
}

static void hits_that_overlap_are_one(void **state)
{
    (void)state;
    assert_string_equal(snippet_of("\"a b\" \"b c\" b", "x a b c y b"),
                        "x [a b c] y [b]");
}

static void a_long_text_is_cut_at_words_around_the_hit(void **state)
{
    const char *text = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm "
                       "2015, xét đề nghị của công chức địa chính, Uỷ ban nhân dân xã "
                       "quyết định phê duyệt phương án bồi thường, hỗ trợ và tái định cư "
                       "cho các hộ có tên sau đây.";

    (void)state;
    assert_string_equal(snippet_of("\"uy ban\"", text),
                        "…nghị của công chức địa chính, [Uỷ ban] nhân dân xã quyết định "
                        "phê duyệt phương án bồi thường, hỗ trợ và tái định cư cho…");
    assert_string_equal(
        snippet_of("can", text),
        "[Căn] cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm "
        "2015, xét đề nghị của công chức địa chính, Uỷ ban nhân…");
    assert_string_equal(snippet_of("\"sau day\"", text),
                        "…tái định cư cho các hộ có tên [sau đây].");
}

static void the_place_with_most_of_the_words_is_shown(void **state)
{
    char text[2048] = "Hội nghị. ";

    (void)state;
    for (size_t i = 0; i < 30; i++)
        strcat(text, "Các đại biểu thảo luận. ");
    strcat(text, "Hội đồng nhân dân họp.");
    assert_string_equal(snippet_of("hội đồng", text),
                        "…luận. Các đại biểu thảo luận. [Hội] [đồng] nhân dân họp.");
}

static void controls_and_bad_bytes_do_not_reach_the_line(void **state)
{
    (void)state;
    assert_string_equal(snippet_of("b", "a\x02\x03\x1b[0m\r\nb\x7f\xff c\u2028d"),
                        "a [0m [b] \ufffd c d");
}

static void a_mark_stays_with_its_letter_at_every_cut(void **state)
{
    char text[4096] = "";

    (void)state;
    for (size_t i = 0; i < 300; i++)
        strcat(text, "e\u0302\u0301-"); /* no blank to cut at */
    for (size_t lead = 0; lead < 8; lead++) {
        char all[2 * sizeof text + 64];
        const char *line;
        size_t count;

        (void)sprintf(all, "%s%.*s hit-%s", text, (int)lead, "xxxxxxxx", text);
        line = snippet_of("hit", all);
        count = strlen(line);
        assert_memory_equal(line, "…", 3);
        assert_memory_equal(line + count - 3, "…", 3);
        /* What is shown before the end is a whole letter with two marks, or '-'. */
        assert_true(line[count - 4] == '-' ||
                    memcmp(line + count - 8, "e\u0302\u0301", 5) == 0);
        assert_true(line[3] == 'e' || line[3] == '-' || line[3] == 'x' || line[3] == '[');
    }
}

static void a_snippet_is_bounded_whatever_the_text(void **state)
{
    static char text[65536];

    (void)state;
    strcpy(text, "a");
    for (size_t i = 0; i < 30000; i++)
        memcpy(text + 1 + 2 * i, "\u0301", 3);
    assert_true(strlen(snippet_of("a", text)) < 64);
    memset(text, ' ', sizeof text - 2);
    text[sizeof text - 2] = 'a';
    assert_string_equal(snippet_of("a", text), "[a]");
    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = "ab "[i % 3];
    assert_true(strlen(snippet_of("a ab", text)) < 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_joined_and_quoted_words_are_a_phrase),
        cmocka_unit_test(a_word_of_several_tokens_is_a_phrase),
        cmocka_unit_test(a_query_without_letters_asks_nothing),
        cmocka_unit_test(other_syntax_is_just_words),
        cmocka_unit_test(a_minus_a_star_and_a_field_say_more),
        cmocka_unit_test(too_long_and_not_utf8_are_refused),
        cmocka_unit_test(the_longest_queries_are_read),
        cmocka_unit_test(all_phrases_must_be_there_in_order_inside_only),
        cmocka_unit_test(exact_words_have_their_accents_wherever_the_tone_sits),
        cmocka_unit_test(a_short_text_is_shown_whole_with_its_hits),
        cmocka_unit_test(hits_that_overlap_are_one),
        cmocka_unit_test(a_long_text_is_cut_at_words_around_the_hit),
        cmocka_unit_test(the_place_with_most_of_the_words_is_shown),
        cmocka_unit_test(controls_and_bad_bytes_do_not_reach_the_line),
        cmocka_unit_test(a_mark_stays_with_its_letter_at_every_cut),
        cmocka_unit_test(a_snippet_is_bounded_whatever_the_text),
    };

    return cmocka_run_group_tests_name("query and snippet", tests, NULL, NULL);
}
