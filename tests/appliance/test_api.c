/* The desk's API and the web room under it, asked by raw requests of a serving box. */
#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/web/http_listen.h"
#include "tests/lib/program.h"

#define RSS_KB_MAX  40960
#define WAIT_MS_MAX 180000 /* reading gives way to whatever else runs here */

static struct bench b;
static struct running serve;
static struct buffer answer;

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    serve_begin(&b, &serve);
    serve_let_in(&b);
    buffer_init(&answer, 64u << 20);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buffer_release(&answer);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
    bench_destroy(&b);
    return 0;
}

/* ------------------------------------------------------------------- asking */

/* The request's head is given; our token, its body and the blank line are added. */
static int ask(const char *head, const void *body, size_t body_bytes)
{
    struct buffer request;
    int status;

    buffer_init(&request, 64u << 20);
    buffer_append_text(&request, head);
    buffer_append_text(&request, http_authorization());
    buffer_append_text(&request, "Connection: close\r\n\r\n");
    buffer_append(&request, body, body_bytes);
    status =
        http_exchange(serve.port, (const char *)request.bytes, request.count, &answer);
    buffer_release(&request);
    return status;
}

static json_t *get(const char *path)
{
    const char *body;
    json_error_t why;
    json_t *j;

    if (http_get(serve.port, path, &answer, &body) != 200)
        fail_msg("%s: %s", path, (const char *)answer.bytes);
    j = json_loads(body, 0, &why);
    assert_non_null(j);
    return j;
}

static int64_t status_number(const char *member)
{
    json_t *j = get("/api/v1/status");
    int64_t n = json_number_of(j, member);

    json_decref(j);
    return n;
}

static void read_sample(const char *name, struct buffer *out)
{
    char path[256];
    struct err e;

    (void)snprintf(path, sizeof path, "tests/pages/samples/%s", name);
    buffer_init(out, 16u << 20);
    if (disk_read_all(disk_system(), path, out, &e) != 0)
        fail_msg("%s", e.text);
}

/* Sends a sample as this file; the answer's first result. */
static json_t *send_sample(const char *sample, const char *as)
{
    struct buffer bytes;
    char head[512];
    const char *body;
    json_t *all, *first;

    read_sample(sample, &bytes);
    (void)snprintf(head, sizeof head,
                   "POST /api/v1/intake?name=%s HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Length: %zu\r\n",
                   as, bytes.count);
    assert_int_equal(ask(head, bytes.bytes, bytes.count), 200);
    buffer_release(&bytes);
    body = strstr((const char *)answer.bytes, "\r\n\r\n");
    all = json_loads(body + 4, 0, NULL);
    first = json_incref(json_array_get(all, 0));
    assert_non_null(first);
    json_decref(all);
    return first;
}

static void wait_until_read(int64_t documents)
{
    const struct timespec pause = {.tv_nsec = 50000000};

    for (int waited_ms = 0; status_number("read") < documents; waited_ms += 50) {
        assert_true(waited_ms < WAIT_MS_MAX);
        (void)nanosleep(&pause, NULL);
    }
}

/* ------------------------------------------------------------------ the room */

static void only_hosts_that_are_us_are_answered(void **state)
{
    static const struct {
        const char *host;
        bool closed, open; /* allowed, with other machines kept out or let in */
    } hosts[] = {
        {"127.0.0.1:8420", true, true},
        {"localhost:8420", true, true},
        {"LOCALHOST", true, true},
        {"[::1]:8420", true, true},
        {"192.168.1.7:8420", false, true},
        {"[fe80::1]", false, true},
        {"evil.example", false, false},
        {"localhost.evil.example", false, false},
        {"127.0.0.1.evil.example", false, false},
        {"localhost.", false, false},
        {"", false, false},
        {":8420", false, false},
        {"[::1", false, false},
        {"[]:80", false, false},
        {"localhost@evil.example", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        if (http_host_allowed(hosts[i].host, "127.0.0.1:8420", false) != hosts[i].closed)
            fail_msg("closed: %s", hosts[i].host);
        if (http_host_allowed(hosts[i].host, "127.0.0.1:8420", true) != hosts[i].open)
            fail_msg("open: %s", hosts[i].host);
    }
    assert_false(http_host_allowed(NULL, "127.0.0.1:8420", true));
    assert_true(http_host_allowed("10.1.2.3", "10.1.2.3:8420", false));
}

static void other_machines_are_let_in_only_when_asked_for(void **state)
{
    static const char *const nonsense[] = {
        "",        "8420",           "127.0.0.1", "host.example:80", "127.0.0.1:http",
        "[::1:80", "127.0.0.1:99999"};
    char address[HTTP_HOST_BYTES];
    struct err e;
    int fd;

    (void)state;
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        assert_int_equal(http_listen(nonsense[i], true, &fd, address, &e), -1);
        assert_int_equal(e.code, ERR_USAGE);
    }
    assert_int_equal(http_listen("0.0.0.0:0", false, &fd, address, &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
    assert_int_equal(http_listen("0.0.0.0:0", true, &fd, address, &e), 0);
    (void)close(fd);
    assert_int_equal(http_listen("localhost:0", false, &fd, address, &e), 0);
    assert_int_equal(strncmp(address, "127.0.0.1:", 10), 0);
    (void)close(fd);
}

static void requests_that_make_no_sense_are_refused_and_the_next_is_answered(void **state)
{
    static const struct {
        const char *head;
        int status; /* 0: hung up on, or any refusal */
    } requests[] = {
        {"GET / HTTP/1.1\r\n", 400}, /* without a Host */
        {"GET / HTTP/1.1\r\nHost: evil.example\r\n", 421},
        {"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n", 404},
        {"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n", 404},
        {"GET /api/v1/documents/ HTTP/1.1\r\nHost: localhost\r\n", 404},
        {"GET /api/v1/documents/abc HTTP/1.1\r\nHost: localhost\r\n", 400},
        {"GET /api/v1/documents/7 HTTP/1.1\r\nHost: localhost\r\n", 404},
        {"GET /api/v1/pages/99999999999999999999/text HTTP/1.1\r\nHost: localhost\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", 405},
        {"DELETE /api/v1/status HTTP/1.1\r\nHost: localhost\r\n", 405},
        {"POST /api/v1/intake HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", 400},
        {"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n", 413},
        {"POST /api/v1/intake?name=a HTTP/1.1\r\nHost: localhost\r\n"
         "Content-Length: 99999999999\r\n",
         413},
        {"POST /api/v1/intake?name=a HTTP/1.1\r\nHost: localhost\r\n"
         "Content-Length: -5\r\n",
         0},
        {"POST /api/v1/intake?name=a HTTP/1.1\r\nHost: localhost\r\n"
         "Origin: http://evil.example\r\nContent-Length: 0\r\n",
         403},
        {"POST /api/v1/intake?name=a HTTP/1.1\r\nHost: localhost\r\n"
         "Origin: null\r\nContent-Length: 0\r\n",
         403},
        {"POST /api/v1/intake?name=a HTTP/1.1\r\nHost: localhost\r\n"
         "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
         400},
        {"GET /api/v1/search?q=a&limit=abc HTTP/1.1\r\nHost: localhost\r\n", 400},
        {"\x16\x03\x01\x02 TLS?\r\n", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        int status = ask(requests[i].head, "", 0);

        if (requests[i].status != 0 ? status != requests[i].status : status == 200)
            fail_msg("%d, not %d: %s", status, requests[i].status, requests[i].head);
    }
    assert_int_equal(status_number("kept"), 0);
}

static void a_refusal_is_a_sentence_in_both_languages(void **state)
{
    const char *body;
    json_t *j, *e;

    (void)state;
    assert_int_equal(http_get(serve.port, "/api/v1/documents/7", &answer, &body), 404);
    j = json_loads(body, 0, NULL);
    e = json_object_get(j, "error");
    assert_string_equal(json_text_of(e, "code"), "not_found");
    assert_true(strlen(json_text_of(e, "vi")) > 10);
    assert_true(strlen(json_text_of(e, "en")) > 10);
    json_decref(j);
    assert_int_equal(http_get(serve.port, "/nowhere", &answer, &body), 404);
    j = json_loads(body, 0, NULL); /* not a route's own answer */
    e = json_object_get(j, "error");
    assert_string_equal(json_text_of(e, "code"), "unknown");
    assert_true(strlen(json_text_of(e, "vi")) > 10);
    assert_true(strlen(json_text_of(e, "en")) > 10);
    json_decref(j);
}

/* --------------------------------------------------------------------- files */

static void a_file_that_is_sent_is_kept_read_and_found(void **state)
{
    json_t *taken, *j, *hit;
    long long page;
    char path[96];
    const char *body;

    (void)state;
    taken = send_sample("quyet-dinh-01.png", "Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.png");
    assert_string_equal(json_text_of(taken, "state"), "kept");
    assert_string_equal(json_text_of(taken, "file"), "Quyết định.png");
    wait_until_read(1);

    j = get("/api/v1/search?q=quyet%20dinh");
    hit = json_array_get(json_object_get(j, "hits"), 0);
    assert_int_equal(json_number_of(hit, "document"), json_number_of(taken, "document"));
    assert_string_equal(json_text_of(hit, "name"), "Quyết định.png");
    assert_true(json_array_size(json_object_get(hit, "snippet")) >= 2);
    page = json_number_of(hit, "page");
    (void)snprintf(path, sizeof path, "/api/v1/pages/%lld/text", page);
    json_decref(j);
    assert_int_equal(http_get(serve.port, path, &answer, &body), 200);
    assert_non_null(strstr(body, "QUYẾT ĐỊNH"));

    (void)snprintf(path, sizeof path, "/api/v1/pages/%lld/suspects", page);
    j = get(path);
    assert_int_equal(json_number_of(j, "page"), page);
    assert_true(json_number_of(j, "reading") > 0);
    assert_non_null(strstr(json_text_of(j, "text"), "QUYẾT ĐỊNH"));
    assert_true(json_is_array(json_object_get(j, "suspects")));
    json_decref(j);
    assert_int_equal(http_get(serve.port, "/api/v1/pages/1/suspects", &answer, &body),
                     404);

    (void)snprintf(path, sizeof path, "/api/v1/documents/%lld",
                   (long long)json_number_of(taken, "document"));
    j = get(path);
    assert_string_equal(
        json_text_of(json_array_get(json_object_get(j, "pages"), 0), "state"), "read");
    json_decref(j);
    json_decref(taken);
}

static void a_name_with_a_path_in_it_is_a_name(void **state)
{
    json_t *taken = send_sample("giay-khai-sinh.png", "..%2F..%2Fetc%2Fgiay.png");

    (void)state;
    assert_string_equal(json_text_of(taken, "file"), "giay.png");
    json_decref(taken);
}

static void a_body_in_chunks_is_taken_as_it_comes(void **state)
{
    struct buffer bytes, body;

    (void)state;
    read_sample("to-trinh-lech.jpg", &bytes);
    buffer_init(&body, 64u << 20);
    for (size_t at = 0; at < bytes.count; at += 1000) {
        size_t n = bytes.count - at < 1000 ? bytes.count - at : 1000;

        buffer_append_format(&body, "%zx\r\n", n);
        buffer_append(&body, bytes.bytes + at, n);
        buffer_append_text(&body, "\r\n");
    }
    buffer_append_text(&body, "0\r\n\r\n");
    assert_int_equal(ask("POST /api/v1/intake?name=a.jpg HTTP/1.1\r\nHost: localhost\r\n"
                         "Transfer-Encoding: chunked\r\n",
                         body.bytes, body.count),
                     200);
    assert_int_equal(status_number("kept"), 1);
    buffer_release(&bytes);
    buffer_release(&body);
}

static size_t files_in(const char *name)
{
    DIR *d = opendir(bench_path(&b, name));
    size_t count = 0;

    assert_non_null(d);
    for (struct dirent *f; (f = readdir(d)) != NULL;)
        count += f->d_name[0] != '.';
    (void)closedir(d);
    return count;
}

/* A connection with a file's beginning on it. */
static int begin_sending(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(serve.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char head[512];
    int count =
        snprintf(head, sizeof head,
                 "POST /api/v1/intake?name=half.jpg HTTP/1.1\r\nHost: localhost\r\n"
                 "%sContent-Length: 50000\r\n\r\nhalf of it",
                 http_authorization());

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, head, (size_t)count, MSG_NOSIGNAL), count);
    return fd;
}

static void a_sender_that_goes_away_in_the_middle_leaves_nothing(void **state)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    int fd = begin_sending();

    (void)state;
    for (int waited_ms = 0; files_in("data/blobs/tmp") == 0; waited_ms += 20) {
        assert_true(waited_ms < WAIT_MS_MAX);
        (void)nanosleep(&pause, NULL);
    }
    (void)close(fd);
    for (int waited_ms = 0; files_in("data/blobs/tmp") > 0; waited_ms += 20) {
        assert_true(waited_ms < WAIT_MS_MAX);
        (void)nanosleep(&pause, NULL);
    }
    assert_int_equal(status_number("kept"), 0);
}

struct sender {
    pthread_t thread;
    const char *sample;
    int status;
};

static void *send_alone(void *arg)
{
    struct sender *s = arg;
    struct buffer bytes, request, reply;

    read_sample(s->sample, &bytes);
    buffer_init(&request, 64u << 20);
    buffer_init(&reply, 1u << 20);
    buffer_append_format(&request,
                         "POST /api/v1/intake?name=%s HTTP/1.1\r\nHost: localhost\r\n"
                         "%sConnection: close\r\nContent-Length: %zu\r\n\r\n",
                         s->sample, http_authorization(), bytes.count);
    buffer_append(&request, bytes.bytes, bytes.count);
    s->status =
        http_exchange(serve.port, (const char *)request.bytes, request.count, &reply);
    buffer_release(&reply);
    buffer_release(&request);
    buffer_release(&bytes);
    return NULL;
}

/* Among them one file three times: it is kept once. */
static void many_senders_at_once_are_all_served(void **state)
{
    static struct sender senders[] = {
        /* static: they outlive a failing test */
        {.sample = "quyet-dinh-01.png"},   {.sample = "giay-khai-sinh.png"},
        {.sample = "to-trinh-lech.jpg"},   {.sample = "quyet-dinh-01.png"},
        {.sample = "danh-sach-01.png"},    {.sample = "quyet-dinh-01.png"},
        {.sample = "cong-van-dau-do.jpg"}, {.sample = "hai-trang.zip"},
    };
    const size_t count = sizeof senders / sizeof *senders;
    struct ran r;

    (void)state;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            pthread_create(&senders[i].thread, NULL, send_alone, &senders[i]), 0);
    for (int i = 0; i < 20; i++) /* and somebody looks on */
        json_decref(get("/api/v1/search?q=uy%20ban"));
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(senders[i].thread, NULL);
    for (size_t i = 0; i < count; i++)
        if (senders[i].status != 200)
            fail_msg("%s: %d", senders[i].sample, senders[i].status);
    assert_int_equal(status_number("kept"), 7);
    wait_until_read(7);
    run(&b, &r, "tram-box", "verify", NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
}

/* Each holds what a file on its way in needs, and sends no more. */
static void senders_who_take_their_time_keep_nobody_from_asking(void **state)
{
    static const char *const words[][2] = {
        {"search", "uy ban"}, {"status", NULL}, {"verify", NULL}, {"read", NULL}};
    const struct timespec pause = {.tv_nsec = 20000000};
    int fds[8];

    (void)state;
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        fds[i] = begin_sending();
    for (int waited_ms = 0; files_in("data/blobs/tmp") < 4; waited_ms += 20) {
        assert_true(waited_ms < WAIT_MS_MAX);
        (void)nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ran r;

        run(&b, &r, "tram-box", words[i][0], words[i][1], NULL);
        assert_int_equal(r.status, 0);
        ran_release(&r);
    }
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        (void)close(fds[i]);
}

/* -------------------------------------------------------------------- memory */

#if !defined(__SANITIZE_ADDRESS__)
static long resident_kb(void)
{
    char path[64], line[256];
    long kb = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)serve.pid);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    (void)fclose(f);
    return kb;
}

static void an_idle_box_is_small_also_after_work(void **state)
{
    (void)state;
    json_decref(send_sample("quyet-dinh-01.png", "a.png"));
    wait_until_read(1);
    for (int i = 0; i < 50; i++)
        json_decref(get("/api/v1/search?q=quyet%20dinh"));
    if (resident_kb() >= RSS_KB_MAX)
        fail_msg("%ld kB resident", resident_kb());
}

#endif

#define SERVED(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_hosts_that_are_us_are_answered),
        cmocka_unit_test(other_machines_are_let_in_only_when_asked_for),
        SERVED(requests_that_make_no_sense_are_refused_and_the_next_is_answered),
        SERVED(a_refusal_is_a_sentence_in_both_languages),
        SERVED(a_file_that_is_sent_is_kept_read_and_found),
        SERVED(a_name_with_a_path_in_it_is_a_name),
        SERVED(a_body_in_chunks_is_taken_as_it_comes),
        SERVED(a_sender_that_goes_away_in_the_middle_leaves_nothing),
        SERVED(many_senders_at_once_are_all_served),
        SERVED(senders_who_take_their_time_keep_nobody_from_asking),
#if !defined(__SANITIZE_ADDRESS__) /* its shadow is memory too */
        SERVED(an_idle_box_is_small_also_after_work),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
