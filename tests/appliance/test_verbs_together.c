/* The command line, several commands at a time: on one box, and beside a serve. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ------------------------------------------------------- several at a time */

static void two_readers_read_every_page_once(void **state)
{
    struct running other;
    struct ran r;
    json_t *j;
    int status;

    (void)state;
    (void)bench_take(&b, bench_sample("chuyen-pho-to.tif"));
    run_begin(&b, &other, "tram-box", "read", "--jobs", "1", NULL);
    /* The second waits a while for the first, and may give up: that is an answer. */
    run(&b, &r, "tram-box", "read", "--jobs", "1", NULL);
    assert_true(r.status == 0 || r.status == 1);
    ran_release(&r);
    status = running_end(&other, 0);
    assert_true(status == 0 || status == 1);
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/usr/bin/sqlite3", bench_path(&b, "data/tram.db"),
        "SELECT count(*), count(DISTINCT page) FROM reading", NULL);
    assert_string_equal((char *)r.out.bytes, "3|3\n");
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "status", NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "read"), 1);
    json_decref(j);
    ran_release(&r);
}

static void a_reader_that_was_killed_leaves_its_pages_to_the_next(void **state)
{
    struct running killed;
    struct ran r;
    json_t *j;

    (void)state;
    (void)bench_take(&b, bench_sample("chuyen-pho-to.tif"));
    run_begin(&b, &killed, "tram-box", "read", NULL);
    /* At any instant: usually the model is being loaded, and pages are leased. */
    (void)running_end(&killed, SIGKILL);
    run(&b, &r, "tram-box", "--json", "read", "--wait", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "left"), 0);
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void a_read_that_is_interrupted_leaves_a_whole_box(void **state)
{
    struct running interrupted;
    struct ran r;
    int status;

    (void)state;
    (void)bench_take(&b, bench_sample("chuyen-pho-to.tif"));
    run_begin(&b, &interrupted, "tram-box", "read", "--jobs", "1", NULL);
    status = running_end(&interrupted, SIGINT);
    /* Before it could listen, in the middle, or too late to matter. */
    assert_true(status == 128 + SIGINT || status == 3 || status == 0);
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void words_give_the_same_while_somebody_serves(void **state)
{
    static const char *const words[][4] = {
        {"--json", "search", "uy ban nhan dan", NULL},
        {"search", "\"khong co\"", "--limit", "2"},
        {"search", NULL, NULL, NULL},
        {"show", "12345", NULL, NULL},
        {"--json", "verify", NULL, NULL},
        {"--json", "read", "--wait", NULL},
    };
    struct ran alone[6], served;
    struct running serve;

    (void)state;
    (void)bench_take(&b, bench_sample("giay-khai-sinh.png"));
    run(&b, &served, "tram-box", "read", NULL);
    EXPECT_STATUS(served, 0);
    ran_release(&served);
    for (size_t i = 0; i < 6; i++)
        run(&b, &alone[i], "tram-box", words[i][0], words[i][1], words[i][2], words[i][3],
            NULL);
    serve_begin(&b, &serve);
    for (size_t i = 0; i < 6; i++) {
        char *ms;

        run(&b, &served, "tram-box", words[i][0], words[i][1], words[i][2], words[i][3],
            NULL);
        EXPECT_STATUS(served, alone[i].status);
        /* How long it took is not the same. */
        if ((ms = strstr((char *)served.out.bytes, "elapsed_ms")) != NULL) {
            *ms = '\0';
            *strstr((char *)alone[i].out.bytes, "elapsed_ms") = '\0';
        }
        assert_string_equal((char *)served.out.bytes, (char *)alone[i].out.bytes);
        assert_string_equal((char *)served.err.bytes, (char *)alone[i].err.bytes);
        ran_release(&served);
        ran_release(&alone[i]);
    }
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

/* Who only asks has a box without a reader in serve. */
static void a_copy_is_made_while_somebody_serves(void **state)
{
    struct running serve;
    char id[24], begin[5] = "";
    struct ran r;
    FILE *f;

    (void)state;
    (void)snprintf(id, sizeof id, "%lld",
                   (long long)bench_take(&b, bench_sample("giay-khai-sinh.png")));
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    serve_begin(&b, &serve);
    run(&b, &r, "tram-box", "show", id, "--pdf", "giay.pdf", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    f = fopen(bench_path(&b, "giay.pdf"), "rb");
    assert_non_null(f);
    assert_int_equal(fread(begin, 1, 4, f), 4);
    (void)fclose(f);
    assert_string_equal(begin, "%PDF");
    assert_false(bench_has(&b, "giay.pdf.*"));
    assert_false(bench_has(&b, "data/blobs/tmp/*"));
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

/* With the recovery key in the file "key". */
static void write_recovery_key(void)
{
    struct ran r;
    json_t *j;

    run(&b, &r, "tram-box", "backup", "--show-key", "--json", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    bench_write(&b, "key", json_text_of(j, "recovery_key"),
                strlen(json_text_of(j, "recovery_key")));
    json_decref(j);
    ran_release(&r);
}

/* Neither is another box's: this one has lost its key. */
static void other_keys_are_told(void)
{
    static const char other[] = "000011-000011-000011-000011-000011-000011-000011-000011";
    struct ran r;

    bench_write(&b, "other", other, sizeof other - 1);
    run(&b, &r, "tram-box", "--data", "again", "restore", "stick", "--key-file", "other",
        NULL);
    EXPECT_STATUS(r, 1);
    assert_non_null(strstr((char *)r.err.bytes, "not the one of the copy in stick"));
    ran_release(&r);
    assert_int_equal(rename(bench_path(&b, "data/keys/backup"), bench_path(&b, "lost")),
                     0);
    run(&b, &r, "tram-box", "backup", "stick", NULL);
    EXPECT_STATUS(r, 1);
    assert_non_null(strstr((char *)r.err.bytes, "another recovery key"));
    ran_release(&r);
    assert_int_equal(rename(bench_path(&b, "lost"), bench_path(&b, "data/keys/backup")),
                     0);
}

static void a_box_is_copied_while_it_serves_and_made_again_elsewhere(void **state)
{
    static const char wrong[] = "000011-000011-000011-000011-000011-000011-000011-000012";
    struct running serve;
    struct ran r;
    json_t *j;

    (void)state;
    (void)bench_take(&b, bench_sample("chuyen-pho-to.tif"));
    run(&b, &r, "tram-box", "backup", "--show-key", NULL);
    EXPECT_STATUS(r, 1); /* it has none before its first copy */
    ran_release(&r);
    serve_begin(&b, &serve);
    run(&b, &r, "tram-box", "backup", "stick", "--json", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "generation"), 1);
    assert_int_equal(strlen(json_text_of(j, "recovery_key")), 55);
    json_decref(j);
    ran_release(&r);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
    write_recovery_key();
    bench_write(&b, "wrong", wrong, sizeof wrong - 1);
    run(&b, &r, "tram-box", "restore", "stick", "--key-file", "key", NULL);
    EXPECT_STATUS(r, 1); /* there is a box already */
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "again", "restore", "stick", "--key-file", "wrong",
        NULL);
    EXPECT_STATUS(r, 2);
    assert_non_null(strstr((char *)r.err.bytes, "Group 8"));
    ran_release(&r);
    other_keys_are_told();
    run(&b, &r, "tram-box", "--data", "again", "restore", "stick", "--key-file", "key",
        NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "again", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void questions_are_answered_while_another_command_works(void **state)
{
    static const char *const words[][2] = {
        {"search", "uy ban"}, {"status", NULL}, {"verify", NULL}};
    int lock = open(bench_path(&b, "data/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    (void)state;
    assert_true(lock >= 0);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ran r;

        run(&b, &r, "tram-box", words[i][0], words[i][1], NULL);
        EXPECT_STATUS(r, 0);
        assert_null(strstr((char *)r.err.bytes, "waiting"));
        ran_release(&r);
    }
    (void)close(lock);
}

/* For a shell's line. */
static void name_program(void)
{
    const char *build = getenv("TRAM_BUILD");
    char path[600], real[4096];

    (void)snprintf(path, sizeof path, "%s/tram-box",
                   build == NULL ? "build/release" : build);
    assert_non_null(realpath(path, real));
    assert_int_equal(setenv("TRAM_TEST_BOX", real, 1), 0);
}

static void a_box_of_somebody_elses_is_not_taken_for_none(void **state)
{
    struct ran r;

    (void)state;
    if (geteuid() != 0)
        skip();
    name_program();
    run(&b, &r, "/bin/sh", "-c",
        "umask 0; mkdir -p open && cp \"$TRAM_TEST_BOX\" open/ && chmod 711 . && chmod "
        "700 "
        "data && exec setpriv --reuid 65534 --clear-groups open/tram-box status",
        NULL);
    EXPECT_STATUS(r, 1);
    assert_null(strstr((char *)r.err.bytes, "init"));
    assert_non_null(strstr((char *)r.err.bytes, "ermission"));
    ran_release(&r);
}

static void a_file_handed_over_is_kept_read_and_found(void **state)
{
    struct running serve;
    struct ran r;
    json_t *j;

    (void)state;
    serve_begin(&b, &serve);
    assert_int_equal(symlink(bench_sample("."), bench_path(&b, "papers")), 0);
    run(&b, &r, "tram-box", "--json", "intake", "--dossier", "HS-07",
        "papers/quyet-dinh-01.png", "papers/nothing.png", NULL);
    EXPECT_STATUS(r, 3);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "file"), "papers/quyet-dinh-01.png");
    assert_string_equal(json_text_of(j, "state"), "kept");
    json_decref(j);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
    run(&b, &r, "tram-box", "read", "--wait", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "search", "quyết định", NULL);
    EXPECT_STATUS(r, 0);
    assert_true(ran_lines(&r) >= 1);
    ran_release(&r);
    assert_int_equal(running_end(&serve, SIGINT), 0);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void a_second_serve_is_told_that_the_place_is_taken(void **state)
{
    struct running serve;
    struct ran r;

    (void)state;
    serve_begin(&b, &serve);
    run(&b, &r, "tram-box", "serve", "--listen", "127.0.0.1:0", NULL);
    EXPECT_STATUS(r, 1);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

#define BENCH(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH(two_readers_read_every_page_once),
        BENCH(a_reader_that_was_killed_leaves_its_pages_to_the_next),
        BENCH(a_read_that_is_interrupted_leaves_a_whole_box),
        BENCH(words_give_the_same_while_somebody_serves),
        BENCH(a_copy_is_made_while_somebody_serves),
        BENCH(a_box_is_copied_while_it_serves_and_made_again_elsewhere),
        BENCH(questions_are_answered_while_another_command_works),
        BENCH(a_box_of_somebody_elses_is_not_taken_for_none),
        BENCH(a_file_handed_over_is_kept_read_and_found),
        BENCH(a_second_serve_is_told_that_the_place_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
