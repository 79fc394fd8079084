/* Words handed over to the process that serves. */
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "appliance/handover.h"
#include "tests/lib/scratch.h"

static struct scratch s;
static struct handover *h;
static struct err err;
static sem_t begun; /* a word is at work */
static atomic_bool was_cancelled;

/* The words that this test's serve knows. */
static int run_word(void *arg, const struct handover_request *r, struct verb_io *io)
{
    (void)arg;
    if (strcmp(r->argv[0], "echo") == 0) {
        for (int i = 1; i < r->argc; i++)
            (void)fprintf(io->out, "%s\n", r->argv[i]);
        (void)fprintf(io->err, "%s json=%d en=%d\n", io->cwd, io->json,
                      io->language == LANGUAGE_EN);
        return EXIT_PARTLY;
    }
    (void)sem_post(&begun);
    while (!io->cancelled(io->cancelled_arg)) {
        const struct timespec pause = {.tv_nsec = 1000000};

        (void)nanosleep(&pause, NULL); /* the bound is the test's own time-out */
    }
    atomic_store(&was_cancelled, true);
    return EXIT_FAILED;
}

static int start(void **state)
{
    struct handover_options o = {.dir = s.dir, .run = run_word};

    (void)state;
    scratch_dir(&s);
    (void)sem_init(&begun, 0, 0);
    atomic_store(&was_cancelled, false);
    must(handover_start(&h, &o, &err), &err);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    handover_stop(h);
    h = NULL;
    (void)sem_destroy(&begun);
    scratch_remove(&s);
    return 0;
}

static struct handover_request request_of(char **argv)
{
    struct handover_request r = {.json = true,
                                 .language = LANGUAGE_EN,
                                 .cwd = (char *)(uintptr_t) "/tmp",
                                 .argv = argv};

    while (argv[r.argc] != NULL)
        r.argc++;
    return r;
}

static void text_of(int fd, char *out, size_t out_bytes)
{
    ssize_t n = pread(fd, out, out_bytes - 1, 0);

    assert_true(n >= 0);
    out[n] = '\0';
}

/* Asks from this thread; what came is in out and err_text. */
static int ask(const char *dir, char **argv, char *out, char *err_text, size_t bytes)
{
    struct handover_request r = request_of(argv);
    int out_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int err_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    bool served;
    int status = -1;

    must(handover_ask(dir, &r, out_fd, err_fd, &served, &status, &err), &err);
    assert_true(served);
    text_of(out_fd, out, bytes);
    text_of(err_fd, err_text, bytes);
    (void)close(out_fd);
    (void)close(err_fd);
    return status;
}

static void output_goes_straight_to_the_asker(void **state)
{
    char out[256], said[256];

    (void)state;
    assert_int_equal(
        ask(s.dir, (char *[]){"echo", "một", "hai ba", NULL}, out, said, sizeof out),
        EXIT_PARTLY);
    assert_string_equal(out, "một\nhai ba\n");
    assert_string_equal(said, "/tmp json=1 en=1\n");
}

static void words_need_not_be_utf8(void **state)
{
    char out[256], said[256];

    (void)state;
    (void)ask(s.dir, (char *[]){"echo", "a\xff\xfe.jpg", "", NULL}, out, said,
              sizeof out);
    assert_string_equal(out, "a\xff\xfe.jpg\n\n");
}

static void nobody_there_is_an_answer_and_not_an_error(void **state)
{
    struct handover_request r = request_of((char *[]){"echo", NULL});
    struct scratch empty;
    bool served = true;
    int status;

    (void)state;
    scratch_dir(&empty);
    must(handover_ask(empty.dir, &r, 1, 2, &served, &status, &err), &err);
    assert_false(served);
    scratch_remove(&empty);
}

static void a_socket_that_a_killed_process_left_is_nobody_and_is_taken_over(void **state)
{
    struct handover_request r = request_of((char *[]){"echo", NULL});
    struct handover_options o = {.dir = s.dir, .run = run_word};
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    bool served = true;
    int status, fd;
    char out[64], said[64];

    (void)state;
    handover_stop(h);
    (void)snprintf(name.sun_path, sizeof name.sun_path, "%s/socket", s.dir);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    (void)close(fd); /* the name stays, as after a kill */
    must(handover_ask(s.dir, &r, 1, 2, &served, &status, &err), &err);
    assert_false(served);
    must(handover_start(&h, &o, &err), &err);
    assert_int_equal(ask(s.dir, (char *[]){"echo", NULL}, out, said, sizeof out),
                     EXIT_PARTLY);
}

static void a_directory_deeper_than_a_socket_name_is_reached(void **state)
{
    struct handover_options o = {.run = run_word};
    char deep[512], out[64], said[64], path[600];
    struct handover *other;

    (void)state;
    (void)snprintf(deep, sizeof deep, "%s/%0150d", s.dir, 0);
    assert_int_equal(mkdir(deep, 0700), 0);
    o.dir = deep;
    must(handover_start(&other, &o, &err), &err);
    assert_int_equal(ask(deep, (char *[]){"echo", "sâu", NULL}, out, said, sizeof out),
                     EXIT_PARTLY);
    assert_string_equal(out, "sâu\n");
    handover_stop(other);
    (void)snprintf(path, sizeof path, "%s/socket", deep);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rmdir(deep), 0);
}

static void the_socket_is_for_its_owner_alone(void **state)
{
    char path[128];
    struct stat st;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/socket", s.dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* The name's mode would stop another user; so its mode is opened for this test,
 * and what is left is the look at who asks. */
static void another_user_is_refused(void **state)
{
    char path[128];
    int status;
    pid_t pid;

    (void)state;
    if (geteuid() != 0)
        skip();
    (void)snprintf(path, sizeof path, "%s/socket", s.dir);
    assert_int_equal(chmod(s.dir, 0755), 0);
    assert_int_equal(chmod(path, 0666), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct handover_request r = request_of((char *[]){"echo", NULL});
        bool served = false;
        int rc = setuid(65534) != 0
                     ? 9
                     : handover_ask(s.dir, &r, 1, 2, &served, &status, &err);

        _exit(rc == -1 && served ? 42 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 42);
}

static pid_t ask_in_child(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct handover_request r = request_of((char *[]){"wait", NULL});
        bool served;
        int status = 0;

        _exit(handover_ask(s.dir, &r, 1, 2, &served, &status, &err) == 0 ? status : 99);
    }
    return pid;
}

static void wait_for(sem_t *what)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    assert_int_equal(sem_timedwait(what, &until), 0);
}

static void an_asker_that_goes_away_cancels_its_word(void **state)
{
    pid_t pid;

    (void)state;
    pid = ask_in_child();
    wait_for(&begun);
    assert_false(atomic_load(&was_cancelled));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    handover_stop(h); /* waits for the word's end */
    h = NULL;
    assert_true(atomic_load(&was_cancelled));
}

static void a_stop_cancels_what_is_at_work_and_tells_the_asker(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    pid = ask_in_child();
    wait_for(&begun);
    handover_stop(h);
    h = NULL;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), EXIT_FAILED);
}

/* --------------------------------------------------- requests as no program
 * of ours sends them */

static int knock(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(name.sun_path, sizeof name.sun_path, "%s/socket", s.dir);
    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

/* It is hung up on, without an answer, and who serves goes on serving. */
static void expect_hung_up(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    char byte;

    assert_int_equal(poll(&p, 1, 30000), 1);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    (void)close(fd);
}

static void a_request_without_descriptors_is_hung_up_on(void **state)
{
    char out[64], said[64];
    int fd;

    (void)state;
    fd = knock();
    assert_int_equal(send(fd, "TV\1\0\3\0\0\0\0\0\0", 11, 0), 11);
    expect_hung_up(fd);
    assert_int_equal(ask(s.dir, (char *[]){"echo", NULL}, out, said, sizeof out),
                     EXIT_PARTLY);
}

static void noise_and_silence_are_hung_up_on(void **state)
{
    char noise[4096];
    int fd;

    (void)state;
    memset(noise, 'x', sizeof noise);
    fd = knock();
    (void)send(fd, noise, sizeof noise, MSG_NOSIGNAL);
    expect_hung_up(fd);
    fd = knock();
    (void)shutdown(fd, SHUT_WR);
    expect_hung_up(fd);
}

/* ------------------------------------------------------------------- bytes */

static void encode(struct buffer *b)
{
    struct handover_request r =
        request_of((char *[]){"intake", "--dossier", "HS-01", "a b.jpg", NULL});

    buffer_init(b, HANDOVER_REQUEST_BYTES_MAX);
    handover_request_encode(&r, b);
    must(buffer_check(b, &err), &err);
}

static void a_request_comes_out_as_it_went_in(void **state)
{
    struct handover_request back;
    struct buffer b;

    (void)state;
    encode(&b);
    must(handover_request_decode(&back, b.bytes, b.count, &err), &err);
    assert_int_equal(back.argc, 4);
    assert_string_equal(back.argv[0], "intake");
    assert_string_equal(back.argv[3], "a b.jpg");
    assert_null(back.argv[4]);
    assert_string_equal(back.cwd, "/tmp");
    assert_true(back.json);
    assert_false(back.err_is_terminal);
    assert_int_equal(back.language, LANGUAGE_EN);
    handover_request_release(&back);
    buffer_release(&b);
}

static void a_request_that_is_cut_off_anywhere_or_too_long_is_refused(void **state)
{
    struct handover_request back;
    struct buffer b;

    (void)state;
    encode(&b);
    for (size_t count = 0; count < b.count; count++) {
        assert_int_equal(handover_request_decode(&back, b.bytes, count, &err), -1);
        assert_null(back.argv);
    }
    buffer_append_byte(&b, 0);
    assert_int_equal(handover_request_decode(&back, b.bytes, b.count, &err), -1);
    buffer_release(&b);
}

static void a_request_that_claims_too_much_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t count;
    } requests[] = {
        {"\0\0\1/\0", 5},                      /* no words */
        {"\0\0\1/\xff\xff\xff\xff\x0f", 9},    /* four thousand million words */
        {"\0\0\1/\1\xff\xff\xff\xff\x0f", 10}, /* a word of as many bytes */
        {"\0\0\4/tmp\1\3a\0b", 12},            /* a NUL in a word */
        {"\0\0\3tmp\1\1a", 8},                 /* a directory relative to what? */
        {"\x80\0\1/\1\1a", 7},                 /* a flag nobody knows */
        {"\0\7\1/\1\1a", 7},                   /* a language nobody knows */
    };
    struct handover_request back;

    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        assert_int_equal(
            handover_request_decode(&back, requests[i].bytes, requests[i].count, &err),
            -1);
}

#define SERVED(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(output_goes_straight_to_the_asker),
        SERVED(words_need_not_be_utf8),
        cmocka_unit_test(nobody_there_is_an_answer_and_not_an_error),
        SERVED(a_socket_that_a_killed_process_left_is_nobody_and_is_taken_over),
        SERVED(a_directory_deeper_than_a_socket_name_is_reached),
        SERVED(the_socket_is_for_its_owner_alone),
        SERVED(another_user_is_refused),
        SERVED(an_asker_that_goes_away_cancels_its_word),
        SERVED(a_stop_cancels_what_is_at_work_and_tells_the_asker),
        SERVED(a_request_without_descriptors_is_hung_up_on),
        SERVED(noise_and_silence_are_hung_up_on),
        cmocka_unit_test(a_request_comes_out_as_it_went_in),
        cmocka_unit_test(a_request_that_is_cut_off_anywhere_or_too_long_is_refused),
        cmocka_unit_test(a_request_that_claims_too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
