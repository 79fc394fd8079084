/* Cage: what a caged child may not do kills it or fails, and the parent goes on. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cage.h"

#define MIB (1ull << 20)

static struct err e;

/* What became of a child. */
struct fate {
    enum cage_end end;
    int status;
    uint64_t rss_bytes_max;
};

static struct fate wait_for(struct cage *c)
{
    struct fate f = {0};

    while (cage_check(c, &f.end, &f.status) == 0) {
        struct pollfd p = {.fd = c->pidfd, .events = POLLIN};

        (void)poll(&p, 1, cage_left_ms(c));
    }
    assert_int_equal(c->pid, 0);
    f.rss_bytes_max = c->rss_bytes_max;
    return f;
}

static struct cage_spec computing(int (*run)(void *))
{
    return (struct cage_spec){
        .profile = CAGE_COMPUTE,
        .limits = {512 * MIB, 20, 20000, 0},
        .run = run,
    };
}

static struct fate fate_of_spec(const struct cage_spec *spec)
{
    struct cage c;

    assert_int_equal(cage_start(&c, spec, &e), 0);
    return wait_for(&c);
}

static struct fate fate_of(int (*run)(void *))
{
    const struct cage_spec spec = computing(run);

    return fate_of_spec(&spec);
}

/* A child says 77 when it got what it may not have. */
#define ESCAPED 77

/* Killed for asking, or told no; under the sanitizer some questions are told no. */
static void assert_kept_in(struct fate f)
{
    if (f.end == CAGE_FORBIDDEN)
        return;
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, 0);
}

static int answers(void *arg)
{
    (void)arg;
    return 42;
}

static void a_childs_answer_is_its_exit_status(void **state)
{
    struct fate f = fate_of(answers);

    (void)state;
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, 42);
    assert_in_range(f.rss_bytes_max, 64 * 1024, 400 * MIB);
}

static int opens_socket(void *arg)
{
    (void)arg;
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? ESCAPED : 0;
}

static int opens_file(void *arg)
{
    (void)arg;
    return open("/etc/passwd", O_RDONLY) >= 0 ? ESCAPED : 0;
}

static int makes_file(void *arg)
{
    (void)arg;
    return open("/tmp/tram-cage-escaped", O_CREAT | O_WRONLY, 0600) >= 0 ? ESCAPED : 0;
}

static int forks(void *arg)
{
    pid_t pid;

    (void)arg;
    pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0 ? ESCAPED : 0;
}

static int execs(void *arg)
{
    char *argv[] = {"/bin/true", NULL};

    (void)arg;
    (void)execv(argv[0], argv);
    return 0; /* and had it been run, true's 0 would be a lie: see the test */
}

static int signals_parent(void *arg)
{
    (void)arg;
    return kill(getppid(), 0) == 0 ? ESCAPED : 0;
}

static int makes_code(void *arg)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)arg;
    return p != MAP_FAILED ? ESCAPED : 0;
}

static int lifts_limit(void *arg)
{
    const struct {
        uint64_t soft, hard;
    } none = {UINT64_MAX, UINT64_MAX};

    (void)arg;
    return syscall(SYS_prlimit64, 0, 7, &none, NULL) == 0 ? ESCAPED : 0;
}

static int traces(void *arg)
{
    (void)arg;
    return syscall(SYS_ptrace, 0, 0, NULL, NULL) == 0 ? ESCAPED : 0;
}

static void whatever_reaches_out_is_kept_in(void **state)
{
    int (*const attempts[])(void *) = {opens_socket,   opens_file, makes_file,  forks,
                                       signals_parent, makes_code, lifts_limit, traces};

    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        assert_kept_in(fate_of(attempts[i]));
        assert_int_equal(fate_of(answers).status, 42); /* and we go on */
    }
    assert_int_equal(access("/tmp/tram-cage-escaped", F_OK), -1);
}

static void an_exec_is_forbidden(void **state)
{
    (void)state;
    assert_int_equal(fate_of(execs).end, CAGE_FORBIDDEN);
}

#ifndef __SANITIZE_ADDRESS__
static void opening_and_forking_kill(void **state)
{
    (void)state;
    assert_int_equal(fate_of(opens_socket).end, CAGE_FORBIDDEN);
    assert_int_equal(fate_of(opens_file).end, CAGE_FORBIDDEN);
    assert_int_equal(fate_of(forks).end, CAGE_FORBIDDEN);
}
#endif

static int takes_two_gigabytes(void *arg)
{
    size_t count = 2048 * MIB;
    char *p =
        mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)arg;
    if (p == MAP_FAILED)
        return CAGE_EXIT_MEMORY;
    for (size_t i = 0; i < count; i += 4096)
        p[i] = 1;
    return ESCAPED;
}

static void two_gigabytes_cannot_be_had(void **state)
{
    struct fate f;

    (void)state;
#ifdef __SANITIZE_ADDRESS__
    print_message("the sanitizer's shadow leaves no limit on address space\n");
    skip();
#endif
    f = fate_of(takes_two_gigabytes);
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, CAGE_EXIT_MEMORY);
}

static int aborts(void *arg)
{
    (void)arg;
    abort();
}

static int crashes(void *arg)
{
    volatile char *nowhere = NULL;

    (void)arg;
    (void)raise(SIGSEGV);
    return *nowhere;
}

static void a_crash_is_an_end_like_others(void **state)
{
    (void)state;
    assert_int_equal(fate_of(aborts).end, CAGE_CRASHED);
    assert_int_equal(fate_of(crashes).end, CAGE_CRASHED);
    assert_int_equal(fate_of(answers).status, 42);
}

static int spins(void *arg)
{
    (void)arg;
    for (volatile unsigned i = 0;; i++)
        ;
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void the_wall_clock_kills(void **state)
{
    struct cage_spec spec = computing(spins);
    int64_t start = now_ms();

    (void)state;
    spec.limits.wall_ms_max = 100;
    assert_int_equal(fate_of_spec(&spec).end, CAGE_TIMED_OUT);
    assert_in_range(now_ms() - start, 100, 10000);
}

static void too_much_processor_time_is_a_time_out(void **state)
{
    struct cage_spec spec = computing(spins);

    (void)state;
    spec.limits.cpu_s_max = 1;
    assert_int_equal(fate_of_spec(&spec).end, CAGE_TIMED_OUT);
}

/* Reads the document (3), writes the answer (4), has nothing else. */
static int copies(void *arg)
{
    char text[64];
    ssize_t n = pread(3, text, sizeof text, 0);

    (void)arg;
    if (n <= 0 || write(4, text, (size_t)n) != n)
        return 1;
    for (int fd = 5; fd < 100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return ESCAPED;
    return read(0, text, 1) == 0 ? 0 : 2; /* 0 is /dev/null */
}

static void only_the_descriptors_given_are_there(void **state)
{
    int document = memfd_create("document", MFD_CLOEXEC), answer[2];
    struct cage_spec spec = computing(copies);
    struct fate f;
    char text[64] = "";

    (void)state;
    assert_int_equal(write(document, "Quyết định", 15), 15);
    assert_int_equal(pipe(answer), 0);
    spec.fds[0] = document;
    spec.fds[1] = answer[1];
    spec.fds_count = 2;
    f = fate_of_spec(&spec);
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, 0);
    assert_int_equal(read(answer[0], text, sizeof text), 15);
    assert_string_equal(text, "Quyết định");
    (void)close(document);
    (void)close(answer[0]);
    (void)close(answer[1]);
}

static int fills_file(void *arg)
{
    static char chunk[65536];

    (void)arg;
    for (int i = 0; i < 64; i++)
        if (write(3, chunk, sizeof chunk) < 0)
            return 1;
    return ESCAPED;
}

static void a_file_grows_to_its_limit_and_no_further(void **state)
{
    int file = memfd_create("file", MFD_CLOEXEC);
    struct cage_spec spec = computing(fills_file);
    struct fate f;

    (void)state;
    spec.limits.file_bytes_max = 1 << 20;
    spec.fds[0] = file;
    spec.fds_count = 1;
    f = fate_of_spec(&spec);
#ifdef __SANITIZE_ADDRESS__
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, 1); /* told, not killed: see the next test */
#else
    assert_int_equal(f.end, CAGE_CRASHED);
    assert_int_equal(f.status, SIGXFSZ);
#endif
    assert_in_range(lseek(file, 0, SEEK_END), 0, 1 << 20);
    (void)close(file);
}

static int remarks(void *arg)
{
    static const char remark[] = "Detected 7 diacritics";

    (void)arg;
    (void)!write(STDERR_FILENO, remark, sizeof remark); /* nobody need hear it */
    return 42;
}

/* Under the sanitizer descriptor 2 stays what it was: here, a file. */
static void a_librarys_remark_into_a_file_kills_nobody(void **state)
{
    struct cage_spec spec = computing(remarks);
    int file = memfd_create("file", MFD_CLOEXEC), before = dup(STDERR_FILENO);
    struct fate f;

    (void)state;
    assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
    f = fate_of_spec(&spec);
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, 42);
    assert_int_equal(lseek(file, 0, SEEK_END), 0);
    (void)close(before);
    (void)close(file);
}

static int waits(void *arg)
{
    char byte;

    (void)arg;
    return write(4, "!", 1) == 1 && read(3, &byte, 1) == 0 ? 0 : 1;
}

static void a_child_is_taken_first_when_memory_is_out(void **state)
{
    struct cage_spec spec = computing(waits);
    int in[2], out[2], fd;
    char path[64], score[16] = "", byte;
    struct cage c;

    (void)state;
    assert_int_equal(pipe(in) + pipe(out), 0);
    spec.fds[0] = in[0];
    spec.fds[1] = out[1];
    spec.fds_count = 2;
    assert_int_equal(cage_start(&c, &spec, &e), 0);
    assert_int_equal(read(out[0], &byte, 1), 1); /* it is in its cage */
    (void)snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)c.pid);
    fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_true(read(fd, score, sizeof score - 1) > 0);
    assert_string_equal(score, "1000\n");
    for (int i = 0; i < 2; i++)
        (void)(close(in[i]) + close(out[i]));
    (void)close(fd);
    assert_int_equal(wait_for(&c).status, 0);
}

static int is_somebody_else(void *arg)
{
    (void)arg;
    return getuid() != 0 && geteuid() != 0 && getgid() != 0 ? 0 : ESCAPED;
}

static void root_becomes_somebody_else(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("we are not root, and stay who we are\n");
        skip();
    }
    assert_int_equal(fate_of(is_somebody_else).status, 0);
}

static void uncaged_it_may_open_files_and_still_has_limits(void **state)
{
    struct cage_spec spec = computing(opens_file);

    (void)state;
    spec.uncaged = true;
    assert_int_equal(fate_of_spec(&spec).status, ESCAPED);
    spec = computing(spins);
    spec.uncaged = true;
    spec.limits.wall_ms_max = 50;
    assert_int_equal(fate_of_spec(&spec).end, CAGE_TIMED_OUT);
}

static void a_kill_leaves_nobody(void **state)
{
    const struct cage_spec spec = computing(spins);
    struct cage c, none = {0};
    pid_t pid;

    (void)state;
    assert_int_equal(cage_start(&c, &spec, &e), 0);
    pid = c.pid;
    cage_kill(&c);
    assert_int_equal(c.pid, 0);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
    cage_kill(&c);
    cage_kill(&none);
}

/* The parent that dies tells the grandchild's number first. */
static void a_child_dies_with_its_parent(void **state)
{
    struct cage_spec spec = computing(spins);
    int ends[2];
    char byte;
    pid_t parent;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    spec.fds[0] = ends[1];
    spec.fds_count = 1;
    parent = fork();
    if (parent == 0) {
        struct cage c;

        _exit(cage_start(&c, &spec, &e) == 0 ? 0 : 1);
    }
    (void)close(ends[1]);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    /* The pipe ends when the last holder of its other end is gone. */
    assert_int_equal(read(ends[0], &byte, 1), 0);
    (void)close(ends[0]);
}

/* --- programs ------------------------------------------------------------ */

static struct fate fate_of_program(const char *const *argv, int in, int out,
                                   uint64_t file_bytes_max)
{
    const struct cage_spec spec = {
        .profile = CAGE_PROGRAM,
        .limits = {512 * MIB, 20, 20000, file_bytes_max},
        .fds = {in, out},
        .fds_count = 2,
        .argv = argv,
    };

    return fate_of_spec(&spec);
}

static int memory_file(const char *text)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void expect_file(int fd, const char *expected)
{
    char text[256] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    assert_int_equal(n, (ssize_t)strlen(expected));
    assert_string_equal(text, expected);
}

static void a_program_reads_its_input_and_writes_its_output(void **state)
{
    const char *const argv[] = {"/usr/bin/cat", NULL};
    int in = memory_file("một trang"), out = memory_file("");
    struct fate f = fate_of_program(argv, in, out, MIB);

    (void)state;
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, 0);
    expect_file(out, "một trang");
    (void)close(in);
    (void)close(out);
}

static void a_program_that_is_not_there_says_so(void **state)
{
    const char *const argv[] = {"/usr/bin/there-is-no-such-program", NULL};
    int in = memory_file(""), out = memory_file("");
    struct fate f = fate_of_program(argv, in, out, MIB);

    (void)state;
    assert_int_equal(f.end, CAGE_ENDED);
    assert_int_equal(f.status, CAGE_EXIT_EXEC);
    (void)close(in);
    (void)close(out);
}

static void a_program_cannot_run_another_or_write_a_file(void **state)
{
    static const char *const scripts[] = {
        "/usr/bin/cat /usr/bin/true",      /* forks */
        "exec /usr/bin/echo escaped",      /* execs again */
        "echo escaped >/tmp/tram-escaped", /* makes a file */
        "echo escaped >/dev/tcp/::1/9",    /* opens a socket, in bash */
    };

    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        const char *const argv[] = {"/usr/bin/bash", "--norc", "-c", scripts[i], NULL};
        int in = memory_file(""), out = memory_file("");
        struct fate f = fate_of_program(argv, in, out, MIB);

        assert_false(f.end == CAGE_ENDED && f.status == 0);
        expect_file(out, "");
        assert_int_equal(access("/tmp/tram-escaped", F_OK), -1);
        (void)close(in);
        (void)close(out);
    }
}

static bool landlock_is_there(void)
{
    char report[128];

    cage_report(report, sizeof report);
    return strstr(report, "landlock=absent") == NULL;
}

static void a_program_reads_only_what_is_the_systems(void **state)
{
    char path[] = "/tmp/tram-cage-XXXXXX";
    const char *const argv[] = {"/usr/bin/cat", path, NULL};
    int secret, in = memory_file(""), out = memory_file("");
    struct fate f;

    (void)state;
    if (!landlock_is_there()) {
        print_message("no Landlock here: a program reads what its user may\n");
        skip();
    }
    secret = mkstemp(path);
    assert_true(secret >= 0);
    assert_int_equal(fchmod(secret, 0644), 0);
    assert_int_equal(write(secret, "secret", 6), 6);
    f = fate_of_program(argv, in, out, MIB);
    assert_int_equal(unlink(path), 0);
    assert_false(f.end == CAGE_ENDED && f.status == 0);
    expect_file(out, "");
    (void)close(secret);
    (void)close(in);
    (void)close(out);
}

static void a_programs_output_has_a_limit(void **state)
{
    const char *const argv[] = {"/usr/bin/cat", "/usr/bin/bash", NULL};
    int in = memory_file(""), out = memory_file("");
    struct fate f = fate_of_program(argv, in, out, 65536);

    (void)state;
    assert_false(f.end == CAGE_ENDED && f.status == 0);
    assert_in_range(lseek(out, 0, SEEK_END), 0, 65536);
    (void)close(in);
    (void)close(out);
}

static void the_report_says_what_the_cage_is_made_of(void **state)
{
    char report[128];

    (void)state;
    cage_report(report, sizeof report);
    print_message("%s\n", report);
    assert_non_null(strstr(report, "seccomp user"));
    assert_non_null(strstr(report, "landlock="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_childs_answer_is_its_exit_status),
        cmocka_unit_test(whatever_reaches_out_is_kept_in),
        cmocka_unit_test(an_exec_is_forbidden),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(opening_and_forking_kill),
#endif
        cmocka_unit_test(two_gigabytes_cannot_be_had),
        cmocka_unit_test(a_crash_is_an_end_like_others),
        cmocka_unit_test(the_wall_clock_kills),
        cmocka_unit_test(too_much_processor_time_is_a_time_out),
        cmocka_unit_test(only_the_descriptors_given_are_there),
        cmocka_unit_test(a_file_grows_to_its_limit_and_no_further),
        cmocka_unit_test(a_librarys_remark_into_a_file_kills_nobody),
        cmocka_unit_test(a_child_is_taken_first_when_memory_is_out),
        cmocka_unit_test(root_becomes_somebody_else),
        cmocka_unit_test(uncaged_it_may_open_files_and_still_has_limits),
        cmocka_unit_test(a_kill_leaves_nobody),
        cmocka_unit_test(a_child_dies_with_its_parent),
        cmocka_unit_test(a_program_reads_its_input_and_writes_its_output),
        cmocka_unit_test(a_program_that_is_not_there_says_so),
        cmocka_unit_test(a_program_cannot_run_another_or_write_a_file),
        cmocka_unit_test(a_program_reads_only_what_is_the_systems),
        cmocka_unit_test(a_programs_output_has_a_limit),
        cmocka_unit_test(the_report_says_what_the_cage_is_made_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
