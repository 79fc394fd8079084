/* Client, worker and caged children: who of them dies, says nothing or is to stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/client_papers.h"
#include "tests/lib/scratch.h"

#define PATIENCE_MS 60000

static struct err e;

/* The first child of `pid`, as soon as there is one. */
static pid_t child_of(pid_t pid)
{
    struct timespec start, now;
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        FILE *f = fopen(path, "r");
        int child = 0;

        assert_non_null(f);
        if (fscanf(f, "%d", &child) != 1)
            child = 0;
        (void)fclose(f);
        if (child != 0)
            return child;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec < 60);
    fail_msg("process %d has no child", (int)pid);
    return 0;
}

static void a_killed_worker_is_an_error_and_the_next_question_starts_another(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct reading r;
    uint64_t ticket;
    int scan = a_scan();

    (void)state;
    assert_int_equal(ocr_submit_read(c, 1, scan, 0, 0, WAY_USUAL, &e), 0);
    assert_int_equal(kill(child_of(getpid()), SIGKILL), 0);
    assert_int_equal(ocr_wait_read(c, PATIENCE_MS, &ticket, &r, &e), -1);
    assert_int_equal(ocr_at_work(c), 0);
    assert_int_equal(ocr_read(c, scan, 0, 0, &r, &e), 0);
    expect_text(&r, "1945");
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void a_worker_that_died_idle_is_not_missed(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    pid_t worker;

    (void)state;
    assert_int_equal(refusal_of(c, "", 0), REFUSAL_EMPTY);
    worker = child_of(getpid());
    assert_int_equal(kill(worker, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)worker, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    assert_int_equal(refusal_of(c, "", 0), REFUSAL_EMPTY);
    ocr_client_destroy(c);
}

/* Stopped, it neither answers nor dies: its socket stays open. */
static void a_worker_that_says_nothing_is_given_up(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){.page_wall_ms_max = 500});
    struct identity i;
    struct look look;
    int scan = a_scan();

    (void)state;
    assert_int_equal(ocr_identify(c, scan, &i, &e), 0);
    assert_int_equal(kill(child_of(getpid()), SIGSTOP), 0);
    assert_int_equal(ocr_look(c, scan, 0, &look, &e), -1);
    assert_int_equal(e.code, ERR_FAILED);
    assert_int_equal(ocr_identify(c, scan, &i, &e), 0);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void a_killed_child_is_a_refusal_and_the_worker_goes_on(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct identity identity;
    struct reading r;
    uint64_t ticket;
    int scan = a_scan();

    (void)state;
    /* Its first child tries the cage, and is none of a question. */
    assert_int_equal(ocr_identify(c, scan, &identity, &e), 0);
    assert_int_equal(ocr_submit_read(c, 1, scan, 0, 0, WAY_USUAL, &e), 0);
    assert_int_equal(kill(child_of(child_of(getpid())), SIGKILL), 0);
    assert_int_equal(ocr_wait_read(c, PATIENCE_MS, &ticket, &r, &e), 1);
    assert_int_equal(ticket, 1);
    assert_int_equal(r.refusal, REFUSAL_CRASHED);
    assert_int_equal(ocr_read(c, scan, 0, 0, &r, &e), 0);
    expect_text(&r, "1945");
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(scan);
}

/* A worker that is asked and says nothing, and a file by which it tells that it runs. */
static void write_mute_worker(const char *path, const char *started)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    (void)fprintf(f, "#!/bin/sh\n: > '%s'\nexec sleep 1000\n", started);
    assert_int_equal(fchmod(fileno(f), 0700), 0);
    assert_int_equal(fclose(f), 0);
}

struct interrupting {
    struct ocr_client *client;
    char program[128], started[128];
};

static void *interrupt_when_asked(void *arg)
{
    const struct timespec moment = {.tv_nsec = 10000000};
    struct interrupting *i = arg;

    for (int n = 0; n < 6000 && access(i->started, F_OK) != 0; n++)
        (void)nanosleep(&moment, NULL);
    ocr_client_interrupt(i->client);
    return NULL;
}

/* Restoring or packing a large document takes minutes, for which a stop waited. */
static void who_is_to_stop_waits_for_no_answer(void **state)
{
    struct interrupting i;
    struct scratch s;
    struct identity what;
    enum refusal refusal;
    struct hash h = {{0}};
    pthread_t thread;
    int fd = memfd_create("document", MFD_CLOEXEC);

    (void)state;
    scratch_dir(&s);
    (void)snprintf(i.program, sizeof i.program, "%s/mute", s.dir);
    (void)snprintf(i.started, sizeof i.started, "%s/started", s.dir);
    write_mute_worker(i.program, i.started);
    i.client = a_client((struct ocr_options){.program = i.program});
    assert_int_equal(pthread_create(&thread, NULL, interrupt_when_asked, &i), 0);
    assert_int_equal(ocr_restore(i.client, fd, &h, fd, &refusal, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(pthread_join(thread, NULL), 0);
    /* For good. */
    assert_int_equal(ocr_identify(i.client, fd, &what, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    ocr_client_destroy(i.client);
    scratch_remove(&s);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_killed_worker_is_an_error_and_the_next_question_starts_another),
        cmocka_unit_test(a_worker_that_died_idle_is_not_missed),
        cmocka_unit_test(a_worker_that_says_nothing_is_given_up),
        cmocka_unit_test(a_killed_child_is_a_refusal_and_the_worker_goes_on),
        cmocka_unit_test(who_is_to_stop_waits_for_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
