/* courier as a word, at both ends, with the real programs: what they say, how they
 * end, and that serve does the box's work when it owns the directory. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/lib/program.h"

static struct bench b;
static char centre_dir[128], stick[128];
static struct ran r;

static void expect_status(int status)
{
    if (r.status != status)
        fail_msg("exit %d, not %d: %s%s", r.status, status, (const char *)r.out.bytes,
                 (const char *)r.err.bytes);
}

static void make_province(const char *dir)
{
    run(&b, &r, "tram-centre", "--data", dir, "init", "--name", "Tỉnh Thử", NULL);
    expect_status(0);
    ran_release(&r);
}

static void import_record(const char *key)
{
    char line[128];
    int n = snprintf(line, sizeof line,
                     "{\"key\": \"%s\", \"pages\": [{\"text\": \"Suối Hoa %s\"}]}\n", key,
                     key);

    bench_write(&b, "records.jsonl", line, (size_t)n);
    run(&b, &r, "tram-box", "import", "--source", "thu", "records.jsonl", NULL);
    expect_status(0);
    ran_release(&r);
}

/* No address that anybody listens at: the box is to live by stick. */
static int start(void **state)
{
    (void)state;
    bench_create(&b);
    (void)snprintf(centre_dir, sizeof centre_dir, "%s/centre", b.dir);
    (void)snprintf(stick, sizeof stick, "%s/USB của tỉnh", b.dir);
    make_province(centre_dir);
    run(&b, &r, "tram-centre", "--data", centre_dir, "enrol", "--site", "Xã Thử", "--url",
        "https://127.0.0.1:1", "--out", bench_path(&b, "enrol.json"), NULL);
    expect_status(0);
    ran_release(&r);
    run(&b, &r, "tram-box", "init", "--enrol", "enrol.json", NULL);
    expect_status(0);
    ran_release(&r);
    assert_int_equal(mkdir(stick, 0700), 0);
    bench_write(&b, "USB của tỉnh/báo cáo.txt", "report", 6);
    import_record("1");
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

/* A word of the box with this stick: its JSON, which the caller lets go. */
static json_t *at_box(const char *word, int status)
{
    json_t *j;

    run(&b, &r, "tram-box", "--json", "courier", word, "USB của tỉnh", NULL);
    expect_status(status);
    j = ran_json(&r, 0);
    ran_release(&r);
    return j;
}

static json_t *at_centre(const char *dir, const char *word, int status)
{
    json_t *j;

    run(&b, &r, "tram-centre", "--data", dir, "--json", "courier", word, stick, NULL);
    expect_status(status);
    j = ran_json(&r, 0);
    ran_release(&r);
    return j;
}

static void expect_state(json_t *j, const char *state)
{
    assert_string_equal(json_text_of(j, "state"), state);
    json_decref(j);
}

/* The centre's word on the only tar. */
static void expect_tar(json_t *j, const char *state)
{
    json_t *tars = json_object_get(j, "tars");

    assert_int_equal(json_array_size(tars), 1);
    assert_string_equal(json_text_of(json_array_get(tars, 0), "state"), state);
    json_decref(j);
}

static void a_record_goes_by_stick_and_its_receipt_comes_back(void **state)
{
    (void)state;
    expect_state(at_box("import", 0), "nothing");
    expect_state(at_box("export", 0), "written");
    expect_tar(at_centre(centre_dir, "import", 0), "taken");
    expect_state(at_box("import", 0), "received");
    expect_state(at_box("import", 0), "old");
    expect_state(at_box("export", 0), "nothing");
    expect_tar(at_centre(centre_dir, "import", 0), "status");
    run(&b, &r, "tram-centre", "--data", centre_dir, "--json", "search", "suoi hoa",
        NULL);
    expect_status(0);
    assert_int_equal(ran_lines(&r), 1);
    ran_release(&r);
}

static void each_thing_is_told_in_one_line(void **state)
{
    (void)state;
    run(&b, &r, "tram-box", "courier", "export", stick, NULL);
    expect_status(0);
    assert_int_equal(ran_lines(&r), 1);
    assert_int_equal(ran_err_lines(&r), 0);
    assert_non_null(strstr((const char *)r.out.bytes, "read again"));
    ran_release(&r);
    run(&b, &r, "tram-centre", "--data", centre_dir, "courier", "import", stick, NULL);
    expect_status(0);
    assert_int_equal(ran_lines(&r), 2); /* the tar, and the answer */
    ran_release(&r);
    run(&b, &r, "tram-box", "courier", "import", stick, NULL);
    expect_status(0);
    assert_int_equal(ran_lines(&r), 1);
    ran_release(&r);
}

static void receipts_for_all_need_no_stick_of_a_box(void **state)
{
    json_t *j;

    (void)state;
    j = at_centre(centre_dir, "export", 0); /* nobody has claimed yet */
    assert_int_equal(json_number_of(j, "answers"), 0);
    json_decref(j);
    json_decref(at_box("export", 0));
    json_decref(at_centre(centre_dir, "import", 0));
    j = at_centre(centre_dir, "export", 0);
    assert_int_equal(json_number_of(j, "answers"), 1);
    json_decref(j);
    run(&b, &r, "tram-centre", "--data", centre_dir, "courier", "export", "--site", "9",
        stick, NULL);
    expect_status(1);
    ran_release(&r);
    expect_state(at_box("import", 0), "received");
}

static void another_province_leaves_the_stick_alone(void **state)
{
    char other[128];

    (void)state;
    (void)snprintf(other, sizeof other, "%s/other", b.dir);
    make_province(other);
    json_decref(at_box("export", 0));
    expect_tar(at_centre(other, "import", 3), "foreign");
    expect_tar(at_centre(centre_dir, "import", 0), "taken");
}

static void words_that_make_no_sense_are_told(void **state)
{
    (void)state;
    run(&b, &r, "tram-box", "courier", "export", NULL);
    expect_status(2);
    ran_release(&r);
    run(&b, &r, "tram-box", "courier", "carry", stick, NULL);
    expect_status(2);
    ran_release(&r);
    run(&b, &r, "tram-centre", "--data", centre_dir, "courier", "import", "--site", "1",
        stick, NULL);
    expect_status(2);
    ran_release(&r);
    run(&b, &r, "tram-box", "courier", "export", "/no/such/stick", NULL);
    expect_status(1);
    assert_non_null(strstr((const char *)r.err.bytes, "plugged in"));
    ran_release(&r);
    run(&b, &r, "tram-centre", "--data", centre_dir, "courier", "export",
        bench_path(&b, "enrol.json"), NULL);
    expect_status(1);
    ran_release(&r);
}

static void while_serve_works_the_stick_is_handed_over(void **state)
{
    struct running serve;

    (void)state;
    serve_begin(&b, &serve);
    expect_state(at_box("export", 0), "written"); /* relative to where it was asked */
    expect_tar(at_centre(centre_dir, "import", 0), "taken");
    expect_state(at_box("import", 0), "received");
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(a_record_goes_by_stick_and_its_receipt_comes_back),
        claim_test(each_thing_is_told_in_one_line),
        claim_test(receipts_for_all_need_no_stick_of_a_box),
        claim_test(another_province_leaves_the_stick_alone),
        claim_test(words_that_make_no_sense_are_told),
        claim_test(while_serve_works_the_stick_is_handed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
