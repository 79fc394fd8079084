#include "tests/lib/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/build.h"

#define WORDS_MAX    64
#define RUN_S_MAX    400 /* it hangs; a busy machine reads twenty pages in four minutes */
#define OUTPUT_BYTES (64u << 20)

/* ------------------------------------------------------------------- bench */

void bench_create(struct bench *b)
{
    (void)snprintf(b->dir, sizeof b->dir, "/tmp/tram-bench-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    (void)snprintf(b->data, sizeof b->data, "%s/data", b->dir);
}

void bench_make_box(struct bench *b)
{
    struct ran r;

    run(b, &r, "tram-box", "init", "--demo", "--name", "Xã Thử", NULL);
    if (r.status != 0)
        fail_msg("init: %s", (const char *)r.err.bytes);
    ran_release(&r);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *f)
{
    (void)s;
    (void)kind;
    (void)f;
    return remove(path);
}

void bench_destroy(struct bench *b)
{
    (void)nftw(b->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool bench_has(const struct bench *b, const char *pattern)
{
    glob_t found;
    bool has = glob(bench_path(b, pattern), 0, NULL, &found) == 0;

    if (has)
        globfree(&found);
    return has;
}

const char *bench_path(const struct bench *b, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", b->dir, name);
    return path;
}

void bench_write(const struct bench *b, const char *name, const void *bytes, size_t count)
{
    FILE *f = fopen(bench_path(b, name), "wb");

    assert_non_null(f);
    if (count > 0) /* of nothing, there may be no address */
        assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
}

const char *bench_sample(const char *name)
{
    static char paths[4][4200], samples[4096];
    static unsigned next;
    char *path = paths[next++ % 4];

    if (samples[0] == '\0' && realpath("tests/pages/samples", samples) == NULL)
        fail_msg("run it at the root of the tree");
    (void)snprintf(path, sizeof paths[0], "%s/%s", samples, name);
    return path;
}

int64_t bench_take(struct bench *b, const char *path)
{
    struct ran r;
    json_t *j;
    int64_t document;

    run(b, &r, "tram-box", "--json", "intake", path, NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    document = json_number_of(j, "document");
    json_decref(j);
    ran_release(&r);
    return document;
}

/* ---------------------------------------------------------------- programs */

void ran_release(struct ran *r)
{
    buffer_release(&r->out);
    buffer_release(&r->err);
}

static void program_path(char *out, size_t out_bytes, const char *program)
{
    if (program[0] == '/')
        (void)snprintf(out, out_bytes, "%s", program);
    else
        (void)snprintf(out, out_bytes, "%s/%s", build_dir(), program);
}

/* In the child. */
static void become(struct bench *b, const char *path, char **argv, int out_fd, int err_fd)
{
    int nothing = open("/dev/null", O_RDONLY);

    /* A shell starts what runs in the background with Ctrl-C ignored; a clerk's does not. */
    (void)signal(SIGINT, SIG_DFL);
    (void)setenv("TRAM_DATA", b->data, 1);
    (void)setenv("TRAM_LANG", "en", 1);
    if (dup2(nothing, 0) < 0 || dup2(out_fd, 1) < 0 || dup2(err_fd, 2) < 0 ||
        chdir(b->dir) != 0)
        _exit(126);
    (void)execv(path, argv);
    _exit(127);
}

/* *out_fd is the reading end of its output; err_fd what it has as standard error. */
static pid_t start(struct bench *b, char **argv, int *out_fd, int err_fd)
{
    char path[512], real[4096];
    int out[2];
    pid_t pid;

    program_path(path, sizeof path, argv[0]);
    if (realpath(path, real) == NULL)
        fail_msg("%s is not there", path);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        become(b, real, argv, out[1], err_fd);
    (void)close(out[1]);
    *out_fd = out[0];
    return pid;
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void drain(pid_t pid, int out_fd, int err_fd, struct ran *r)
{
    struct pollfd p[2] = {{out_fd, POLLIN, 0}, {err_fd, POLLIN, 0}};
    struct buffer *to[2] = {&r->out, &r->err};
    int64_t until = now_ms() + RUN_S_MAX * 1000;
    char chunk[65536];

    while (p[0].fd >= 0 || p[1].fd >= 0) {
        if (now_ms() > until) {
            (void)kill(pid, SIGKILL);
            fail_msg("it did not end within %d s", RUN_S_MAX);
        }
        (void)poll(p, 2, 1000);
        for (int i = 0; i < 2; i++) {
            ssize_t n;

            if (p[i].fd < 0 || p[i].revents == 0)
                continue;
            n = read(p[i].fd, chunk, sizeof chunk);
            if (n > 0)
                buffer_append(to[i], chunk, (size_t)n);
            else
                p[i].fd = -1;
        }
    }
}

/* `usage` is of the process and all of its that were waited for. */
static int end_status(pid_t pid, struct rusage *usage)
{
    int status;

    while (wait4(pid, &status, 0, usage) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define COLLECT(words, first)                                                            \
    do {                                                                                 \
        va_list args;                                                                    \
        size_t count = 0;                                                                \
        (words)[count++] = (char *)(uintptr_t)(first);                                   \
        va_start(args, first);                                                           \
        do {                                                                             \
            assert_true(count < WORDS_MAX);                                              \
            (words)[count] = va_arg(args, char *);                                       \
        } while ((words)[count++] != NULL);                                              \
        va_end(args);                                                                    \
    } while (0)

void run(struct bench *b, struct ran *out, const char *program, ...)
{
    char *argv[WORDS_MAX];
    int out_fd, err[2];
    struct rusage usage;
    pid_t pid;

    COLLECT(argv, program);
    buffer_init(&out->out, OUTPUT_BYTES);
    buffer_init(&out->err, OUTPUT_BYTES);
    buffer_append_text(&out->out, ""); /* never NULL */
    buffer_append_text(&out->err, "");
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    pid = start(b, argv, &out_fd, err[1]);
    (void)close(err[1]);
    drain(pid, out_fd, err[0], out);
    (void)close(out_fd);
    (void)close(err[0]);
    out->status = end_status(pid, &usage);
    out->resident_kb_max = usage.ru_maxrss;
}

void run_begin(struct bench *b, struct running *out, const char *program, ...)
{
    char *argv[WORDS_MAX];

    COLLECT(argv, program);
    /* A pipe, not our own standard error: that may be a file, and a page's reader may
     * write to none. */
    *out = (struct running){.err = popen("exec cat >&2", "we")};
    assert_non_null(out->err);
    out->pid = start(b, argv, &out->out_fd, fileno(out->err));
}

void serve_begin(struct bench *b, struct running *out)
{
    char line[512] = "";
    size_t used = 0;
    char *at;

    run_begin(b, out, "tram-box", "serve", "--listen", "127.0.0.1:0", NULL);
    while (strchr(line, '\n') == NULL && used < sizeof line - 1) {
        struct pollfd p = {out->out_fd, POLLIN, 0};
        ssize_t n;

        if (poll(&p, 1, 30000) != 1)
            fail_msg("serve did not get ready");
        n = read(out->out_fd, line + used, sizeof line - 1 - used);
        if (n <= 0)
            fail_msg("serve ended: %s", line);
        used += (size_t)n;
        line[used] = '\0';
    }
    at = strstr(line, "http://127.0.0.1:");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "%63s", out->address), 1);
    out->port = (uint16_t)atoi(at + strlen("http://127.0.0.1:"));
}

static char authorization[128];

void serve_let_in(struct bench *b)
{
    const char *token;
    struct ran r;
    json_t *j;

    run(b, &r, "tram-box", "--json", "accounts", "token", "test", "import", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    token = json_text_of(j, "token");
    (void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %s\r\n",
                   token == NULL ? "" : token);
    json_decref(j);
    ran_release(&r);
}

const char *http_authorization(void)
{
    return authorization;
}

int running_end(struct running *r, int signal)
{
    int status;

    if (signal != 0)
        (void)kill(r->pid, signal);
    (void)close(r->out_fd);
    status = end_status(r->pid, NULL);
    (void)pclose(r->err); /* all of it has been passed on */
    return status;
}

/* -------------------------------------------------------------------- JSON */

static size_t count_lines(const struct buffer *b)
{
    size_t count = 0;

    for (size_t i = 0; i < b->count; i++)
        count += b->bytes[i] == '\n';
    return count;
}

size_t ran_lines(const struct ran *r)
{
    return count_lines(&r->out);
}

size_t ran_err_lines(const struct ran *r)
{
    return count_lines(&r->err);
}

json_t *ran_json(const struct ran *r, size_t line)
{
    const char *at = (const char *)r->out.bytes;
    json_error_t why;
    json_t *j;

    while (line-- > 0) {
        at = strchr(at, '\n');
        assert_non_null(at);
        at++;
    }
    j = json_loadb(at, strcspn(at, "\n"), 0, &why);
    if (j == NULL)
        fail_msg("no JSON: %s: %.200s", why.text, at);
    return j;
}

const char *json_text_of(const json_t *j, const char *member)
{
    const char *text = json_string_value(json_object_get(j, member));

    if (text == NULL)
        fail_msg("%s is no text", member);
    return text;
}

int64_t json_number_of(const json_t *j, const char *member)
{
    const json_t *n = json_object_get(j, member);

    if (!json_is_integer(n))
        fail_msg("%s is no number", member);
    return json_integer_value(n);
}

/* -------------------------------------------------------------------- HTTP */

int http_exchange(uint16_t port, const char *request, size_t request_bytes,
                  struct buffer *out)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = RUN_S_MAX};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct err e;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    while (request_bytes > 0) {
        ssize_t n = send(fd, request, request_bytes, MSG_NOSIGNAL);

        if (n <= 0)
            break; /* answered before it was all sent */
        request += n;
        request_bytes -= (size_t)n;
    }
    buffer_clear(out);
    (void)buffer_read_fd(out, fd, &e); /* a reset after the answer is fine */
    (void)close(fd);
    if (out->count < 12)
        return 0;
    return atoi((const char *)out->bytes + strlen("HTTP/1.1 "));
}

int http_get(uint16_t port, const char *path, struct buffer *out, const char **body)
{
    char request[1024];
    int status;

    (void)snprintf(request, sizeof request,
                   "GET %s HTTP/1.1\r\nHost: localhost:%u\r\n%sConnection: close\r\n\r\n",
                   path, port, authorization);
    status = http_exchange(port, request, strlen(request), out);
    *body = out->count == 0 ? NULL : strstr((const char *)out->bytes, "\r\n\r\n");
    assert_non_null(*body);
    *body += 4;
    return status;
}
