/* Records given out as a table and as lines, with the real program. */
#include <string.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "tests/lib/program.h"

static struct bench b;

static const char records[] =
    "{\"dossier\":\"H1\",\"type\":\"birth\",\"key\":\"a\",\"fields\":{\"so\":\"007\","
    "\"ten\":\"Nguyễn Thị \\\"Hằng\\\"\"},\"pages\":[{\"text\":\"giấy khai sinh\"}]}\n"
    "{\"dossier\":\"H1\",\"type\":\"birth\",\"key\":\"b\",\"fields\":{\"so\":\"008\","
    "\"ghi chú\":\"=1+1\"},\"pages\":[{\"text\":\"giấy khai sinh\"}]}\n"
    "{\"dossier\":\"H2\",\"type\":\"death\",\"key\":\"c\",\"fields\":{\"so\":\"009\","
    "\"ten\":\"dòng một, hai\"},\"pages\":[{\"text\":\"giấy báo tử\"}]}\n"
    "{\"dossier\":\"H2\",\"key\":\"d\",\"fields\":{\"so\":\"010\"},\"delete\":true}\n";

static int start(void **state)
{
    struct ran r;

    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    bench_write(&b, "a.jsonl", records, sizeof records - 1);
    run(&b, &r, "tram-box", "import", "--source", "a", "a.jsonl", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

/* The file, which the caller releases. */
static void read_file(struct buffer *out, const char *name)
{
    struct err e;

    buffer_init(out, 1 << 20);
    if (disk_read_all(disk_system(), bench_path(&b, name), out, &e) != 0)
        fail_msg("%s", e.text);
}

static void expect_export(const char *format, const char *option, const char *value,
                          const char *want)
{
    struct buffer got;
    struct ran r;

    run(&b, &r, "tram-box", "export", "--format", format, "--out", "out", option, value,
        NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    read_file(&got, "out");
    for (const char *at = (char *)got.bytes; (at = strstr(at, "\"45035")) != NULL;)
        for (at++; *at >= '0' && *at <= '9'; at++)
            *(char *)at = '#'; /* a document's number */
    assert_string_equal((char *)got.bytes, want);
    assert_false(bench_has(&b, "out.*"));
    buffer_release(&got);
}

#define HEAD "\xef\xbb\xbf\"document\",\"dossier\",\"type\",\"source\",\"key\",\"pages\","

static void a_table_has_a_row_a_document_and_quotes_what_it_holds(void **state)
{
    (void)state;
    expect_export("csv", "--dossier", "H2",
                  HEAD "\"so\",\"ten\"\r\n"
                       "\"################\",\"H2\",\"death\",\"a\",\"c\",\"1\",\"009\","
                       "\"dòng một, hai\"\r\n");
}

static void a_cell_that_looks_like_a_formula_is_not_one(void **state)
{
    (void)state;
    expect_export("csv", "--type", "birth",
                  HEAD "\"so\",\"ghi chú\",\"ten\"\r\n"
                       "\"################\",\"H1\",\"birth\",\"a\",\"a\",\"1\",\"007\","
                       "\"\",\"Nguyễn Thị \"\"Hằng\"\"\"\r\n"
                       "\"################\",\"H1\",\"birth\",\"a\",\"b\",\"1\",\"008\","
                       "\"'=1+1\",\"\"\r\n");
}

static void a_question_chooses_and_a_deleted_record_is_not_among_them(void **state)
{
    (void)state;
    expect_export("csv", "--query", "\"báo tử\"",
                  HEAD "\"so\",\"ten\"\r\n"
                       "\"################\",\"H2\",\"death\",\"a\",\"c\",\"1\",\"009\","
                       "\"dòng một, hai\"\r\n");
}

static void lines_go_back_into_another_box_as_they_came_out(void **state)
{
    struct buffer first, again;
    struct ran r;

    (void)state;
    run(&b, &r, "tram-box", "export", "--format", "jsonl", "--all", "--out", "1", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "other", "init", "--demo", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "other", "import", "--source", "a", "1", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "other", "export", "--format", "jsonl", "--all",
        "--out", "2", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/bin/sh", "-c",
        "for f in 1 2; do jq -cS 'del(.document)' $f | sort >$f.same; done; wc -l <1",
        NULL);
    EXPECT_STATUS(r, 0);
    assert_string_equal((char *)r.out.bytes, "3\n");
    ran_release(&r);
    read_file(&first, "1.same");
    read_file(&again, "2.same");
    assert_string_equal((char *)first.bytes, (char *)again.bytes);
    buffer_release(&first);
    buffer_release(&again);
}

static void nothing_chosen_writes_no_file_and_leaves_the_one_there(void **state)
{
    struct buffer was;
    struct ran r;

    (void)state;
    bench_write(&b, "out", "as it was", 9);
    run(&b, &r, "tram-box", "export", "--format", "csv", "--type", "none", "--out", "out",
        NULL);
    EXPECT_STATUS(r, 1);
    ran_release(&r);
    run(&b, &r, "tram-box", "export", "--format", "csv", "--out", "out", "12345", NULL);
    EXPECT_STATUS(r, 2);
    ran_release(&r);
    run(&b, &r, "tram-box", "export", "--format", "csv", "--out", "out", NULL);
    EXPECT_STATUS(r, 2); /* nobody gives out all of it by leaving words out */
    ran_release(&r);
    read_file(&was, "out");
    assert_string_equal((char *)was.bytes, "as it was");
    assert_false(bench_has(&b, "out.*"));
    buffer_release(&was);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_table_has_a_row_a_document_and_quotes_what_it_holds, start, finish),
        cmocka_unit_test_setup_teardown(a_cell_that_looks_like_a_formula_is_not_one,
                                        start, finish),
        cmocka_unit_test_setup_teardown(
            a_question_chooses_and_a_deleted_record_is_not_among_them, start, finish),
        cmocka_unit_test_setup_teardown(lines_go_back_into_another_box_as_they_came_out,
                                        start, finish),
        cmocka_unit_test_setup_teardown(
            nothing_chosen_writes_no_file_and_leaves_the_one_there, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
