/* The bench of reading: what it does without ../shared and without peers, and how it
 * judges what was changed of the recogniser's words. */
#include "tests/bench/change.h"
#include "tests/lib/program.h"
#include "tests/lib/scratch.h"

#include <stdlib.h>
#include <string.h>

static void without_shared_pages_and_peers_it_reads_made_ones_and_says_so(void **state)
{
    struct bench b;
    struct ran r;

    (void)state;
    bench_create(&b);
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    run(&b, &r, "bench-reading", "--shared", "/nowhere", "--folders", "clean,made-clean",
        "--pages", "1", "--seed", "5", "--per-page", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr((char *)r.out.bytes, "--seed 5."));
    assert_non_null(strstr((char *)r.out.bytes, "- tesseract is not there"));
    assert_non_null(strstr((char *)r.out.bytes, "- ocrmypdf is not there"));
    assert_non_null(strstr((char *)r.out.bytes, "- clean is not there: left out"));
    assert_non_null(strstr((char *)r.out.bytes, "| made-clean | 1 of 1 | - | - |"));
    ran_release(&r);
    bench_destroy(&b);
}

static void the_same_seed_makes_the_same_pages(void **state)
{
    struct bench b;
    struct ran a, again;

    (void)state;
    bench_create(&b);
    run(&b, &a, "bench-reading", "--folders", "made-table", "--readers", "ours",
        "--pages", "1", "--seed", "6", "--parts", "turned", "--per-page", NULL);
    run(&b, &again, "bench-reading", "--folders", "made-table", "--readers", "ours",
        "--pages", "1", "--seed", "6", "--parts", "turned", "--per-page", NULL);
    assert_int_equal(a.status, 0);
    /* The row says how long it took, behind the figures. */
    assert_non_null(strstr((char *)a.out.bytes, "| list-"));
    assert_memory_equal(strstr((char *)a.out.bytes, "| list-"),
                        strstr((char *)again.out.bytes, "| list-"), 40);
    ran_release(&a);
    ran_release(&again);
    bench_destroy(&b);
}

static enum outcome judged(const char *truth, const char *read, int word, const char *was)
{
    json_t *change =
        json_pack("{s:i, s:s, s:s}", "word", word, "kind", "join", "was", was);
    struct page p = {0};
    enum outcome out;
    struct err e;

    must(points_of(&p.truth.orders[0], truth, strlen(truth), &e), &e);
    p.truth.orders_count = 1;
    must(page_take(&p, READER_OURS, read, &e), &e);
    must(change_judge(&p, change, &out, &e), &e);
    json_decref(change);
    truth_release(&p.truth);
    free(p.by[READER_OURS].text);
    return out;
}

static void a_change_is_right_if_the_word_then_agrees_with_the_truth(void **state)
{
    (void)state;
    assert_int_equal(judged("Chủ tịch xã", "Chủ tịch xã", 1, "tích"), OUTCOME_RIGHT);
    assert_int_equal(judged("Chủ tịch xã", "Chủ tịch\nxã", 1, "tị ch"), OUTCOME_RIGHT);
    assert_int_equal(judged("Chủ tịch xã", "Chủ tích xã", 1, "tịch"), OUTCOME_WRONG);
    assert_int_equal(judged("tích cực", "tíchcực", 0, "tích cực"), OUTCOME_WRONG);
    assert_int_equal(judged("Chủ tịch xã", "Chủ tĩch xã", 1, "tích"), OUTCOME_NONE);
}

static void a_change_of_a_word_that_is_not_there_is_refused(void **state)
{
    json_t *change = json_pack("{s:i, s:s}", "word", 2, "was", "x");
    struct page p = {0};
    enum outcome out;
    struct err e;

    (void)state;
    must(points_of(&p.truth.orders[0], "một", 5, &e), &e);
    p.truth.orders_count = 1;
    must(page_take(&p, READER_OURS, "một hai", &e), &e);
    assert_int_equal(change_judge(&p, change, &out, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    json_decref(change);
    truth_release(&p.truth);
    free(p.by[READER_OURS].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_right_if_the_word_then_agrees_with_the_truth),
        cmocka_unit_test(a_change_of_a_word_that_is_not_there_is_refused),
        cmocka_unit_test(the_same_seed_makes_the_same_pages),
        cmocka_unit_test(without_shared_pages_and_peers_it_reads_made_ones_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
