/* The words for a box that is lost, by the real programs: enrol --again at the centre, init
 * --enrol at the machine that takes its place. */
#include "tests/lib/program.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CENTRE "tram-centre"
#define LOOKS  600 /* of 50 ms */

static struct bench b;
static struct running served;

static void record(struct buffer *out, unsigned number)
{
    buffer_append_format(out,
                         "{\"dossier\": \"HS-1\", \"type\": \"quyết định\", \"key\":"
                         " \"%u\", \"fields\": {\"so\": \"%u/QĐ\"}, \"pages\":"
                         " [{\"text\": \"Cấp đất số %u\"}]}\n",
                         number, number, number);
}

static void expect(int status, struct ran *r, const char *what)
{
    if (r->status != status)
        fail_msg("%s: %d, %s", what, r->status, (const char *)r->err.bytes);
    ran_release(r);
}

static void import(const char *box, unsigned first, unsigned last)
{
    struct buffer records;
    struct ran r;

    buffer_init(&records, 65536);
    for (unsigned i = first; i <= last; i++)
        record(&records, i);
    bench_write(&b, "records.jsonl", records.bytes, records.count);
    buffer_release(&records);
    run(&b, &r, "tram-box", "--data", bench_path(&b, box), "import", "--source", "thu",
        bench_path(&b, "records.jsonl"), NULL);
    expect(0, &r, "import");
}

static int sync_box(const char *box)
{
    struct ran r;
    int status;

    run(&b, &r, "tram-box", "--data", bench_path(&b, box), "sync", "--once", NULL);
    status = r.status;
    ran_release(&r);
    return status;
}

static void init_box(const char *box, const char *file)
{
    struct ran r;

    run(&b, &r, "tram-box", "--data", bench_path(&b, box), "init", "--enrol",
        bench_path(&b, file), NULL);
    expect(0, &r, "init --enrol");
}

static void enrol_again(int status, const char *site, const char *file)
{
    struct ran r;

    run(&b, &r, CENTRE, "enrol", "--again", site, "--url", served.address, "--out",
        bench_path(&b, file), NULL);
    expect(status, &r, "enrol --again");
}

/* What is found, as one text. */
static char *found(const char *program, const char *data)
{
    struct ran r;
    char *text;

    run(&b, &r, program, "--data", bench_path(&b, data), "search", "cap dat", NULL);
    text = strdup(r.out.bytes == NULL ? "" : (const char *)r.out.bytes);
    assert_non_null(text);
    ran_release(&r);
    return text;
}

static size_t hits(const char *program, const char *data)
{
    struct ran r;
    size_t lines;

    run(&b, &r, program, "--json", "--data", bench_path(&b, data), "search", "cap dat",
        NULL);
    lines = ran_lines(&r);
    ran_release(&r);
    return lines;
}

/* serve applies between two messages: contacts until both have it. */
static void until_both_have(const char *box, size_t documents)
{
    for (int looks = 0; looks < LOOKS; looks++) {
        (void)sync_box(box);
        if (hits("tram-box", box) == documents && hits(CENTRE, "data") == documents)
            return;
        (void)poll(NULL, 0, 50);
    }
    fail_msg("%zu documents are not at both ends", documents);
}

static void sound(const char *program, const char *data)
{
    struct ran r;

    run(&b, &r, program, "--data", bench_path(&b, data), "verify", NULL);
    expect(0, &r, "verify");
}

static bool alarm_is_told(const char *kind)
{
    struct ran r;
    bool told;

    run(&b, &r, CENTRE, "--json", "status", NULL);
    told = strstr((const char *)r.out.bytes, kind) != NULL;
    ran_release(&r);
    return told;
}

static void a_centre_serves(void)
{
    struct pollfd ready;
    char line[256] = "", *at;
    size_t used = 0;
    struct ran r;

    bench_create(&b);
    run(&b, &r, CENTRE, "init", "--name", "Tỉnh Thử", NULL);
    expect(0, &r, "init");
    run_begin(&b, &served, CENTRE, "--json", "serve", "--listen", "127.0.0.1:0", NULL);
    ready = (struct pollfd){served.out_fd, POLLIN, 0};
    while (strchr(line, '\n') == NULL) {
        ssize_t n;

        assert_int_equal(poll(&ready, 1, 30000), 1);
        n = read(served.out_fd, line + used, sizeof line - 1 - used);
        assert_true(n > 0);
        used += (size_t)n;
        line[used] = '\0';
    }
    at = strstr(line, "127.0.0.1:");
    assert_non_null(at);
    at[strcspn(at, "\"")] = '\0';
    (void)snprintf(served.address, sizeof served.address, "https://%s", at);
}

static void a_lost_box_comes_back_as_a_new_one(void **state)
{
    struct ran r;
    char *before, *after;

    (void)state;
    a_centre_serves();
    run(&b, &r, CENTRE, "enrol", "--site", "Xã An Bình", "--url", served.address, "--out",
        bench_path(&b, "one.json"), NULL);
    expect(0, &r, "enrol");
    init_box("lost", "one.json");
    enrol_again(2, "1", "two.json"); /* it has not called yet */
    import("lost", 1, 5);
    until_both_have("lost", 5);
    before = found("tram-box", "lost");

    enrol_again(2, "7", "two.json");
    enrol_again(2, "no", "two.json");
    enrol_again(0, "1", "two.json");
    init_box("new", "two.json");
    until_both_have("new", 5);
    after = found("tram-box", "new");
    assert_string_equal(after, before);
    free(before);
    free(after);
    import("new", 6, 6);
    until_both_have("new", 6);
    sound("tram-box", "new");
    sound(CENTRE, "data");
    assert_true(alarm_is_told("\"replaced\""));
    assert_false(alarm_is_told("\"former\""));

    assert_int_equal(sync_box("lost"), 1);
    assert_true(alarm_is_told("\"former\""));
    init_box("third", "two.json");
    assert_int_equal(sync_box("third"), 1);
    assert_true(alarm_is_told("\"claim_used\""));
    assert_int_equal(running_end(&served, SIGTERM), 0);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_box_comes_back_as_a_new_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
