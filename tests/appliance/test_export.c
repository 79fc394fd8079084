/* Records given out as a table and as lines, with the real program. */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "tests/lib/build.h"
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

static const char *program(const char *name)
{
    static char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", build_dir(), name);
    return path;
}

static void succeed(const char *name, const char *a, const char *c, const char *d,
                    const char *f, const char *g, const char *h, const char *i)
{
    struct ran r;

    run(&b, &r, name, a, c, d, f, g, h, i, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
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

static const char decision[] =
    "{\"key\":\"a\",\"type\":\"administrative\",\"fields\":{\"number\":\"12\","
    "\"codeNotation\":\"QĐ-UBND\",\"recipient\":[\"Như trên\",\"Lưu VT\"]}}\n";

static void columns_are_the_type_s_and_values_of_one_field_are_joined(void **state)
{
    (void)state;
    bench_write(&b, "b.jsonl", decision, sizeof decision - 1);
    succeed("tram-box", "import", "--source", "b", "b.jsonl", NULL, NULL, NULL);
    expect_export("csv", "--type", "administrative",
                  HEAD "\"codeNumber\",\"codeNotation\",\"recipient\"\r\n"
                       "\"################\",\"\",\"administrative\",\"b\",\"a\",\"0\","
                       "\"12\",\"QĐ-UBND\",\"Như trên; Lưu VT\"\r\n");
}

static void a_question_chooses_and_a_deleted_record_is_not_among_them(void **state)
{
    (void)state;
    expect_export("csv", "--query", "\"báo tử\"",
                  HEAD "\"so\",\"ten\"\r\n"
                       "\"################\",\"H2\",\"death\",\"a\",\"c\",\"1\",\"009\","
                       "\"dòng một, hai\"\r\n");
}

/* "2": what another box gives out that took in what this one gave out, "1". */
static void export_import_export(void)
{
    succeed("tram-box", "export", "--format", "jsonl", "--all", "--out", "1", NULL);
    succeed("tram-box", "--data", "other", "init", "--demo", NULL, NULL, NULL);
    succeed("tram-box", "--data", "other", "import", "--exported", "1", NULL, NULL);
    succeed("/bin/sh", "-c", "$0 --data other export --format jsonl --all --out 2",
            program("tram-box"), NULL, NULL, NULL, NULL);
}

static void expect_own_papers_refused(void)
{
    struct ran r;

    run(&b, &r, "tram-box", "--json", "import", "--exported", "1", NULL);
    EXPECT_STATUS(r, 3);
    assert_non_null(strstr((char *)r.out.bytes, "\"unchanged\":3,"));
    assert_non_null(strstr((char *)r.out.bytes, "\"refused\":1,"));
    assert_non_null(strstr((char *)r.err.bytes, "scanned the paper itself"));
    ran_release(&r);
}

static void expect_same(const char *filter)
{
    struct buffer first, again;
    char words[200];

    (void)snprintf(words, sizeof words,
                   "for f in 1 2; do jq -cS '%s' $f | sort >$f.same; done", filter);
    succeed("/bin/sh", "-c", words, NULL, NULL, NULL, NULL, NULL);
    read_file(&first, "1.same");
    read_file(&again, "2.same");
    assert_string_equal((char *)first.bytes, (char *)again.bytes);
    buffer_release(&first);
    buffer_release(&again);
}

static void lines_go_back_into_another_box_as_they_came_out(void **state)
{
    struct ran r;

    (void)state;
    bench_write(&b, "b.jsonl", decision, sizeof decision - 1);
    succeed("tram-box", "import", "--source", "b", "b.jsonl", NULL, NULL, NULL);
    export_import_export();
    expect_same("del(.document)");
    run(&b, &r, "/bin/sh", "-c", "jq -c 'select(.source == \"b\").fields' 2", NULL);
    EXPECT_STATUS(r, 0);
    assert_string_equal((char *)r.out.bytes,
                        "{\"codeNumber\":\"12\",\"recipient\":[\"Như trên\",\"Lưu VT\"],"
                        "\"codeNotation\":\"QĐ-UBND\"}\n");
    ran_release(&r);
}

static void a_paper_that_was_scanned_goes_with_its_text_under_its_own_number(void **state)
{
    (void)state;
    succeed("tram-box", "intake", bench_sample("cong-van-dau-do.jpg"), NULL, NULL, NULL,
            NULL, NULL);
    succeed("tram-box", "read", NULL, NULL, NULL, NULL, NULL, NULL);
    export_import_export();
    expect_same("del(.document, .originals)");
    /* Here it is already, and is not to be there twice. */
    expect_own_papers_refused();
}

static void a_list_that_became_shorter_loses_what_is_not_in_it_any_more(void **state)
{
    static const char line[] = "{\"key\":\"x\",\"fields\":{\"tên\":%s}}\n";
    static const char *const lists[] = {"[\"An\",\"Bình\",7]", "[\"An\",\"Chi\"]",
                                        "[\"An\",\"Chi\"]", "\"An\""};
    static const char *const want[] = {"[\"An\",\"Bình\",\"7\"]\n", "[\"An\",\"Chi\"]\n",
                                       "[\"An\",\"Chi\"]\n", "\"An\"\n"};
    char text[200];
    struct ran r;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(text, sizeof text, line, lists[i]);
        bench_write(&b, "x.jsonl", text, strlen(text));
        run(&b, &r, "tram-box", "import", "--source", "x", "x.jsonl", NULL);
        EXPECT_STATUS(r, 0);
        assert_int_equal(strstr((char *)r.out.bytes, "unchanged 1") != NULL, i == 2);
        ran_release(&r);
        succeed("tram-box", "export", "--format", "jsonl", "--all", "--out", "1", NULL);
        run(&b, &r, "/usr/bin/jq", "-c", "select(.source == \"x\").fields[\"tên\"]", "1",
            NULL);
        assert_string_equal((char *)r.out.bytes, want[i]);
        ran_release(&r);
    }
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
            columns_are_the_type_s_and_values_of_one_field_are_joined, start, finish),
        cmocka_unit_test_setup_teardown(
            a_question_chooses_and_a_deleted_record_is_not_among_them, start, finish),
        cmocka_unit_test_setup_teardown(lines_go_back_into_another_box_as_they_came_out,
                                        start, finish),
        cmocka_unit_test_setup_teardown(
            a_paper_that_was_scanned_goes_with_its_text_under_its_own_number, start,
            finish),
        cmocka_unit_test_setup_teardown(
            a_list_that_became_shorter_loses_what_is_not_in_it_any_more, start, finish),
        cmocka_unit_test_setup_teardown(
            nothing_chosen_writes_no_file_and_leaves_the_one_there, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
