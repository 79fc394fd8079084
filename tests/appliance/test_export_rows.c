/* Rows of an export that cannot be: told by their document's number, and the rest goes. */
#include <stdio.h>
#include <string.h>

#include "appliance/export.h"
#include "tests/lib/box_world.h"

static struct box_world w;
static uint64_t told;
static unsigned told_count;

static int start(void **state)
{
    (void)state;
    told = told_count = 0;
    world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_destroy(&w);
    return 0;
}

static void note(void *arg, uint64_t document, const char *why)
{
    (void)arg;
    assert_true(strlen(why) > 0);
    told = document;
    told_count++;
}

/* Of three records the second is larger than the row may be. */
static void export_three(enum export_format format, struct buffer *out)
{
    static const char filler[] = "một trang chữ rất dài, dài hơn một dòng được phép, và "
                                 "còn dài hơn nữa, và còn dài hơn nữa, và còn dài hơn";
    const struct export_options o = {
        .format = format, .row_bytes_max = 330, .refused = note};
    const struct export_selection all = {0};
    struct export_counts counts;
    struct import_counts in;
    char lines[2000];

    (void)snprintf(lines, sizeof lines,
                   "{\"key\":\"1\",\"fields\":{\"so\":\"1\"}}\n"
                   "{\"key\":\"2\",\"fields\":{\"so\":\"%s %s %s\"},\"pages\":[{\"text\":"
                   "\"%s\"}]}\n"
                   "{\"key\":\"3\",\"fields\":{\"so\":\"3\"}}\n",
                   filler, filler, filler, filler);
    must(world_import(&w, lines, &in, &w.err), &w.err);
    assert_int_equal(in.added, 3);
    must(export_write(w.box, &all, &o, "/out", &counts, &w.err), &w.err);
    assert_int_equal(counts.documents, 2);
    assert_int_equal(counts.refused, 1);
    assert_int_equal(told_count, 1);
    assert_int_equal(told,
                     world_number(&w, "SELECT id FROM document WHERE source_key = '2'"));
    buffer_init(out, 1 << 20);
    must(disk_read_all(w.box->disk, "/out", out, &w.err), &w.err);
}

static void a_document_too_large_for_a_line_is_told_and_the_rest_goes(void **state)
{
    struct buffer out;

    (void)state;
    export_three(EXPORT_JSONL, &out);
    assert_non_null(strstr((char *)out.bytes, "\"key\":\"1\""));
    assert_null(strstr((char *)out.bytes, "\"key\":\"2\""));
    assert_non_null(strstr((char *)out.bytes, "\"key\":\"3\""));
    buffer_release(&out);
}

static void one_too_large_for_a_table_s_row_too(void **state)
{
    struct buffer out;

    (void)state;
    export_three(EXPORT_CSV, &out);
    assert_non_null(strstr((char *)out.bytes, "\"thu\",\"1\""));
    assert_null(strstr((char *)out.bytes, "\"thu\",\"2\""));
    assert_non_null(strstr((char *)out.bytes, "\"thu\",\"3\""));
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_document_too_large_for_a_line_is_told_and_the_rest_goes, start, finish),
        cmocka_unit_test_setup_teardown(one_too_large_for_a_table_s_row_too, start,
                                        finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
