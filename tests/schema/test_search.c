/* Search: what finds a page, and in which order. Pages are called A, B, … in the
 * order in which they were read; a hit is told as its page, with * if it is exact. */
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
#include "schema/statements.h"
#include "schema/tokenizer.h"
#include "tests/lib/scratch.h"

#define PAGES_MAX  26
#define STORY_MAX  4096
#define SEED       20240917
#define TEXT_WORDS 40

struct box {
    struct scratch scratch;
    uint64_t document;
    uint64_t pages[PAGES_MAX];
    uint32_t pages_count;
    char story[STORY_MAX];
    char snippet[STORY_MAX]; /* of the last hit */
};

static struct box box;

static int start(void **state)
{
    (void)state;
    box = (struct box){0};
    scratch_start(&box.scratch);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    scratch_remove(&box.scratch);
    return 0;
}

static void write_begin(void)
{
    must(store_write_begin(box.scratch.store, &box.scratch.err), &box.scratch.err);
}

static void write_commit(void)
{
    must(store_write_commit(box.scratch.store, NULL, &box.scratch.err), &box.scratch.err);
}

static void read_again(uint64_t page, const char *text)
{
    struct err *e = &box.scratch.err;
    uint64_t id;

    write_begin();
    must(record_reading(box.scratch.records, page, text, NULL, 0, "test", &id, e), e);
    write_commit();
}

static void a_document(void)
{
    struct err *e = &box.scratch.err;
    struct document_row d = {0};

    write_begin();
    must(record_document(box.scratch.records, &d, &box.document, e), e);
    write_commit();
}

/* The next page of the document, made with the first. */
static uint64_t a_page(const char *text)
{
    struct err *e = &box.scratch.err;
    struct page_row p = {.ordinal = box.pages_count + 1};
    uint64_t *page = &box.pages[box.pages_count];

    assert_true(box.pages_count < PAGES_MAX);
    if (box.document == 0)
        a_document();
    p.document = box.document;
    write_begin();
    must(record_page(box.scratch.records, &p, page, e), e);
    write_commit();
    box.pages_count++;
    read_again(*page, text);
    return *page;
}

static int tell(void *arg, const struct search_hit *hit, struct err *e)
{
    char name[3] = {'-', '\0', '\0'};

    (void)arg;
    (void)e;
    assert_int_equal(hit->document, box.document);
    assert_int_equal(hit->site, SCRATCH_SITE);
    for (uint32_t i = 0; hit->page != 0 && i < box.pages_count; i++) {
        if (box.pages[i] != hit->page)
            continue;
        name[0] = (char)('A' + i);
        assert_int_equal(hit->page_number, i + 1);
    }
    name[1] = hit->exact ? '*' : '\0';
    if (box.story[0] != '\0')
        strcat(box.story, " ");
    strcat(box.story, name);
    (void)snprintf(box.snippet, sizeof box.snippet, "%s", hit->snippet);
    return 0;
}

static const char *search_limit(const char *query, unsigned limit)
{
    struct err *e = &box.scratch.err;

    box.story[0] = '\0';
    must(search_run(box.scratch.records, query, limit, tell, NULL, e), e);
    return box.story;
}

static const char *search(const char *query)
{
    return search_limit(query, 100);
}

static void expect_verified(uint64_t missing, uint64_t surplus)
{
    struct err *e = &box.scratch.err;
    uint64_t missing_now, surplus_now;

    must(search_verify(box.scratch.records, &missing_now, &surplus_now, e), e);
    assert_int_equal(missing_now, missing);
    assert_int_equal(surplus_now, surplus);
}

/* --------------------------------------------------------------------- claims */

static void every_way_of_typing_it_finds_the_page(void **state)
{
    char *nfd = (char *)utf8proc_NFD((const utf8proc_uint8_t *)"quyết định");

    (void)state;
    a_page("QUYẾT ĐỊNH\nVề việc thành lập tổ hoà giải");
    a_page("Biên bản họp thôn");
    assert_string_equal(search("quyet dinh"), "A*");
    assert_string_equal(search("quyết định"), "A*");
    assert_string_equal(search("QUYẾT ĐỊNH"), "A*");
    assert_string_equal(search(nfd), "A*");
    assert_string_equal(search("hoà giải"), "A*");
    assert_string_equal(search("hòa giải"), "A*");
    assert_string_equal(search("hoa giai"), "A*");
    assert_string_equal(search("hoá giải"), "A");
    assert_string_equal(search("quyết nghị"), "");
    free(nfd);
}

static void a_decomposed_text_is_found_as_well(void **state)
{
    char *nfd = (char *)utf8proc_NFD((const utf8proc_uint8_t *)"Uỷ ban nhân dân xã");

    (void)state;
    a_page(nfd);
    assert_string_equal(search("ủy ban"), "A*");
    assert_string_equal(search("uy ban nhan dan"), "A*");
    free(nfd);
}

static void exact_hits_come_before_folded_ones_however_they_rank(void **state)
{
    (void)state;
    a_page("tân tân tân tân");
    a_page("Một trang dài hơn nhiều, nói về việc khác, và chỉ một lần nhắc tên xã Tấn ở "
           "cuối trang sau rất nhiều chữ");
    a_page("tan");
    assert_string_equal(search("tấn"), "B* A C");
    assert_string_equal(search_limit("tấn", 1), "B*");
    assert_string_equal(search_limit("tấn", 2), "B* A");
    assert_string_equal(search("tan"), "A* C* B*"); /* no accents typed: none to miss */
}

static void a_text_with_d_for_stroked_d_is_found_but_not_exact(void **state)
{
    (void)state;
    a_page("dường");
    a_page("Ðường liên thôn");
    assert_string_equal(search("đường"), "B* A");
}

static void quoted_words_are_found_side_by_side_only(void **state)
{
    (void)state;
    a_page("hội nghị hội đồng");
    a_page("đồng chí dự hội nghị");
    assert_string_equal(search("\"hội đồng\""), "A*");
    assert_string_equal(search("hội đồng"), "A* B*");
    assert_string_equal(search("\"hoi nghi\" dong"), "A* B*");
}

static void a_number_is_found_in_any_punctuation(void **state)
{
    (void)state;
    a_page("Số: 12/QĐ-UBND");
    a_page("Số 12. UBND xã, QĐ khác");
    assert_string_equal(search("12/QĐ-UBND"), "A*");
    assert_string_equal(search("12/qd-ubnd"), "A*");
    assert_string_equal(search("12 QĐ UBND"), "A* B*");
}

static void part_of_a_long_number_finds_it_behind_the_number_itself(void **state)
{
    (void)state;
    a_page("Nguyễn Văn Hựu, số định danh 001204012345");
    a_page("Sổ thứ 0123, tờ 4012");
    assert_string_equal(search("0123"), "B* A");
    assert_string_equal(search("2345"), "A");
    assert_string_equal(search("Hựu 40123"), "A");
    assert_string_equal(search("345"), "");          /* three digits are in half of all */
    assert_string_equal(search("201204012345"), ""); /* another number is another paper */
}

static void a_part_of_a_symbol_finds_it(void **state)
{
    (void)state;
    a_page("Số: 12/QĐ-UBND ngày 05/3/2021");
    a_page("Số: 112/TB-HĐND");
    assert_string_equal(search("12"), "A*");
    assert_string_equal(search("QĐ-UBND"), "A*");
    assert_string_equal(search("qd-ubnd"), "A*");
    assert_string_equal(search("12/QĐ"), "A*");
    assert_string_equal(search("UBND"), "A*");
}

static void the_newest_reading_counts_and_deleted_pages_do_not(void **state)
{
    struct err *e = &box.scratch.err;
    uint64_t a, b;

    (void)state;
    a = a_page("bản đồ cũ");
    b = a_page("bản đồ cũ");
    read_again(a, "bản đồ mới");
    assert_string_equal(search("cũ"), "B*");
    assert_string_equal(search("mới"), "A*");
    read_again(a, "");
    assert_string_equal(search("bản đồ"), "B*");
    write_begin();
    must(record_page_delete(box.scratch.records, b, e), e);
    write_commit();
    assert_string_equal(search("bản đồ"), "");
    expect_verified(0, 0);
}

static void a_field_value_finds_its_document(void **state)
{
    struct err *e = &box.scratch.err;

    (void)state;
    a_page("trang một");
    write_begin();
    must(record_field(box.scratch.records, box.document, "nguoi-ky", 0, "clerk",
                      "Lò Văn Thử", e),
         e);
    write_commit();
    assert_string_equal(search("lò văn thử"), "-*");
    assert_string_equal(search("lo van thu"), "-*");
    expect_verified(0, 0);
}

static void the_snippet_shows_the_hit(void **state)
{
    (void)state;
    a_page("CỘNG HOÀ XÃ HỘI\nQUYẾT ĐỊNH số 5");
    search("quyết định");
    assert_string_equal(box.snippet,
                        "CỘNG HOÀ XÃ HỘI " SEARCH_HIT_BEGIN "QUYẾT" SEARCH_HIT_END
                        " " SEARCH_HIT_BEGIN "ĐỊNH" SEARCH_HIT_END " số 5");
}

static void no_query_is_syntax(void **state)
{
    static const char *const hostile[] = {
        "\"",
        "\"\"\"",
        "*",
        "a*",
        "(",
        ")",
        "((((",
        "AND",
        "OR OR",
        "NOT a",
        "NEAR(a b, 1)",
        "^a",
        "text:a",
        "- a",
        "a + b",
        "{text}: a",
        "rank:a",
        "';DROP TABLE search;--",
        "\\",
        "%",
        "_",
        "a\tb\r\n",
        "\x01\x02\x03",
        "\xe2\x80\xae",
        "a AND",
        "\"a\" \"",
        "[a]",
        "a,b",
    };

    (void)state;
    a_page("một hai ba");
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        search(hostile[i]);
    assert_string_equal(search("\"hai* (ba)"), "A*");
    assert_string_equal(search("ba OR bon"), "");
}

static void a_long_query_of_many_words_is_answered(void **state)
{
    char query[SEARCH_QUERY_BYTES_MAX + 1];
    char text[sizeof query];

    (void)state;
    for (size_t i = 0; i < sizeof query - 1; i++)
        query[i] = i % 2 == 0 ? (char)('a' + i / 2 % 26) : ' ';
    query[sizeof query - 1] = '\0';
    strcpy(text, query);
    a_page(text);
    assert_string_equal(search(query), "A*");
    query[0] = '"';
    assert_string_equal(search(query), "A*");
}

static void hundreds_of_beginnings_are_refused(void **state)
{
    char query[SEARCH_QUERY_BYTES_MAX + 1] = "";
    struct search_query *q;
    struct err e;

    (void)state;
    for (int i = 0; i < 9; i++)
        (void)strcat(query, "th* ");
    must(search_query_create(&q, query, true, &e), &e);
    search_query_destroy(q);
    for (int i = 9; i < 256; i++)
        (void)strcat(query, "th* ");
    assert_int_equal(search_query_create(&q, query, false, &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
}

static void a_word_said_hundreds_of_times_is_not_looked_for_as_often(void **state)
{
    char query[SEARCH_QUERY_BYTES_MAX + 1] = "";
    struct search_query *q;
    const struct query_group *groups;
    struct err e;

    (void)state;
    for (int i = 0; i < 200; i++)
        (void)strcat(query, "dat ");
    (void)strcat(query, "-dat \"dat dat\" số:7");
    must(search_query_create(&q, query, false, &e), &e);
    assert_int_equal(search_query_groups(q, &groups), 32 + 3);
    search_query_destroy(q);
}

static void too_long_and_not_utf8_are_usage_errors(void **state)
{
    struct err *e = &box.scratch.err;
    char *megabyte = malloc((1 << 20) + 1);

    (void)state;
    assert_non_null(megabyte);
    memset(megabyte, 'a', 1 << 20);
    megabyte[1 << 20] = '\0';
    assert_int_equal(search_run(box.scratch.records, megabyte, 10, tell, NULL, e), -1);
    assert_int_equal(e->code, ERR_USAGE);
    assert_int_equal(search_run(box.scratch.records, "a\xff", 10, tell, NULL, e), -1);
    assert_int_equal(e->code, ERR_USAGE);
    free(megabyte);
}

static int refuse(void *arg, const struct search_hit *hit, struct err *e)
{
    (void)arg;
    (void)hit;
    return err_set(e, ERR_IO, "the pipe is gone");
}

static void a_failing_reader_ends_the_search(void **state)
{
    struct err *e = &box.scratch.err;

    (void)state;
    a_page("một");
    assert_int_equal(search_run(box.scratch.records, "mot", 10, refuse, NULL, e), -1);
    assert_int_equal(e->code, ERR_IO);
    assert_string_equal(search("mot"), "A*");
}

static void verify_counts_what_is_missing_and_what_is_too_much(void **state)
{
    struct err *e = &box.scratch.err;

    (void)state;
    a_page("một");
    a_page("hai");
    a_page("");
    expect_verified(0, 0);
    write_begin();
    must(search_put(box.scratch.store, box.pages[0], "", e), e);
    must(search_put(box.scratch.store, box.pages[0], "", e), e); /* twice: fine */
    write_commit();
    expect_verified(1, 0);
    write_begin();
    must(search_put(box.scratch.store, box.pages[2] + 1000, "ma một", e), e);
    write_commit();
    expect_verified(1, 1);
    assert_string_equal(search("một"), ""); /* a row without a page is no hit */
}

/* As migration 15 leaves it. */
static void forget_the_index(void)
{
    static const char *const sql =
        "DELETE FROM search; DELETE FROM search_state; DELETE FROM search_fresh;"
        "DELETE FROM search_block; DELETE FROM search_list; DELETE FROM search_word;"
        "DELETE FROM search_dead";

    must(sql_run(store_db(box.scratch.store), sql, &box.scratch.err), &box.scratch.err);
    must(search_begin(box.scratch.records, &box.scratch.err), &box.scratch.err);
}

static bool only_once(void *arg, unsigned per_cent)
{
    unsigned *calls = arg;

    assert_true(*calls == 0 ? per_cent == 0 : per_cent > 0 && per_cent < 100);
    return ++*calls == 1;
}

static void an_older_boxs_index_is_made_while_it_works(void **state)
{
    struct err *e = &box.scratch.err;
    struct document_row d = {0};
    unsigned calls = 0, per_cent;
    bool building;
    uint64_t id;

    (void)state;
    a_page("tờ khai cũ");
    write_begin();
    for (int i = 0; i < 900; i++)
        must(record_document(box.scratch.records, &d, &id, e), e);
    write_commit();
    a_page("tờ khai thứ hai");
    write_begin();
    for (int i = 0; i < 900; i++)
        must(record_document(box.scratch.records, &d, &id, e), e);
    write_commit();
    a_page("tờ khai thứ ba");
    forget_the_index();
    must(search_building(box.scratch.store, &building, &per_cent, e), e);
    assert_true(building && per_cent == 0);
    a_page("tờ khai mới"); /* before it is begun: found at once */
    assert_string_equal(search("tờ khai"), "D*");
    expect_verified(0, 0);
    must(search_build(box.scratch.records, only_once, &calls, e), e);
    assert_int_equal(calls, 2);
    read_again(box.pages[0], "tờ khai đã sửa");
    read_again(box.pages[2], "tờ trình");
    assert_string_equal(search("tờ khai mới"), "D*");
    must(search_building(box.scratch.store, &building, &per_cent, e), e);
    assert_true(building && per_cent > 40 && per_cent < 60);
    must(search_build(box.scratch.records, NULL, NULL, e), e);
    must(search_building(box.scratch.store, &building, &per_cent, e), e);
    assert_false(building);
    assert_string_equal(search("tờ khai sửa"), "A*");
    assert_string_equal(search("tờ khai thứ"), "B*");
    assert_string_equal(search("trình"), "C*");
    expect_verified(0, 0);
}

static void search_and_verify_work_inside_a_write(void **state)
{
    (void)state;
    a_page("một");
    write_begin();
    assert_string_equal(search("một"), "A*");
    expect_verified(0, 0);
    write_commit();
}

/* --------------------------------------------- any word, in any way of typing it */

static const char *const syllables[] = {
    "quyết", "định",  "hoà",    "hòa",   "uỷ",   "ủy",    "thuý",   "thúy",   "quý",
    "quí",   "đường", "đất",    "Đắk",   "Ðà",   "nghĩa", "trưởng", "phường", "xã",
    "ẩm",    "ẵm",    "ặt",     "ỷ",     "ỵ",    "ỹ",     "giấy",   "ruộng",  "khuỷu",
    "thửa",  "số",    "Nguyễn", "Lường", "Thị",  "Ổn",    "năm",    "1975",   "03",
    "m²",    "a",     "ĩ",      "ữ",     "khoẻ", "loè",   "hoè",    "tuỳ",    "nguỵ",
};

#define SYLLABLES (sizeof syllables / sizeof syllables[0])

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void random_text(char *out, uint32_t *seed)
{
    static const char *const between[] = {" ", "\n", ", ", "-", "/", ". "};

    out[0] = '\0';
    for (size_t i = 0; i < TEXT_WORDS; i++) {
        strcat(out, syllables[random_next(seed) % SYLLABLES]);
        strcat(out, between[random_next(seed) % 6]);
    }
}

static void upper_case(const char *text, char *out)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    utf8proc_int32_t code;

    while (*at != '\0') {
        at += utf8proc_iterate(at, -1, &code);
        out += utf8proc_encode_char(utf8proc_toupper(code), (utf8proc_uint8_t *)out);
    }
    *out = '\0';
}

/* Page A is in the answer, as an exact hit. */
static void expect_exact(const char *query, const char *text)
{
    if (strncmp(search(query), "A*", 2) != 0)
        fail_msg("'%s' gives '%s' for: %s", query, box.story, text);
}

static int expect_token(void *arg, const struct token *t)
{
    const char *text = arg;
    char word[256], upper[256];
    char *nfd;

    (void)snprintf(word, sizeof word, "%.*s", (int)(t->end - t->start), text + t->start);
    nfd = (char *)utf8proc_NFD((const utf8proc_uint8_t *)word);
    upper_case(word, upper);
    expect_exact(word, text);
    expect_exact(nfd, text);
    expect_exact(upper, text);
    expect_exact(t->folded, text);
    free(nfd);
    return 0;
}

static void every_word_of_a_text_finds_it_however_it_is_typed(void **state)
{
    uint32_t seed = SEED;
    char text[2048];
    uint64_t page;

    (void)state;
    page = a_page("");
    for (unsigned i = 0; i < 12; i++) {
        char *stored;

        random_text(text, &seed);
        stored = i % 2 == 0 ? strdup(text)
                            : (char *)utf8proc_NFD((const utf8proc_uint8_t *)text);
        read_again(page, stored);
        (void)tokens_each(text, strlen(text), expect_token, text);
        free(stored);
    }
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CLAIM(every_way_of_typing_it_finds_the_page),
        CLAIM(a_decomposed_text_is_found_as_well),
        CLAIM(exact_hits_come_before_folded_ones_however_they_rank),
        CLAIM(a_text_with_d_for_stroked_d_is_found_but_not_exact),
        CLAIM(quoted_words_are_found_side_by_side_only),
        CLAIM(a_number_is_found_in_any_punctuation),
        CLAIM(part_of_a_long_number_finds_it_behind_the_number_itself),
        CLAIM(a_part_of_a_symbol_finds_it),
        CLAIM(the_newest_reading_counts_and_deleted_pages_do_not),
        CLAIM(a_field_value_finds_its_document),
        CLAIM(the_snippet_shows_the_hit),
        CLAIM(no_query_is_syntax),
        CLAIM(a_long_query_of_many_words_is_answered),
        CLAIM(too_long_and_not_utf8_are_usage_errors),
        CLAIM(hundreds_of_beginnings_are_refused),
        CLAIM(a_word_said_hundreds_of_times_is_not_looked_for_as_often),
        CLAIM(a_failing_reader_ends_the_search),
        CLAIM(verify_counts_what_is_missing_and_what_is_too_much),
        CLAIM(an_older_boxs_index_is_made_while_it_works),
        CLAIM(search_and_verify_work_inside_a_write),
        CLAIM(every_word_of_a_text_finds_it_however_it_is_typed),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
