/* init --enrol and sync as words, with the real programs: what they say, how they
 * end, and that serve does their work when it owns the directory. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/store.h"
#include "tests/lib/build.h"
#include "tests/lib/program.h"

static struct bench b;
static struct running centre;
static bool centre_runs;
static char centre_dir[128], address[64];
static struct ran r;

/* Its address is the first line that it says. */
static void start_centre(const char *listen)
{
    char line[256] = "";
    size_t used = 0;
    json_t *j;

    run_begin(&b, &centre, "tram-centre", "--data", centre_dir, "--json", "serve",
              "--listen", listen, NULL);
    centre_runs = true;
    while (strchr(line, '\n') == NULL && used < sizeof line - 1) {
        ssize_t n = read(centre.out_fd, line + used, sizeof line - 1 - used);

        if (n <= 0)
            fail_msg("serve ended: %s", line);
        used += (size_t)n;
    }
    j = json_loads(line, 0, NULL);
    assert_non_null(j);
    (void)snprintf(address, sizeof address, "%s", json_text_of(j, "address"));
    json_decref(j);
}

static void stop_centre(void)
{
    if (!centre_runs)
        return;
    centre_runs = false;
    assert_int_equal(running_end(&centre, SIGTERM), 0);
}

static void expect_status(int status)
{
    if (r.status != status)
        fail_msg("exit %d, not %d: %s%s", r.status, status, (const char *)r.out.bytes,
                 (const char *)r.err.bytes);
}

static void enrol(const char *out)
{
    char url[96];

    (void)snprintf(url, sizeof url, "https://%s", address);
    run(&b, &r, "tram-centre", "--data", centre_dir, "enrol", "--site", "Xã Thử", "--url",
        url, "--out", bench_path(&b, out), NULL);
    expect_status(0);
    ran_release(&r);
}

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    (void)snprintf(centre_dir, sizeof centre_dir, "%s/centre", b.dir);
    run(&b, &r, "tram-centre", "--data", centre_dir, "init", "--name", "Tỉnh Thử", NULL);
    expect_status(0);
    ran_release(&r);
    start_centre("127.0.0.1:0");
    enrol("enrol.json");
    run(&b, &r, "tram-box", "init", "--enrol", "enrol.json", NULL);
    expect_status(0);
    ran_release(&r);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    stop_centre();
    bench_destroy(&b);
    return 0;
}

static void import(unsigned from, unsigned count, unsigned words)
{
    struct buffer lines;

    buffer_init(&lines, 16u << 20);
    for (unsigned i = from; i < from + count; i++) {
        buffer_append_format(&lines, "{\"key\": \"%u\", \"pages\": [{\"text\": \"", i);
        for (unsigned w = 0; w < words; w++)
            buffer_append_format(&lines, "chữ%llx ",
                                 (unsigned long long)(i * 100003 + w) * 2654435761u);
        buffer_append_text(&lines, "\"}]}\n");
    }
    bench_write(&b, "records.jsonl", lines.bytes, lines.count);
    buffer_release(&lines);
    run(&b, &r, "tram-box", "import", "--source", "thu", "records.jsonl", NULL);
    expect_status(0);
    ran_release(&r);
}

/* One contact; the caller lets the answer go. */
static json_t *contact(int status)
{
    json_t *j;

    run(&b, &r, "tram-box", "--json", "sync", "--once", NULL);
    expect_status(status);
    j = ran_json(&r, 0);
    ran_release(&r);
    return j;
}

static void a_box_is_enrolled_once_by_file(void **state)
{
    struct bench other = b;

    (void)state;
    run(&b, &r, "tram-box", "init", "--enrol", "enrol.json", NULL);
    expect_status(1);
    assert_non_null(strstr((const char *)r.err.bytes, "already"));
    ran_release(&r);

    (void)snprintf(other.data, sizeof other.data, "%s/other", b.dir);
    bench_write(&b, "bad.json", "{\"tram\": \"enrolment\"}", 21);
    run(&other, &r, "tram-box", "init", "--enrol", "bad.json", NULL);
    expect_status(1);
    ran_release(&r);
    run(&other, &r, "tram-box", "init", "--enrol", "absent.json", NULL);
    expect_status(1);
    ran_release(&r);
    assert_int_not_equal(access(other.data, F_OK), 0); /* nothing was made */
    run(&other, &r, "tram-box", "init", "--enrol", "enrol.json", "--demo", NULL);
    expect_status(2);
    ran_release(&r);
}

static void begins_with_the_first_epoch(const struct bench *w)
{
    struct store *s;
    struct err e;

    assert_int_equal(store_open(&s, disk_system(), clock_system(), w->data, &e), 0);
    assert_int_equal(store_identity(s)->epoch, STORE_EPOCH_FIRST);
    store_close(s);
}

/* What a line is told by begins at 1: 0 is no line's. */
static void every_new_box_begins_with_the_first_epoch(void **state)
{
    struct bench demo = b;

    (void)state;
    begins_with_the_first_epoch(&b);
    (void)snprintf(demo.data, sizeof demo.data, "%s/demo", b.dir);
    bench_make_box(&demo);
    begins_with_the_first_epoch(&demo);
}

static void a_demo_box_has_nobody_to_send_to(void **state)
{
    struct bench demo = b;

    (void)state;
    (void)snprintf(demo.data, sizeof demo.data, "%s/demo", b.dir);
    bench_make_box(&demo);
    run(&demo, &r, "tram-box", "sync", "--once", NULL);
    expect_status(1);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
}

static void sync_ends_0_when_the_centre_has_all_of_it(void **state)
{
    json_t *j, *status;

    (void)state;
    import(0, 20, 10);
    j = contact(0);
    assert_string_equal(json_text_of(j, "state"), "drained");
    assert_true(json_number_of(j, "bytes_out") > 0);
    assert_true(json_number_of(j, "bytes_in") > 0);
    assert_int_equal(json_number_of(j, "received"), json_number_of(j, "applied"));
    assert_int_equal(json_number_of(j, "safe"), 0);
    json_decref(j);
    run(&b, &r, "tram-box", "--json", "status", NULL);
    status = ran_json(&r, 0);
    assert_int_equal(json_number_of(status, "complete"), 20);
    json_decref(status);
    ran_release(&r);
}

static void link_tells_past_contacts_the_newest_first(void **state)
{
    json_t *link, *contacts;

    (void)state;
    import(0, 2, 10);
    json_decref(contact(0));
    run(&b, &r, "tram-box", "--json", "link", NULL);
    assert_int_equal(r.status, 0);
    link = ran_json(&r, 0);
    contacts = json_object_get(link, "contacts");
    assert_int_equal(json_array_size(contacts), 1);
    assert_string_equal(json_text_of(json_array_get(contacts, 0), "ended"), "drained");
    assert_true(json_number_of(json_array_get(contacts, 0), "bytes_out") > 0);
    assert_true(json_is_null(json_object_get(link, "now"))); /* nobody serves */
    assert_int_equal(json_number_of(json_object_get(link, "waiting"), "1"), 0);
    json_decref(link);
    ran_release(&r);
    run(&b, &r, "tram-box", "link", "--once", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr((const char *)r.out.bytes, "Past contacts:"));
    assert_non_null(strstr((const char *)r.out.bytes, "all received"));
    assert_non_null(strstr((const char *)r.out.bytes, "Nobody keeps in contact"));
    ran_release(&r);
}

static void sync_ends_1_without_a_link_and_the_backlog_is_told(void **state)
{
    json_t *j, *status;

    (void)state;
    import(0, 3, 10);
    stop_centre();
    j = contact(1);
    assert_string_equal(json_text_of(j, "state"), "unreachable");
    assert_true(json_text_of(j, "reason")[0] != '\0');
    json_decref(j);
    run(&b, &r, "tram-box", "--json", "status", NULL);
    status = ran_json(&r, 0);
    assert_int_equal(json_number_of(status, "read"), 3);
    assert_int_equal(json_number_of(status, "sent"), 0);
    assert_true(json_number_of(json_object_get(status, "waiting"), "1") > 0);
    json_decref(status);
    ran_release(&r);
    start_centre(address);
    json_decref(contact(0));
}

static void sync_ends_3_when_its_bytes_are_spent_and_goes_on_next_time(void **state)
{
    unsigned contacts = 0;
    int status;

    (void)state;
    import(0, 60, 200);
    do {
        json_t *j;

        run(&b, &r, "tram-box", "--json", "sync", "--once", "--max-bytes", "30000", NULL);
        status = r.status;
        assert_true(status == 0 || status == 3);
        j = ran_json(&r, 0);
        assert_string_equal(json_text_of(j, "state"), status == 0 ? "drained" : "budget");
        assert_true(json_number_of(j, "bytes_out") <= 30000);
        json_decref(j);
        ran_release(&r);
        contacts++;
    } while (status != 0 && contacts < 20);
    assert_int_equal(status, 0);
    assert_true(contacts > 1);
    run(&b, &r, "tram-box", "sync", "--once", "--max-bytes", "12", NULL);
    expect_status(2);
    ran_release(&r);
}

static void a_second_box_with_the_same_file_is_refused_with_words(void **state)
{
    struct bench thief = b;
    json_t *j;

    (void)state;
    json_decref(contact(0));
    (void)snprintf(thief.data, sizeof thief.data, "%s/thief", b.dir);
    run(&thief, &r, "tram-box", "init", "--enrol", "enrol.json", NULL);
    expect_status(0);
    ran_release(&r);
    run(&thief, &r, "tram-box", "--json", "sync", "--once", NULL);
    expect_status(1);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "state"), "refused");
    assert_string_equal(json_text_of(j, "refused"), "claim_used");
    json_decref(j);
    ran_release(&r);
    run(&thief, &r, "tram-box", "sync", "--once", NULL);
    expect_status(1);
    assert_non_null(strstr((const char *)r.err.bytes, "another box has used"));
    ran_release(&r);
    json_decref(contact(0)); /* the true one goes on */
}

static void while_serve_works_sync_is_handed_over_and_serve_sends_by_itself(void **state)
{
    struct running serve;
    json_t *status = NULL;
    int64_t complete = 0;

    (void)state;
    serve_begin(&b, &serve);
    import(0, 5, 10);
    json_decref(contact(0));
    import(5, 5, 10);
    for (int i = 0; i < 200 && complete < 10; i++) {
        run(&b, &r, "tram-box", "--json", "status", NULL);
        status = ran_json(&r, 0);
        complete = json_number_of(status, "complete");
        json_decref(status);
        ran_release(&r);
    }
    assert_int_equal(complete, 10);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

/* sync/PROTOCOL.md is enough to write a box: another program, in another language. */
static void who_knows_only_the_document_is_a_box_too(void **state)
{
    char command[1024], line[512] = "";
    json_t *said;
    FILE *out;

    (void)state;
    if (system("command -v node >/dev/null 2>&1") != 0) {
        print_message("skipped: Node.js is not here (make deps)\n");
        skip();
    }
    enrol("second.json");
    (void)snprintf(command, sizeof command, "node %s/../../tests/sync/second_box.mjs %s",
                   build_dir(), bench_path(&b, "second.json"));
    out = popen(command, "r");
    assert_non_null(out);
    if (fgets(line, sizeof line, out) == NULL || pclose(out) != 0)
        fail_msg("the second box says: %s", line);
    said = json_loads(line, 0, NULL);
    assert_int_equal(json_number_of(said, "received"), 1);
    assert_int_equal(json_number_of(said, "applied"), 1);
    json_decref(said);
    run(&b, &r, "tram-centre", "--data", centre_dir, "search", "\"hop thu hai\"", NULL);
    expect_status(0);
    assert_non_null(strstr((const char *)r.out.bytes, "từ hộp thứ hai"));
    ran_release(&r);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(a_box_is_enrolled_once_by_file),
        claim_test(every_new_box_begins_with_the_first_epoch),
        claim_test(a_demo_box_has_nobody_to_send_to),
        claim_test(sync_ends_0_when_the_centre_has_all_of_it),
        claim_test(link_tells_past_contacts_the_newest_first),
        claim_test(sync_ends_1_without_a_link_and_the_backlog_is_told),
        claim_test(sync_ends_3_when_its_bytes_are_spent_and_goes_on_next_time),
        claim_test(a_second_box_with_the_same_file_is_refused_with_words),
        claim_test(who_knows_only_the_document_is_a_box_too),
        claim_test(while_serve_works_sync_is_handed_over_and_serve_sends_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
