/* Words whose --json is one object, however many there are to tell of, with the real
 * program. */
#include <stdio.h>

#include "tests/lib/program.h"

static struct bench b;
static char paper[24];

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    (void)snprintf(paper, sizeof paper, "%lld",
                   (long long)bench_take(&b, bench_sample("cong-van-hai-trang.pdf")));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

/* The one object that these words answer; its exit status too. The caller lets it go. */
static json_t *object(int status, const char *word, const char *a, const char *c,
                      const char *d, const char *f, const char *g, const char *h)
{
    struct ran r;
    json_t *j;

    run(&b, &r, "tram-box", "--json", word, a, c, d, f, g, h, NULL);
    EXPECT_STATUS(r, status);
    assert_int_equal(ran_lines(&r), 1);
    j = ran_json(&r, 0);
    ran_release(&r);
    return j;
}

static void expect_list(json_t *j, const char *member, size_t count)
{
    assert_true(json_is_array(json_object_get(j, member)));
    assert_int_equal(json_array_size(json_object_get(j, member)), count);
    json_decref(j);
}

static void compare_is_one_object_of_two_pages_and_of_none(void **state)
{
    struct ran r;

    (void)state;
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    expect_list(object(0, "compare", paper, NULL, NULL, NULL, NULL, NULL), "pages", 0);
    run(&b, &r, "tram-box", "read", "--again", paper, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    expect_list(object(0, "compare", paper, NULL, NULL, NULL, NULL, NULL), "pages", 2);
    expect_list(object(0, "compare", paper, "--accept", NULL, NULL, NULL, NULL), "pages",
                2);
    expect_list(object(0, "compare", paper, "--accept", NULL, NULL, NULL, NULL), "pages",
                0);
}

static void twins_are_one_object_also_when_there_are_none(void **state)
{
    (void)state;
    expect_list(object(0, "twins", NULL, NULL, NULL, NULL, NULL, NULL), "twins", 0);
}

static void an_export_is_one_object_also_of_nothing(void **state)
{
    json_t *j;

    (void)state;
    j = object(0, "export", "--format", "csv", "--out", "out", "--all", NULL);
    assert_int_equal(json_number_of(j, "documents"), 1);
    json_decref(j);
    j = object(1, "export", "--format", "csv", "--out", "out", "--type", "none");
    assert_int_equal(json_number_of(j, "documents"), 0);
    json_decref(j);
    j = object(1, "export", "--format", "package", "--out", "out", "--type", "none");
    assert_int_equal(json_number_of(j, "cases"), 0);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(compare_is_one_object_of_two_pages_and_of_none,
                                        start, finish),
        cmocka_unit_test_setup_teardown(twins_are_one_object_also_when_there_are_none,
                                        start, finish),
        cmocka_unit_test_setup_teardown(an_export_is_one_object_also_of_nothing, start,
                                        finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
