/* The command line, with the real programs: what a clerk types, and what comes of
 * it. Papers are the sample pages. */
#include <string.h>
#include <sys/stat.h>

#include "tests/lib/program.h"

static struct bench b;

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

/* ----------------------------------------------------------------- the words */

static void words_that_make_no_sense_are_exit_2_with_one_line(void **state)
{
    static const char *const words[][4] = {
        {NULL},
        {"fetch", NULL},
        {"search", NULL},
        {"search", "--limit", "many", "x"},
        {"read", "--jobs", "0", NULL},
        {"read", "--fast", NULL},
        {"intake", NULL},
        {"import", "a.jsonl", NULL},
        {"show", NULL},
        {"show", "abc", NULL},
        {"show", "1", "--pdf", NULL},
        {"init", "--enrol", NULL},
        {"serve", "--listen", "here", NULL},
        {"serve", "--listen", "127.0.0.1:", NULL},
        {"--data", "", "status", NULL},
        {"intake", "", NULL},
        {"import", "--source", "a", ""},
        {"serve", "--listen", "0.0.0.0:0", NULL},
        {"status", "now", NULL},
        {"backup", NULL},
        {"backup", "a", "b", NULL},
        {"--data", "/nowhere", "restore", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ran r;

        run(&b, &r, "tram-box", words[i][0], words[i][1], words[i][2], words[i][3], NULL);
        EXPECT_STATUS(r, 2);
        assert_int_equal(r.out.count, 0);
        assert_int_equal(ran_err_lines(&r), 1);
        ran_release(&r);
    }
}

static void every_word_explains_itself(void **state)
{
    static const char *const words[] = {"init",   "intake", "read",    "import",
                                        "search", "show",   "status",  "serve",
                                        "verify", "backup", "restore", "types"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ran r;

        run(&b, &r, "tram-box", "--data", "/nowhere", words[i], "--help", NULL);
        EXPECT_STATUS(r, 0);
        assert_non_null(strstr((char *)r.out.bytes, words[i]));
        ran_release(&r);
    }
}

static void the_data_directory_is_named_before_or_behind_the_word(void **state)
{
    struct ran r;

    (void)state;
    run(&b, &r, "tram-box", "--data", b.data, "--json", "status", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "status", "--json", "--data", b.data, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "status", "--data=/nowhere", NULL);
    EXPECT_STATUS(r, 1);
    assert_non_null(strstr((char *)r.err.bytes, "/nowhere"));
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
}

static void a_box_is_not_made_over_another(void **state)
{
    struct ran r;

    (void)state;
    run(&b, &r, "tram-box", "init", "--demo", NULL);
    EXPECT_STATUS(r, 1);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
}

/* ---------------------------------------------------------------- good papers */

static void a_paper_is_kept_read_found_shown_and_verified(void **state)
{
    const char *paper = bench_sample("quyet-dinh-01.png");
    int64_t document;
    char id[24];
    struct ran r;
    json_t *j;

    (void)state;
    document = bench_take(&b, paper);
    (void)snprintf(id, sizeof id, "%lld", (long long)document);

    run(&b, &r, "tram-box", "--json", "read", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "read"), 1);
    assert_int_equal(json_number_of(j, "quarantined"), 0);
    json_decref(j);
    ran_release(&r);

    run(&b, &r, "tram-box", "--json", "search", "quyet", "dinh", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "document"), document);
    assert_int_equal(json_number_of(j, "site"), 65535);
    assert_true(json_is_integer(json_object_get(j, "page")));
    assert_null(strpbrk(json_text_of(j, "snippet"), "\x02\x03"));
    json_decref(j);
    ran_release(&r);

    run(&b, &r, "tram-box", "show", id, "--text", NULL);
    EXPECT_STATUS(r, 0);
    assert_non_null(strstr((char *)r.out.bytes, "QUYẾT ĐỊNH"));
    ran_release(&r);

    run(&b, &r, "tram-box", "--json", "verify", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_true(json_is_true(json_object_get(j, "ok")));
    assert_int_equal(json_array_size(json_object_get(j, "problems")), 0);
    json_decref(j);
    ran_release(&r);
}

static void the_original_comes_out_byte_for_byte(void **state)
{
    const char *paper = bench_sample("chuyen-pho-to.tif");
    char id[24], out[96];
    struct ran r;

    (void)state;
    (void)snprintf(id, sizeof id, "%lld", (long long)bench_take(&b, paper));
    run(&b, &r, "tram-box", "show", id, "--original", "again.tif", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    (void)snprintf(out, sizeof out, "%s", bench_path(&b, "again.tif"));
    run(&b, &r, "/usr/bin/cmp", paper, out, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "show", id, "--original", "all/", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/usr/bin/cmp", paper, bench_path(&b, "all/001-chuyen-pho-to.tif"), NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void an_original_replaces_no_device_link_or_directory(void **state)
{
    static const char *const places[] = {"fifo", "link", "dir"};
    struct ran r;
    char id[24];

    (void)state;
    (void)snprintf(id, sizeof id, "%lld",
                   (long long)bench_take(&b, bench_sample("giay-khai-sinh.png")));
    run(&b, &r, "/bin/sh", "-c", "mkfifo fifo && ln -s data link && mkdir dir", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        run(&b, &r, "tram-box", "show", id, "--original", places[i], NULL);
        EXPECT_STATUS(r, 1);
        assert_non_null(strstr((char *)r.err.bytes, places[i]));
        ran_release(&r);
    }
    run(&b, &r, "/bin/sh", "-c", "test -p fifo && test -L link && test -d dir", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void the_same_file_twice_is_noticed(void **state)
{
    struct ran r;
    json_t *j;
    int64_t document;

    (void)state;
    document = bench_take(&b, bench_sample("giay-khai-sinh.png"));
    run(&b, &r, "tram-box", "--json", "intake", bench_sample("giay-khai-sinh.png"), NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "state"), "duplicate");
    assert_int_equal(json_number_of(j, "document"), document);
    json_decref(j);
    ran_release(&r);
}

static void status_has_the_words_that_scripts_rely_on(void **state)
{
    static const char *const counts[] = {
        "kept", "read", "sent", "received", "applied", "complete", "oldest_unsent_s"};
    struct ran r;
    json_t *j;

    (void)state;
    (void)bench_take(&b, bench_sample("hai-trang.zip"));
    run(&b, &r, "tram-box", "status", "--json", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        assert_true(json_number_of(j, counts[i]) >= 0);
    assert_int_equal(json_number_of(j, "kept"), 2);
    assert_int_equal(json_number_of(j, "read"), 0);
    assert_true(json_number_of(json_object_get(j, "waiting"), "1") > 0);
    assert_true(json_is_array(json_object_get(j, "problems")));
    assert_int_equal(json_number_of(json_object_get(j, "pages"), "waiting"), 2);
    json_decref(j);
    ran_release(&r);
}

static void a_secret_paper_is_held_and_nowhere_to_be_found(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    run(&b, &r, "tram-box", "--json", "intake", bench_sample("mat-01.png"), NULL);
    EXPECT_STATUS(r, 3);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "state"), "held");
    assert_string_equal(json_text_of(j, "reason"), "mat");
    assert_true(json_is_null(json_object_get(j, "document")));
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "status", NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "kept"), 0);
    assert_int_equal(json_number_of(j, "held"), 1);
    json_decref(j);
    ran_release(&r);
}

static void a_false_alarm_is_cleared_with_a_reason_and_waits_to_be_read(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    run(&b, &r, "tram-box", "--json", "intake", bench_sample("mat-01.png"), NULL);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "held", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "name"), "mat-01.png");
    assert_string_equal(json_text_of(j, "stamp"), "mat");
    assert_int_equal(json_number_of(j, "page"), 1);
    assert_true(json_is_string(json_object_get(json_object_get(j, "what_to_do"), "vi")));
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "held", "--clear", "mat-01.png", NULL);
    EXPECT_STATUS(r, 2); /* why? */
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "held", "--clear", "mat-01.png", "--reason",
        "a sample", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "state"), "kept");
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "status", NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "held"), 0);
    assert_int_equal(json_number_of(json_object_get(j, "pages"), "waiting"), 1);
    json_decref(j);
    ran_release(&r);
}

/* ------------------------------------------------------------ other records */

static void records_that_are_digital_are_imported_changed_and_found(void **state)
{
    static const char lines[] =
        "{\"dossier\": \"KS-75\", \"type\": \"birth\", \"key\": \"1\","
        " \"fields\": {\"ho_ten\": \"Nguyễn Thị Mẫu\"},"
        " \"pages\": [{\"text\": \"Sổ đăng ký khai sinh\"}]}\n"
        "{\"cut off\n"
        "{\"key\": \"2\", \"fields\": {\"ho_ten\": \"Trần Văn Thử\"}}\n";
    struct ran r;
    json_t *j;

    (void)state;
    bench_write(&b, "so.jsonl", lines, sizeof lines - 1);
    run(&b, &r, "tram-box", "--json", "import", "--source", "so-ho-tich", "so.jsonl",
        NULL);
    EXPECT_STATUS(r, 3);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "added"), 2);
    assert_int_equal(json_number_of(j, "refused"), 1);
    assert_int_equal(
        json_number_of(json_array_get(json_object_get(j, "refusals"), 0), "line"), 2);
    json_decref(j);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "import", "--source", "so-ho-tich", "so.jsonl",
        NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "unchanged"), 2);
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "search", "tran van thu", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_true(json_is_null(json_object_get(j, "page"))); /* found in the fields */
    json_decref(j);
    ran_release(&r);
}

static void a_byte_changed_in_an_original_is_told_by_verify(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    (void)bench_take(&b, bench_sample("giay-khai-sinh.png"));
    run(&b, &r, "/bin/sh", "-c",
        "f=$(find data/blobs -type f) && chmod u+w $f &&"
        " printf x | dd of=$f bs=1 seek=100 conv=notrunc 2>/dev/null",
        NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "verify", NULL);
    EXPECT_STATUS(r, 1);
    j = ran_json(&r, 0);
    assert_true(json_is_false(json_object_get(j, "ok")));
    assert_int_equal(json_array_size(json_object_get(j, "problems")), 1);
    json_decref(j);
    ran_release(&r);
}

#define BENCH(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH(words_that_make_no_sense_are_exit_2_with_one_line),
        BENCH(every_word_explains_itself),
        BENCH(the_data_directory_is_named_before_or_behind_the_word),
        BENCH(a_box_is_not_made_over_another),
        BENCH(a_paper_is_kept_read_found_shown_and_verified),
        BENCH(the_original_comes_out_byte_for_byte),
        BENCH(an_original_replaces_no_device_link_or_directory),
        BENCH(the_same_file_twice_is_noticed),
        BENCH(status_has_the_words_that_scripts_rely_on),
        BENCH(a_secret_paper_is_held_and_nowhere_to_be_found),
        BENCH(a_false_alarm_is_cleared_with_a_reason_and_waits_to_be_read),
        BENCH(records_that_are_digital_are_imported_changed_and_found),
        BENCH(a_byte_changed_in_an_original_is_told_by_verify),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
