/* The centre's post as a stranger meets it: bytes on a socket. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "schema/search/search.h"
#include "schema/statements.h"
#include "tests/lib/link_world.h"

#define HEARD_BYTES_MAX  (1u << 20)
#define WAIT_S           10
#define HTTP_FLOOD_BYTES 9000

static struct link_world w;
static struct buffer answer;

static int start(void **state)
{
    (void)state;
    link_world_start(&w, true);
    buffer_init(&answer, HEARD_BYTES_MAX);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buffer_release(&answer);
    link_world_finish(&w);
    return 0;
}

static int dial(void)
{
    struct timeval patience = {.tv_sec = WAIT_S};
    struct sockaddr_in a = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_port = htons((uint16_t)atoi(strrchr(centre_serve_address(w.serve), ':') + 1));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

/* All that is answered until the other end stops. */
static void hear(int fd)
{
    char bytes[4096];
    ssize_t n;

    buffer_clear(&answer);
    while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)
        buffer_append(&answer, bytes, (size_t)n);
    if (n < 0 && errno != ECONNRESET)
        fail_msg("no end within %d s: %s", WAIT_S, strerror(errno));
    assert_int_equal(answer.failed, ERR_NONE);
}

static void say(int fd, const void *bytes, size_t count)
{
    assert_int_equal(send(fd, bytes, count, MSG_NOSIGNAL), count);
}

static const char *text(void)
{
    return answer.bytes == NULL ? "" : (const char *)answer.bytes;
}

static void exchange(const char *request)
{
    int fd = dial();

    say(fd, request, strlen(request));
    hear(fd);
    (void)close(fd);
}

static void ask(const char *path)
{
    char request[512];

    (void)snprintf(request, sizeof request,
                   "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n", path);
    exchange(request);
}

static void expect_status(unsigned status)
{
    char line[32];

    (void)snprintf(line, sizeof line, "HTTP/1.1 %u ", status);
    if (strncmp(text(), line, strlen(line)) != 0)
        fail_msg("expected %u, heard: %.60s", status, text());
}

/* The caller lets it go. */
static json_t *body_json(void)
{
    const char *body = strstr(text(), "\r\n\r\n");
    json_t *j;

    assert_non_null(body);
    j = json_loads(body + 4, 0, NULL);
    assert_non_null(j);
    return j;
}

/* -------------------------------------------------------------------- claims */

static void the_page_comes_with_its_rules(void **state)
{
    (void)state;
    ask("/");
    expect_status(200);
    assert_non_null(strstr(text(), "text/html"));
    assert_non_null(strstr(text(), "default-src 'self'"));
    assert_non_null(strstr(text(), "nosniff"));
    assert_non_null(strstr(text(), "/centre.js"));
    ask("/centre.js");
    expect_status(200);
    ask("/centre.css");
    expect_status(200);
}

/* The status is told from memory for twenty times what it cost to count, so what has
 * just come shows a moment later. The caller lets it go. */
static json_t *status_after_a_contact(void)
{
    const struct timespec pause = {.tv_nsec = 10000000};

    for (int waited_ms = 0; waited_ms < WAIT_S * 1000; waited_ms += 10) {
        json_t *j;

        ask("/api/v1/status");
        expect_status(200);
        j = body_json();
        if (json_is_integer(json_object_get(
                json_array_get(json_object_get(j, "sites"), 0), "last_contact_s_ago")))
            return j;
        json_decref(j);
        (void)nanosleep(&pause, NULL);
    }
    fail_msg("no contact in the status after %d s", WAIT_S);
    return NULL;
}

static void status_names_the_boxes_and_what_they_have(void **state)
{
    json_t *j, *site;

    (void)state;
    ask("/api/v1/status");
    j = body_json();
    site = json_array_get(json_object_get(j, "sites"), 0);
    assert_string_equal(json_string_value(json_object_get(site, "name")), "Xã Thử");
    assert_true(json_is_null(json_object_get(site, "last_contact_s_ago")));
    json_decref(j);

    link_world_take(&w, "một", 2000);
    (void)link_world_sync(&w, 0);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    j = status_after_a_contact();
    site = json_object_get(json_array_get(json_object_get(j, "sites"), 0), "sequences");
    assert_int_equal(json_integer_value(json_object_get(site, "received")),
                     link_world_last(&w));
    assert_int_equal(json_integer_value(json_object_get(site, "applied")),
                     link_world_last(&w));
    json_decref(j);
}

static void search_finds_without_accents_and_marks_the_hit(void **state)
{
    json_t *j, *hits;

    (void)state;
    link_world_take(&w, "Quyết định số 12 về <b>đất</b> đai", 0);
    (void)link_world_sync(&w, 0);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    ask("/api/v1/search?q=%22quyet+dinh%22");
    expect_status(200);
    j = body_json();
    hits = json_object_get(j, "hits");
    assert_int_equal(json_array_size(hits), 1);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(hits, 0), "site_name")),
        "Xã Thử");
    assert_true(json_is_array(json_object_get(json_array_get(hits, 0), "snippet")));
    json_decref(j);
    ask("/api/v1/search");
    expect_status(400);
    ask("/api/v1/search?q=%ff%fe");
    expect_status(400);
}

static bool is_building(void)
{
    struct centre *c = link_world_look(&w);
    bool building;
    unsigned per_cent;

    must(search_building(c->store, &building, &per_cent, &w.err), &w.err);
    centre_close(c);
    return building;
}

static void an_older_index_is_made_anew_while_the_centre_serves(void **state)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000000L};
    struct centre *c;

    (void)state;
    link_world_take(&w, "Nghiệm thu công trình", 0);
    (void)link_world_sync(&w, 0);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    link_world_stop_centre(&w);
    c = link_world_look(&w);
    must(sql_run(store_db(c->store), "DELETE FROM search_tag", &w.err), &w.err);
    centre_close(c);
    assert_true(is_building());
    link_world_serve(&w);
    for (int i = 0; i < 50 * WAIT_S && is_building(); i++)
        (void)nanosleep(&pause, NULL);
    assert_false(is_building());
    assert_int_equal(link_world_search(&w, "nghiem thu", NULL), 1);
}

static void what_is_only_near_is_said_to_be(void **state)
{
    json_t *j, *hit;

    (void)state;
    link_world_take(&w, "Nghiệm thu công trình", 0);
    (void)link_world_sync(&w, 0);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    ask("/api/v1/search?q=nghiem");
    j = body_json();
    hit = json_array_get(json_object_get(j, "hits"), 0);
    assert_true(json_is_false(json_object_get(hit, "near")));
    assert_true(json_is_false(json_object_get(j, "narrowed")));
    assert_true(json_is_false(json_object_get(j, "building")));
    json_decref(j);
    ask("/api/v1/search?q=nghiam");
    j = body_json();
    hit = json_array_get(json_object_get(j, "hits"), 0);
    assert_int_equal(json_integer_value(json_object_get(j, "total")), 0);
    assert_true(json_is_true(json_object_get(hit, "near")));
    json_decref(j);
}

static void what_is_not_there_or_not_allowed_is_said_so(void **state)
{
    (void)state;
    ask("/nothing");
    expect_status(404);
    ask("/sync");
    expect_status(426);
    exchange("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    expect_status(405);
    exchange("GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n");
    expect_status(403);
    exchange("GET / HTTP/1.1\r\n\r\n");
    expect_status(403);
    exchange("GET /sync HTTP/1.1\r\nHost: localhost\r\nUpgrade: tram/1\r\n\r\n");
    expect_status(426); /* without a nonce */
}

static void head_has_no_body(void **state)
{
    const char *end;

    (void)state;
    exchange("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_status(200);
    end = strstr(text(), "\r\n\r\n");
    assert_non_null(end);
    assert_int_equal(strlen(end), 4);
}

static void what_is_no_http_is_refused(void **state)
{
    char flood[HTTP_FLOOD_BYTES];
    int fd;

    (void)state;
    exchange("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    expect_status(400);
    exchange("GET / HTTP/1.1\nHost: localhost\n\n");
    expect_status(400);
    memset(flood, 'a', sizeof flood);
    fd = dial();
    (void)send(fd, flood, sizeof flood, MSG_NOSIGNAL);
    hear(fd);
    (void)close(fd);
    expect_status(400);
}

static void a_stranger_on_the_stream_gets_no_answer(void **state)
{
    static const char upgrade[] =
        "GET /sync HTTP/1.1\r\nHost: localhost\r\nUpgrade: tram/1\r\n"
        "Connection: Upgrade\r\nTram-Nonce: "
        "00000000000000000000000000000000000000000000000000000000000000aa\r\n\r\n"
        "\x09\x00\x00"; /* a PING before any hello */
    const char *end;
    int fd = dial();

    (void)state;
    say(fd, upgrade, sizeof upgrade - 1);
    hear(fd);
    (void)close(fd);
    expect_status(101);
    end = strstr(text(), "\r\n\r\n");
    assert_non_null(end);
    assert_int_equal(answer.count - (size_t)(end + 4 - text()), 0);
}

static void bytes_that_are_no_message_end_the_stream(void **state)
{
    static const char upgrade[] =
        "GET /sync HTTP/1.1\r\nHost: localhost\r\nUpgrade: tram/1\r\n"
        "Connection: Upgrade\r\nTram-Nonce: "
        "00000000000000000000000000000000000000000000000000000000000000aa\r\n\r\n"
        "\x63\x01\x00x";
    int fd = dial();

    (void)state;
    say(fd, upgrade, sizeof upgrade - 1);
    hear(fd);
    (void)close(fd);
}

static void a_box_is_served_while_others_only_hold_the_line(void **state)
{
    int silent[64];
    struct agent_result r;

    (void)state;
    for (size_t i = 0; i < 64; i++) {
        silent[i] = dial();
        if (i % 2 == 0)
            say(silent[i], "GET / HTT", 9);
    }
    link_world_take(&w, "một", 20000);
    r = link_world_sync(&w, 0);
    assert_int_equal(r.end, AGENT_DRAINED);
    ask("/api/v1/status");
    expect_status(200);
    for (size_t i = 0; i < 64; i++)
        (void)close(silent[i]);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(the_page_comes_with_its_rules),
        claim_test(status_names_the_boxes_and_what_they_have),
        claim_test(search_finds_without_accents_and_marks_the_hit),
        claim_test(what_is_only_near_is_said_to_be),
        claim_test(an_older_index_is_made_anew_while_the_centre_serves),
        claim_test(what_is_not_there_or_not_allowed_is_said_so),
        claim_test(head_has_no_body),
        claim_test(what_is_no_http_is_refused),
        claim_test(a_stranger_on_the_stream_gets_no_answer),
        claim_test(bytes_that_are_no_message_end_the_stream),
        claim_test(a_box_is_served_while_others_only_hold_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
