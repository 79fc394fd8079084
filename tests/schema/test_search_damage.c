/* An index that is not what it must be: of an older version, or with a damaged row. */
#include <string.h>

#include "schema/search/index.h"
#include "schema/statements.h"
#include "tests/lib/scratch.h"

static struct scratch scratch;

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

static void add_paper(const char *kind, const char *text)
{
    struct err *e = &scratch.err;
    struct page_row p = {.ordinal = 1};
    uint64_t page, reading;

    must(store_write_begin(scratch.store, e), e);
    must(record_document(scratch.records, &(struct document_row){0}, &p.document, e), e);
    must(record_field(scratch.records, p.document, "kind", 0, "machine", kind, e), e);
    must(record_page(scratch.records, &p, &page, e), e);
    must(record_reading(scratch.records, page, text, NULL, 0, "test", &reading, e), e);
    must(store_write_commit(scratch.store, NULL, e), e);
}

static void damage(const char *sql)
{
    must(sql_run(store_db(scratch.store), sql, &scratch.err), &scratch.err);
}

static int take_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    (void)arg;
    (void)hit;
    (void)e;
    return 0;
}

static uint64_t reports_found(void)
{
    const struct search_request r = {
        .query = "phiếu", .limit = 10, .filter = {.kind = "Báo cáo"}};
    struct search_answer answer;

    must(search_ask(scratch.records, &r, &answer, take_hit, NULL, &scratch.err),
         &scratch.err);
    return answer.total;
}

static bool is_building(void)
{
    bool building;
    unsigned per_cent;

    must(search_building(scratch.store, &building, &per_cent, &scratch.err),
         &scratch.err);
    return building;
}

/* Of the schema before tags; pages that came later have some. */
static void an_index_without_tags_is_made_anew(void **state)
{
    struct err *e = &scratch.err;

    (void)state;
    add_paper("Báo cáo", "phiếu thu");
    assert_false(is_building());
    damage("DELETE FROM search_tag");
    must(search_begin(scratch.records, e), e);
    assert_true(is_building());
    must(search_build(scratch.records, NULL, NULL, e), e);
    assert_int_equal(reports_found(), 1);
    must(search_begin(scratch.records, e), e); /* and once is enough */
    assert_false(is_building());
}

/* One whose hits nobody takes: put() rather than records. */
static int put(uint64_t id)
{
    struct err *e = &scratch.err;
    int rc;

    must(store_apply_begin(scratch.store, e), e);
    rc = search_put(scratch.store, id, "phiếu thu", e);
    if (rc == 0)
        must(store_apply_commit(scratch.store, e), e);
    else
        store_apply_rollback(scratch.store);
    return rc;
}

/* Puts until the first eight blocks merge: what the last one said. */
static int merge_damaged(const char *sql)
{
    uint64_t id = 1;

    for (; id <= BLOCK_SLOTS * (BLOCK_FANOUT - 1); id++)
        assert_int_equal(put(id), 0);
    damage(sql);
    for (; id < BLOCK_SLOTS * BLOCK_FANOUT; id++)
        if (put(id) != 0)
            return -1;
    return put(id);
}

static void a_merge_refuses_a_block_of_more_slots_than_there_are(void **state)
{
    (void)state;
    assert_int_equal(merge_damaged("UPDATE search_block SET slots = 70000 WHERE first ="
                                   " (SELECT min(first) FROM search_block);"
                                   "INSERT INTO search_dead (slot) VALUES (69999)"),
                     -1);
    assert_int_equal(scratch.err.code, ERR_CORRUPT);
}

static void a_merge_refuses_a_block_whose_words_are_cut(void **state)
{
    (void)state;
    assert_int_equal(merge_damaged("UPDATE search_block SET words = x'0100' WHERE first ="
                                   " (SELECT min(first) FROM search_block)"),
                     -1);
    assert_int_equal(scratch.err.code, ERR_CORRUPT);
}

static void a_merge_refuses_blocks_that_overlap(void **state)
{
    (void)state;
    assert_int_equal(merge_damaged("UPDATE search_block SET first = first + 1 WHERE first"
                                   " = (SELECT min(first) FROM search_block)"),
                     -1);
    assert_int_equal(scratch.err.code, ERR_CORRUPT);
}

static uint64_t missing(void)
{
    uint64_t lacking, surplus;

    must(search_verify(scratch.records, &lacking, &surplus, &scratch.err), &scratch.err);
    return lacking;
}

/* A block's worth of papers, so that there are lists. */
static void add_block(void)
{
    for (unsigned i = 0; i < BLOCK_SLOTS / 2 + 1; i++)
        add_paper("Báo cáo", "phiếu thu");
    assert_int_equal(missing(), 0);
}

static void a_damaged_block_is_noticed_and_made_anew(void **state)
{
    struct err *e = &scratch.err;

    (void)state;
    add_block();
    damage("UPDATE search_block SET words = x'0100'");
    assert_int_equal(missing(), 1);
    must(search_begin(scratch.records, e), e);
    assert_true(is_building());
    must(search_build(scratch.records, NULL, NULL, e), e);
    assert_int_equal(reports_found(), BLOCK_SLOTS / 2 + 1);
    assert_int_equal(missing(), 0);
}

static void verify_counts_a_list_that_ends_too_early_and_tags_that_are_cut(void **state)
{
    (void)state;
    add_block();
    damage("UPDATE search_list SET slots = x'00' WHERE key ="
           " (SELECT key FROM search_list WHERE pages > 1 LIMIT 1)");
    assert_int_equal(missing(), 1);
    damage("UPDATE search_tag SET tags = x'00' WHERE chunk ="
           " (SELECT max(chunk) FROM search_tag)");
    assert_int_equal(missing(), 2);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(an_index_without_tags_is_made_anew),
        CLAIM(a_damaged_block_is_noticed_and_made_anew),
        CLAIM(verify_counts_a_list_that_ends_too_early_and_tags_that_are_cut),
        CLAIM(a_merge_refuses_a_block_of_more_slots_than_there_are),
        CLAIM(a_merge_refuses_a_block_whose_words_are_cut),
        CLAIM(a_merge_refuses_blocks_that_overlap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
