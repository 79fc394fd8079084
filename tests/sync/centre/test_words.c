/* The words of tram-centre, by the real program. */
#include "tests/lib/program.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/centre/verbs.h"
#include "sync/enrol.h"

#define CENTRE "tram-centre"
#define GONE   "\xef\xbf\xbd"

static void expect(struct bench *b, int status, const char *one, const char *two,
                   const char *three, const char *four)
{
    struct ran r;

    run(b, &r, CENTRE, one, two, three, four, NULL);
    if (r.status != status)
        fail_msg("%s %s ended with %d: %s", one, two == NULL ? "" : two, r.status,
                 (const char *)r.err.bytes);
    ran_release(&r);
}

static void make_centre(struct bench *b)
{
    bench_create(b);
    expect(b, 0, "init", "--name", "Tỉnh Thử", NULL);
}

/* What `status --json` says, or what any other word does. */
static json_t *json_of(struct bench *b, const char *one, const char *two,
                       const char *three)
{
    struct ran r;
    json_t *j;

    run(b, &r, CENTRE, "--json", one, two, three, NULL);
    if (r.status != 0)
        fail_msg("%s: %s", one, (const char *)r.err.bytes);
    j = ran_json(&r, 0);
    ran_release(&r);
    return j;
}

static void enrol(struct bench *b, const char *url, const char *out)
{
    struct ran r;

    run(b, &r, CENTRE, "enrol", "--site", "Xã An Bình", "--url", url, "--out",
        bench_path(b, out), NULL);
    if (r.status != 0)
        fail_msg("enrol: %s", (const char *)r.err.bytes);
    ran_release(&r);
}

/* Its address, once it is ready. */
static void serve(struct bench *b, struct running *s)
{
    struct pollfd ready;
    char line[256] = "";
    size_t used = 0;
    char *at;

    run_begin(b, s, CENTRE, "--json", "serve", "--listen", "127.0.0.1:0", NULL);
    ready = (struct pollfd){s->out_fd, POLLIN, 0};
    while (strchr(line, '\n') == NULL) {
        ssize_t n;

        assert_int_equal(poll(&ready, 1, 30000), 1);
        n = read(s->out_fd, line + used, sizeof line - 1 - used);
        assert_true(n > 0);
        used += (size_t)n;
        line[used] = '\0';
    }
    at = strstr(line, "127.0.0.1:");
    assert_non_null(at);
    at[strcspn(at, "\"")] = '\0';
    (void)snprintf(s->address, sizeof s->address, "https://%s", at);
}

/* ----------------------------------------------------------------------- words */

static void words_that_make_no_sense_end_with_2(void **state)
{
    struct bench b;

    (void)state;
    make_centre(&b);
    expect(&b, 2, "dance", NULL, NULL, NULL);
    expect(&b, 2, "init", NULL, NULL, NULL);
    expect(&b, 2, "enrol", "--site", "Xã", NULL);
    expect(&b, 2, "status", "--site", "0", NULL);
    expect(&b, 2, "status", "--site", NULL, NULL);
    expect(&b, 2, "search", NULL, NULL, NULL);
    expect(&b, 2, "show", "abc", NULL, NULL);
    expect(&b, 2, "serve", NULL, NULL, NULL);
    expect(&b, 2, "serve", "--listen", "nowhere", NULL);
    expect(&b, 2, "verify", "--wild", NULL, NULL);
    expect(&b, 2, "dictionary", NULL, NULL, NULL);
    expect(&b, 2, "dictionary", "forget", NULL, NULL);
    expect(&b, 2, "backup", NULL, NULL, NULL);
    expect(&b, 0, "--help", NULL, NULL, NULL);
    expect(&b, 0, "backup", "--help", NULL, NULL);
    expect(&b, 0, "--version", NULL, NULL, NULL);
    bench_destroy(&b);
}

static void without_a_centre_every_word_ends_with_1(void **state)
{
    struct bench b;

    (void)state;
    bench_create(&b);
    expect(&b, 1, "status", NULL, NULL, NULL);
    expect(&b, 1, "search", "gì", NULL, NULL);
    expect(&b, 1, "show", "12", NULL, NULL);
    expect(&b, 1, "verify", NULL, NULL, NULL);
    expect(&b, 1, "serve", "--listen", "127.0.0.1:0", NULL);
    expect(&b, 1, "backup", bench_path(&b, "copy"), NULL, NULL);
    expect(&b, 1, "restore", bench_path(&b, "nothing"), NULL, NULL);
    bench_destroy(&b);
}

static void init_makes_a_centre_once_and_none_in_a_box(void **state)
{
    struct bench b;
    struct stat there;

    (void)state;
    make_centre(&b);
    expect(&b, 1, "init", "--name", "Tỉnh Khác", NULL);
    bench_destroy(&b);

    bench_create(&b);
    bench_make_box(&b);
    expect(&b, 1, "init", "--name", "Tỉnh Thử", NULL);
    assert_int_not_equal(stat(bench_path(&b, "data/keys/sign"), &there), 0);
    bench_destroy(&b);
}

static void enrol_writes_a_file_that_a_box_can_read(void **state)
{
    struct enrolment f;
    struct buffer text;
    struct bench b;
    struct ran r;
    struct stat there;
    struct err e;
    json_t *j;

    (void)state;
    make_centre(&b);
    enrol(&b, "https://127.0.0.1:8443", "one.json");
    enrol(&b, "https://127.0.0.1:8443", "two.json");
    buffer_init(&text, ENROL_FILE_MAX);
    assert_int_equal(disk_read_all(disk_system(), bench_path(&b, "two.json"), &text, &e),
                     0);
    assert_int_equal(enrolment_decode(&f, text.bytes, text.count, &e), 0);
    assert_int_equal(f.site, 2);
    assert_string_equal(f.province, "Tỉnh Thử");
    assert_int_equal(stat(bench_path(&b, "two.json"), &there), 0);
    assert_int_equal(there.st_mode & 077, 0); /* it holds a secret */
    buffer_release(&text);

    /* Nowhere to write: no number is spent on it. */
    run(&b, &r, CENTRE, "enrol", "--site", "Xã", "--url", "https://x:1", "--out",
        bench_path(&b, "no/such/place.json"), NULL);
    assert_int_equal(r.status, 2);
    ran_release(&r);
    j = json_of(&b, "status", NULL, NULL);
    assert_int_equal(json_array_size(json_object_get(j, "sites")), 2);
    json_decref(j);
    bench_destroy(&b);
}

static void status_says_what_is_not_there_yet(void **state)
{
    struct bench b;
    json_t *j, *site;

    (void)state;
    make_centre(&b);
    enrol(&b, "https://127.0.0.1:8443", "one.json");
    j = json_of(&b, "status", "--site", "1");
    site = json_array_get(json_object_get(j, "sites"), 0);
    assert_string_equal(json_text_of(site, "name"), "Xã An Bình");
    assert_true(json_is_false(json_object_get(site, "claimed")));
    assert_true(json_is_null(json_object_get(site, "last_contact_s_ago")));
    assert_int_equal(json_number_of(site, "kept"), 0);
    assert_int_equal(json_number_of(json_object_get(site, "waiting"), "1"), 0);
    assert_int_equal(json_number_of(json_object_get(site, "sequences"), "safe"), 0);
    assert_int_equal(json_array_size(json_object_get(site, "problems")), 0);
    json_decref(j);
    expect(&b, 1, "status", "--site", "7", NULL);
    bench_destroy(&b);
}

/* --------------------------------------------------------------------- stories */

static void make_box_of(struct bench *b, const char *enrolment, const char *record)
{
    struct ran r;

    bench_write(b, "records.jsonl", record, strlen(record));
    run(b, &r, "tram-box", "--data", bench_path(b, "box"), "init", "--enrol",
        bench_path(b, enrolment), NULL);
    if (r.status != 0)
        fail_msg("init --enrol: %s", (const char *)r.err.bytes);
    ran_release(&r);
    run(b, &r, "tram-box", "--data", bench_path(b, "box"), "import", "--source", "thu",
        bench_path(b, "records.jsonl"), NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
}

static void make_box(struct bench *b, const char *enrolment)
{
    make_box_of(b, enrolment,
                "{\"dossier\": \"HS-1\", \"type\": \"quyết định\", \"key\": \"1\","
                " \"fields\": {\"so\": \"12/QĐ-UBND\"},"
                " \"pages\": [{\"text\": \"Ủy ban nhân dân xã về việc cấp đất\"}]}\n");
}

static void sync_box(struct bench *b)
{
    struct ran r;

    run(b, &r, "tram-box", "--data", bench_path(b, "box"), "sync", "--once", NULL);
    if (r.status != 0)
        fail_msg("sync: %s", (const char *)r.err.bytes);
    ran_release(&r);
}

/* Until the centre has applied `sequence` of site 1: serve does it between two
 * messages. */
static void wait_for_applied(struct bench *b, int64_t sequence)
{
    for (int looks = 0; looks < 600; looks++) {
        json_t *j = json_of(b, "status", "--site", "1");
        json_t *site = json_array_get(json_object_get(j, "sites"), 0);
        int64_t applied = json_number_of(json_object_get(site, "sequences"), "applied");

        json_decref(j);
        if (applied >= sequence)
            return;
        (void)poll(NULL, 0, 50);
    }
    fail_msg("frame %lld was not applied", (long long)sequence);
}

/* Everything that reads, and enrol, runs beside serve; another serve does not. */
static void words_run_beside_serve(void **state)
{
    struct running s;
    struct bench b;
    struct ran r;
    json_t *j;

    (void)state;
    make_centre(&b);
    serve(&b, &s);
    enrol(&b, s.address, "one.json");
    make_box(&b, "one.json");
    sync_box(&b);
    wait_for_applied(&b, 1);
    j = json_of(&b, "search", "cap dat", NULL);
    assert_string_equal(json_text_of(j, "site_name"), "Xã An Bình");
    assert_int_equal(json_number_of(j, "site"), 1);
    json_decref(j);
    j = json_of(&b, "verify", NULL, NULL);
    assert_true(json_is_true(json_object_get(j, "ok")));
    json_decref(j);
    j = json_of(&b, "status", NULL, NULL);
    assert_int_equal(
        json_number_of(json_array_get(json_object_get(j, "sites"), 0), "complete"), 1);
    json_decref(j);

    run(&b, &r, CENTRE, "serve", "--listen", "127.0.0.1:0", NULL);
    assert_int_equal(r.status, 1);
    ran_release(&r);
    assert_int_equal(running_end(&s, SIGTERM), 0);
    bench_destroy(&b);
}

static void what_is_shown_is_what_was_sent(void **state)
{
    struct running s;
    char id[32];
    struct bench b;
    struct ran r;
    json_t *j;

    (void)state;
    make_centre(&b);
    serve(&b, &s);
    enrol(&b, s.address, "one.json");
    make_box(&b, "one.json");
    sync_box(&b);
    wait_for_applied(&b, 1);
    assert_int_equal(running_end(&s, SIGINT), 0);

    j = json_of(&b, "search", "\"uy ban nhan dan\"", NULL);
    (void)snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT,
                   (json_int_t)json_number_of(j, "document"));
    json_decref(j);
    run(&b, &r, CENTRE, "show", id, "--text", NULL);
    assert_int_equal(r.status, 0);
    assert_string_equal((char *)r.out.bytes, "Ủy ban nhân dân xã về việc cấp đất\n");
    ran_release(&r);
    j = json_of(&b, "show", id, NULL);
    assert_string_equal(json_text_of(j, "dossier"), "HS-1");
    assert_string_equal(
        json_text_of(json_array_get(json_object_get(j, "fields"), 0), "value"),
        "12/QĐ-UBND");
    json_decref(j);
    /* It was imported: there is no original. */
    expect(&b, 1, "show", id, "--original", bench_path(&b, "out"));
    bench_destroy(&b);
}

static bool nothing_stops(void)
{
    return false;
}

/* What a word of ours, on a terminal or into a pipe, writes; the caller frees it. */
static char *written_by(struct bench *b, int (*verb)(struct console *, int, char **),
                        bool is_terminal, char *name, char *word)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    struct console c = {.out = out,
                        .err = out,
                        .dir = b->data,
                        .out_is_terminal = is_terminal,
                        .language = LANGUAGE_EN,
                        .stopped = nothing_stops};

    assert_int_equal(verb(&c, 2, (char *[]){name, word}), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void expect_written(char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("not written: %s in %s", part, text);
    free(text);
}

/* The text of a page and the fields come from whatever a box was given. */
static void what_a_box_sends_cannot_command_the_centres_terminal(void **state)
{
    struct running s;
    struct bench b;
    json_t *j;
    char id[32];

    (void)state;
    make_centre(&b);
    serve(&b, &s);
    enrol(&b, s.address, "one.json");
    make_box_of(&b, "one.json",
                "{\"key\": 1, \"type\": \"đơn\\u001b[2J\\nx\","
                " \"fields\": {\"ho_ten\": \"Mẫu\\u001b[2J\\nx\"},"
                " \"pages\": [{\"text\": \"khai\\tsinh\\n\\u001b[31mđỏ\"}]}\n");
    sync_box(&b);
    wait_for_applied(&b, 1);
    assert_int_equal(running_end(&s, SIGINT), 0);
    j = json_of(&b, "search", "khai", NULL);
    (void)snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT,
                   (json_int_t)json_number_of(j, "document"));
    json_decref(j);

    expect_written(written_by(&b, centre_verb_show, true, "show", id),
                   "ho_ten: Mẫu" GONE "[2J" GONE "x\n");
    expect_written(written_by(&b, centre_verb_show, true, "show", id),
                   "đơn" GONE "[2J" GONE "x\n");
    expect_written(written_by(&b, centre_verb_show, true, "show", id),
                   "khai\tsinh\n" GONE "[31mđỏ\n");
    expect_written(written_by(&b, centre_verb_show, false, "show", id),
                   "khai\tsinh\n\033[31mđỏ\n");
    expect_written(written_by(&b, centre_verb_search, true, "search", "khai"),
                   "page 1  \033[1mkhai\033[0m sinh [31mđỏ\n");
    bench_destroy(&b);
}

static void a_restored_centre_is_the_boxs_centre_still(void **state)
{
    struct running s;
    struct bench b;
    struct ran r;
    struct stat key;
    json_t *j;

    (void)state;
    make_centre(&b);
    serve(&b, &s);
    enrol(&b, s.address, "one.json");
    make_box(&b, "one.json");
    expect(&b, 0, "backup", bench_path(&b, "copy"), NULL, NULL); /* it has nothing yet */
    sync_box(&b);
    wait_for_applied(&b, 1);
    expect(&b, 2, "backup", bench_path(&b, "copy"), NULL, NULL);
    assert_int_equal(stat(bench_path(&b, "copy/keys/sign"), &key), 0);
    assert_int_equal(key.st_mode & 077, 0);
    assert_int_equal(running_end(&s, SIGTERM), 0);

    run(&b, &r, CENTRE, "--data", bench_path(&b, "data"), "restore",
        bench_path(&b, "copy"), NULL);
    assert_int_equal(r.status, 1); /* there is one there */
    ran_release(&r);
    assert_int_equal(rename(bench_path(&b, "data"), bench_path(&b, "lost")), 0);
    expect(&b, 0, "restore", bench_path(&b, "copy"), NULL, NULL);
    j = json_of(&b, "status", NULL, NULL);
    assert_int_equal(json_number_of(j, "epoch"), 1);
    json_decref(j);
    j = json_of(&b, "verify", NULL, NULL);
    assert_true(json_is_true(json_object_get(j, "ok")));
    json_decref(j);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_make_no_sense_end_with_2),
        cmocka_unit_test(without_a_centre_every_word_ends_with_1),
        cmocka_unit_test(init_makes_a_centre_once_and_none_in_a_box),
        cmocka_unit_test(enrol_writes_a_file_that_a_box_can_read),
        cmocka_unit_test(status_says_what_is_not_there_yet),
        cmocka_unit_test(words_run_beside_serve),
        cmocka_unit_test(what_is_shown_is_what_was_sent),
        cmocka_unit_test(what_a_box_sends_cannot_command_the_centres_terminal),
        cmocka_unit_test(a_restored_centre_is_the_boxs_centre_still),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
