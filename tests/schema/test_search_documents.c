/* Which papers the fields of a question mean, and which they leave out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/search/index.h"
#include "schema/statements.h"
#include "tests/lib/scratch.h"

#define HITS      50
#define WRITE_MAX 200  /* pages of one transaction */
#define NUMBERS   3000 /* on a page */

static struct scratch scratch;
static struct search_answer answer;
static uint64_t found[HITS];
static size_t found_count;

static int start(void **state)
{
    (void)state;
    scratch_start(&scratch);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static uint64_t add_document(const char *name, const char *value)
{
    struct err *e = &scratch.err;
    uint64_t id;

    must(store_write_begin(scratch.store, e), e);
    must(record_document(scratch.records, &(struct document_row){0}, &id, e), e);
    if (name != NULL)
        must(record_field(scratch.records, id, name, 0, "machine", value, e), e);
    must(store_write_commit(scratch.store, NULL, e), e);
    return id;
}

static void add_pages(uint64_t document, unsigned first, unsigned count, const char *text)
{
    struct err *e = &scratch.err;

    for (unsigned i = 0; i < count; i++) {
        struct page_row p = {.document = document, .ordinal = first + i};
        uint64_t page, reading;

        if (i % WRITE_MAX == 0)
            must(store_write_begin(scratch.store, e), e);
        must(record_page(scratch.records, &p, &page, e), e);
        must(record_reading(scratch.records, page, text, NULL, 0, "test", &reading, e),
             e);
        if (i % WRITE_MAX == WRITE_MAX - 1 || i == count - 1)
            must(store_write_commit(scratch.store, NULL, e), e);
    }
}

static uint64_t add_paper(const char *kind, const char *text)
{
    uint64_t id = add_document("kind", kind);

    add_pages(id, 1, 1, text);
    return id;
}

static int take_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    (void)arg;
    (void)e;
    found[found_count++] = hit->document;
    return 0;
}

static void ask(const char *query)
{
    const struct search_request r = {.query = query, .limit = HITS};

    found_count = 0;
    must(search_ask(scratch.records, &r, &answer, take_hit, NULL, &scratch.err),
         &scratch.err);
}

static bool is_found(uint64_t document)
{
    for (size_t i = 0; i < found_count; i++)
        if (found[i] == document)
            return true;
    return false;
}

/* Of all that the query finds, for who exports them. */
static bool is_taken(const char *query, uint64_t document)
{
    uint64_t *ids;
    size_t count;
    bool taken = false;

    must(search_all_documents(scratch.records, query, &ids, &count, &scratch.err),
         &scratch.err);
    for (size_t i = 0; i < count; i++)
        taken = taken || ids[i] == document;
    free(ids);
    return taken;
}

static void a_field_that_no_paper_has_takes_none_away(void **state)
{
    uint64_t *ids;
    size_t count;

    (void)state;
    add_paper("Báo cáo", "phiếu thu");
    must(search_all_documents(scratch.records, "số:99999 phieu", &ids, &count,
                              &scratch.err),
         &scratch.err);
    assert_int_equal(count, 0);
    free(ids);
}

static void a_kind_that_is_not_wanted_is_left_out(void **state)
{
    uint64_t decision = add_paper("Quyết định", "giao đất");
    uint64_t report = add_paper("Báo cáo", "giao đất");

    (void)state;
    ask("đất -loại:\"quyết định\"");
    assert_int_equal(answer.total, 1);
    assert_true(is_found(report));
    assert_false(is_found(decision));
    assert_true(is_taken("đất -loại:\"quyết định\"", report));
    assert_false(is_taken("đất -loại:\"quyết định\"", decision));
    ask("đất -loại:\"không ai viết\"");
    assert_int_equal(answer.total, 2);
}

/* Also in a block, and beside a filter. */
static void a_kind_that_is_not_wanted_is_left_out_of_a_block(void **state)
{
    struct search_request r = {.query = "đất -loại:\"quyết định\"",
                               .limit = HITS,
                               .filter = {.site = SCRATCH_SITE}};
    uint64_t decision = add_paper("Quyết định", "giao đất");
    uint64_t report = add_paper("Báo cáo", "giao đất");

    (void)state;
    add_pages(add_document(NULL, NULL), 1, BLOCK_SLOTS, "không liên quan");
    found_count = 0;
    must(search_ask(scratch.records, &r, &answer, take_hit, NULL, &scratch.err),
         &scratch.err);
    assert_int_equal(answer.total, 1);
    assert_true(is_found(report));
    assert_false(is_found(decision));
}

/* Fields alone mean papers: the word is on none of a paper's pages. */
static void a_word_that_is_not_wanted_leaves_its_paper_out_of_fields(void **state)
{
    uint64_t kept = add_paper("Giấy mời", "họp dân");
    uint64_t gone = add_paper("Giấy mời", "họp dân");

    (void)state;
    add_pages(gone, 2, 1, "giấy này là tạm");
    ask("loại:\"giấy mời\"");
    assert_int_equal(answer.total, 2);
    ask("loại:\"giấy mời\" -tạm");
    assert_int_equal(answer.total, 1);
    assert_true(is_found(kept));
    assert_false(is_found(gone));
    assert_true(is_taken("loại:\"giấy mời\" -tạm", kept));
    assert_false(is_taken("loại:\"giấy mời\" -tạm", gone));
}

/* More pages hold the number than are looked at, and the one paper is the oldest. */
static void pages_that_hold_its_number_do_not_hide_a_paper(void **state)
{
    uint64_t wanted = add_document("number", "7/QĐ");

    (void)state;
    add_pages(add_document(NULL, NULL), 1, SEARCH_DOCUMENTS_MAX + 1, "7");
    ask("số:7");
    assert_int_equal(answer.total, 1);
    assert_true(is_found(wanted));
    assert_false(answer.narrowed);
    assert_true(is_taken("số:7", wanted));
}

/* Long numbers lie between the years of the vocabulary. */
static void numbers_do_not_hide_a_year(void **state)
{
    static char text[8 * (NUMBERS + 1)];
    uint64_t wanted = add_document("date", "12/03/2018");
    uint64_t numbers = add_document(NULL, NULL);

    (void)state;
    for (unsigned page = 0; page < 7; page++) {
        for (unsigned i = 0; i < NUMBERS; i++)
            (void)snprintf(text + 8 * i, 9, "%07u ", 1000000 + page * NUMBERS + i);
        add_pages(numbers, page + 1, 1, text);
    }
    ask("ngày:..2019");
    assert_int_equal(answer.total, 1);
    assert_true(is_found(wanted));
    assert_false(answer.narrowed);
}

static void all_is_refused_while_the_index_is_made(void **state)
{
    static const char *const forget =
        "DELETE FROM search; DELETE FROM search_state; DELETE FROM search_fresh;"
        "DELETE FROM search_tag";
    struct err *e = &scratch.err;
    uint64_t paper = add_paper("Báo cáo", "phiếu thu"), *ids;
    size_t count;

    (void)state;
    must(sql_run(store_db(scratch.store), forget, e), e);
    must(search_begin(scratch.records, e), e);
    assert_int_equal(search_all_documents(scratch.records, "phieu", &ids, &count, e), -1);
    assert_int_equal(e->code, ERR_REFUSED);
    assert_null(ids);
    must(search_build(scratch.records, NULL, NULL, e), e);
    assert_true(is_taken("phieu", paper));
}

/* A paper that names another: number and symbol belong together by their ordinal. */
static void a_number_goes_with_its_own_symbol(void **state)
{
    static const struct field_value values[] = {
        {.name = "number", .ordinal = 0, .value = "12"},
        {.name = "symbol", .ordinal = 0, .value = "QĐ-UBND"},
        {.name = "number", .ordinal = 1, .value = "34"},
        {.name = "symbol", .ordinal = 1, .value = "TB-HĐND"}};
    struct err *e = &scratch.err;
    uint64_t paper = add_document(NULL, NULL);

    (void)state;
    must(store_write_begin(scratch.store, e), e);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        must(record_field(scratch.records, paper, values[i].name, values[i].ordinal,
                          "machine", values[i].value, e),
             e);
    must(store_write_commit(scratch.store, NULL, e), e);
    ask("số:12/QĐ-UBND");
    assert_true(is_found(paper));
    ask("số:34/TB-HĐND");
    assert_true(is_found(paper));
    ask("số:12/TB-HĐND");
    assert_false(is_found(paper));
    ask("số:34/QĐ-UBND");
    assert_false(is_found(paper));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_field_that_no_paper_has_takes_none_away),
        CLAIM(a_kind_that_is_not_wanted_is_left_out),
        CLAIM(a_kind_that_is_not_wanted_is_left_out_of_a_block),
        CLAIM(a_word_that_is_not_wanted_leaves_its_paper_out_of_fields),
        CLAIM(pages_that_hold_its_number_do_not_hide_a_paper),
        CLAIM(numbers_do_not_hide_a_year),
        CLAIM(a_number_goes_with_its_own_symbol),
        CLAIM(all_is_refused_while_the_index_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
