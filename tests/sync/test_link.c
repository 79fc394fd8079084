/* The link, over loopback, against a centre of a few lines; between them a wire
 * that can be cut after any byte. Everything runs in one thread: when both ends and
 * the wire have nothing more to do, nothing more will happen. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "sync/http_head.h"
#include "sync/link.h"
#include "sync/stream.h"
#include "tests/lib/scratch.h" /* must() */

#define WIRE_WHOLE UINT64_MAX
#define ROUND_MS   20 /* loopback needs no longer to bring a byte */
#define ROUNDS_MAX 20000
#define WELCOME    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: tram/1\r\n\r\n"

/* What lies between: a listener for the link, a socket to the centre. */
struct wire {
    int listener, box, centre;
    uint64_t left_up, left_down;    /* bytes until it is cut */
    bool cut, ended_up, ended_down; /* that end has said goodbye */
};

struct world {
    struct random_seeded random;
    struct key_pair key, other;
    struct link_tls *tls; /* NULL: the centre speaks plain */
    struct link_tls *box; /* the box's, with its ticket */
    struct wire wire;
    struct stream *stream; /* the centre's end */
    struct buffer in, out;
    const char *welcome;
    bool welcomed, centre_gone;
    struct http_head head;
    uint8_t centre_binding[LINK_BINDING_BYTES];
    char url[64];
    struct link *link;
    struct buffer went_up; /* all that the box sent over the wire at hand */
    struct err err;
};

static struct world w;

/* -------------------------------------------------------------------- set-up */

static void listen_on_loopback(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t size = sizeof a;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    w.wire.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(w.wire.listener, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(w.wire.listener, 1), 0);
    assert_int_equal(getsockname(w.wire.listener, (struct sockaddr *)&a, &size), 0);
    (void)snprintf(w.url, sizeof w.url, "%s://127.0.0.1:%u",
                   w.tls == NULL ? "http" : "https", ntohs(a.sin_port));
}

static void start_world(bool plain)
{
    w = (struct world){.welcome = WELCOME};
    w.wire = (struct wire){.listener = -1,
                           .box = -1,
                           .centre = -1,
                           .left_up = WIRE_WHOLE,
                           .left_down = WIRE_WHOLE};
    random_seeded_init(&w.random, 3);
    key_pair_make(&w.key, &w.random.random);
    key_pair_make(&w.other, &w.random.random);
    buffer_init(&w.in, 1u << 20);
    buffer_init(&w.out, 1u << 20);
    buffer_init(&w.went_up, 1u << 20);
    if (!plain)
        must(link_tls_server(&w.tls, &w.key, &w.err), &w.err);
    listen_on_loopback();
}

static void hang_up(void)
{
    int *const ends[] = {&w.wire.box, &w.wire.centre};

    for (size_t i = 0; i < 2; i++) {
        if (*ends[i] >= 0)
            (void)close(*ends[i]);
        *ends[i] = -1;
    }
    stream_destroy(w.stream);
    w.stream = NULL;
    link_close(w.link);
    w.link = NULL;
    buffer_clear(&w.went_up);
    buffer_clear(&w.in);
    buffer_clear(&w.out);
    w.welcomed = w.centre_gone = false;
    w.wire.cut = w.wire.ended_up = w.wire.ended_down = false;
}

static int end_world(void **state)
{
    (void)state;
    hang_up();
    (void)close(w.wire.listener);
    link_tls_destroy(w.tls);
    link_tls_destroy(w.box);
    buffer_release(&w.in);
    buffer_release(&w.out);
    buffer_release(&w.went_up);
    return 0;
}

/* With what it was given before, if anything was. */
static void dial_again(void)
{
    must(link_dial(&w.link, w.url, w.box, &w.random.random, &w.err), &w.err);
}

/* As a box that was never here. */
static void dial_with(const struct public_key *pinned)
{
    link_tls_destroy(w.box);
    must(link_tls_client(&w.box, pinned, &w.err), &w.err);
    dial_again();
}

static void dial(void)
{
    dial_with(&w.key.public_key);
}

/* ------------------------------------------------------------------ the wire */

static void answer_call(void)
{
    int pair[2], at_once = 1;

    w.wire.box = accept4(w.wire.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(w.wire.box >= 0);
    (void)setsockopt(w.wire.box, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    (void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
    w.wire.centre = pair[0];
    must(stream_create(&w.stream, pair[1], w.tls, &w.err), &w.err);
}

static void cut(void)
{
    (void)close(w.wire.box);
    (void)close(w.wire.centre);
    w.wire.box = w.wire.centre = -1;
    w.wire.cut = true;
}

/* Carries what is there in one direction; true if anything moved. */
static bool carry(int from, int to, uint64_t *left, bool *ended)
{
    char bytes[4096];
    size_t want = *left < sizeof bytes ? (size_t)*left : sizeof bytes;
    ssize_t n;

    if (w.wire.cut || *ended)
        return false;
    if (*left == 0) {
        cut();
        return true;
    }
    n = recv(from, bytes, want, 0);
    if (n < 0)
        return false;
    if (n == 0) {
        (void)shutdown(to, SHUT_WR);
        *ended = true;
        return true;
    }
    assert_int_equal(send(to, bytes, (size_t)n, MSG_NOSIGNAL), n);
    if (from == w.wire.box)
        buffer_append(&w.went_up, bytes, (size_t)n);
    if (*left != WIRE_WHOLE)
        *left -= (uint64_t)n;
    return true;
}

static bool step_wire(void)
{
    struct pollfd p = {.fd = w.wire.listener, .events = POLLIN};
    bool moved;

    if (w.wire.box < 0 && !w.wire.cut) {
        if (poll(&p, 1, ROUND_MS) <= 0)
            return false;
        answer_call();
        return true;
    }
    moved = carry(w.wire.box, w.wire.centre, &w.wire.left_up, &w.wire.ended_up);
    return carry(w.wire.centre, w.wire.box, &w.wire.left_down, &w.wire.ended_down) ||
           moved;
}

/* ---------------------------------------------------------------- the centre */

static void take_nonce(void)
{
    struct http_text hex;
    char digits[HASH_HEX_BYTES] = "";

    assert_true(http_head_field(&w.head, LINK_NONCE, &hex));
    assert_int_equal(hex.count, 64);
    memcpy(digits, hex.bytes, 64);
    assert_true(hash_from_hex((struct hash *)w.centre_binding, digits));
}

static void welcome(void)
{
    size_t used;

    if (!w.welcomed && stream_speaks_ours(w.stream)) {
        w.welcomed = stream_binding(w.stream, w.centre_binding);
        return;
    }
    if (w.welcomed ||
        http_request_parse(&w.head, &used, w.in.bytes, w.in.count, &w.err) != 1)
        return;
    assert_true(http_text_is(w.head.target, LINK_TARGET));
    assert_true(http_head_lists(&w.head, "Upgrade", LINK_PROTOCOL));
    take_nonce();
    memmove(w.in.bytes, w.in.bytes + used, w.in.count - used);
    w.in.count -= used;
    buffer_append_text(&w.out, w.welcome);
    w.welcomed = true;
}

static bool step_centre(void)
{
    size_t before_in = w.in.count, before_out;
    bool ended = false, moved;

    if (w.stream == NULL || w.centre_gone)
        return false;
    switch (stream_handshake(w.stream, &w.err)) {
    case 0:
        return false;
    case 1:
        if (stream_read(w.stream, &w.in, SIZE_MAX, &ended, &w.err) == 0 && !ended)
            break;
        /* fall through */
    default:
        w.centre_gone = true;
        return true;
    }
    moved = w.in.count != before_in;
    welcome();
    before_out = w.out.count;
    if (before_out > 0 && stream_write(w.stream, &w.out, NULL, &w.err) != 0)
        w.centre_gone = true;
    return moved || w.out.count != before_out;
}

/* Whether anything more will come to any of the four ends. */
static bool all_quiet(void)
{
    struct pollfd p[] = {
        {.fd = link_fd(w.link), .events = link_events(w.link)},
        {.fd = w.wire.ended_up ? -1 : w.wire.box, .events = POLLIN},
        {.fd = w.wire.ended_down ? -1 : w.wire.centre, .events = POLLIN},
        {.fd = w.stream == NULL || w.centre_gone ? -1 : stream_fd(w.stream),
         .events = POLLIN},
    };

    return poll(p, 4, ROUND_MS) == 0;
}

/* Until nothing moves any more: 0, or -1 when the link says that it is over. */
static int settle(void)
{
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        uint64_t before = link_bytes_out(w.link) + link_bytes_in(w.link);
        bool moved;

        if (link_advance(w.link, &w.err) != 0)
            return -1;
        moved = link_bytes_out(w.link) + link_bytes_in(w.link) != before;
        moved = step_wire() || moved;
        moved = step_centre() || moved;
        if (!moved && all_quiet())
            return 0;
    }
    fail_msg("it never settles");
    return -1;
}

/* -------------------------------------------------------------------- claims */

static int start_tls_world(void **state)
{
    (void)state;
    start_world(false);
    return 0;
}

static int start_plain_world(void **state)
{
    (void)state;
    start_world(true);
    return 0;
}

static void expect_binding_is_shared(void)
{
    uint8_t mine[LINK_BINDING_BYTES];

    link_binding(w.link, mine);
    assert_memory_equal(mine, w.centre_binding, sizeof mine);
}

static void expect_conversation(void)
{
    struct message m;

    dial();
    assert_int_equal(settle(), 0);
    assert_true(link_is_up(w.link));
    assert_true(w.welcomed);
    expect_binding_is_shared();
    message_empty(&w.out, MESSAGE_PING);
    message_later(&w.out, 1234);
    assert_int_equal(settle(), 0);
    assert_int_equal(link_next(w.link, &m, &w.err), 1);
    assert_int_equal(m.type, MESSAGE_PING);
    assert_int_equal(link_next(w.link, &m, &w.err), 1);
    assert_int_equal(m.as.later_ms, 1234);
    assert_int_equal(link_next(w.link, &m, &w.err), 0);
    must(link_send(w.link, "abc", 3, &w.err), &w.err);
    assert_int_equal(settle(), 0);
    assert_int_equal(w.in.count, 3);
    assert_memory_equal(w.in.bytes, "abc", 3);
}

static void both_ends_talk_over_tls_and_share_a_binding(void **state)
{
    (void)state;
    expect_conversation();
}

static void both_ends_talk_in_the_clear_on_this_machine(void **state)
{
    (void)state;
    expect_conversation();
}

static void two_connections_never_have_the_same_binding(void **state)
{
    uint8_t first[LINK_BINDING_BYTES];

    (void)state;
    dial();
    assert_int_equal(settle(), 0);
    link_binding(w.link, first);
    hang_up();
    dial();
    assert_int_equal(settle(), 0);
    assert_memory_not_equal(first, w.centre_binding, sizeof first);
    expect_binding_is_shared();
}

static void another_key_than_the_pinned_one_is_refused(void **state)
{
    (void)state;
    dial_with(&w.other.public_key);
    assert_int_equal(settle(), -1);
    assert_int_equal(w.err.code, ERR_REFUSED);
    assert_non_null(strstr(w.err.text, "enrolment"));
    assert_false(w.welcomed);
}

static void the_certificate_is_small_and_always_the_same(void **state)
{
    struct buffer one, two;

    (void)state;
    buffer_init(&one, 4096);
    buffer_init(&two, 4096);
    must(link_tls_certificate(&w.key, &one, &w.err), &w.err);
    must(link_tls_certificate(&w.key, &two, &w.err), &w.err);
    assert_true(one.count > 0 && one.count < LINK_TLS_CERTIFICATE_BYTES_MAX);
    assert_int_equal(one.count, two.count);
    assert_memory_equal(one.bytes, two.bytes, one.count);
    buffer_release(&one);
    buffer_release(&two);
}

static void what_is_sent_at_once_travels_with_the_request(void **state)
{
    (void)state;
    w.welcome = ""; /* the centre never answers */
    dial();
    while (!link_is_up(w.link)) {
        must(link_advance(w.link, &w.err), &w.err);
        (void)step_wire();
        (void)step_centre();
    }
    must(link_send(w.link, "first flight", 12, &w.err), &w.err);
    assert_int_equal(settle(), 0);
    assert_memory_equal(w.in.bytes, "first flight", 12);
}

/* ------------------------------------------------------------------- tickets */

static void meet_once(void)
{
    dial();
    assert_int_equal(settle(), 0);
    hang_up();
}

/* Until the box may speak; the centre is not asked. */
static void dial_until_up(void)
{
    dial_again();
    for (unsigned i = 0; i < ROUNDS_MAX && !link_is_up(w.link); i++) {
        must(link_advance(w.link, &w.err), &w.err);
        (void)step_wire();
    }
    assert_true(link_is_up(w.link));
}

static void who_was_here_before_speaks_before_the_centre_has_answered(void **state)
{
    (void)state;
    meet_once();
    dial_until_up();
    assert_int_equal(link_bytes_in(w.link), 0);
    must(link_send(w.link, "first flight", 12, &w.err), &w.err);
    assert_int_equal(settle(), 0);
    assert_false(link_anew(w.link));
    assert_memory_equal(w.in.bytes, "first flight", 12);
    expect_binding_is_shared();
}

/* OpenSSL counts early data each time that it tries to write them. */
static void a_first_flight_that_leaves_little_by_little_is_whole(void **state)
{
    unsigned char bytes[1000];
    struct buffer flight;
    int small = 4096;

    (void)state;
    meet_once();
    assert_int_equal(
        setsockopt(w.wire.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    dial_until_up();
    buffer_init(&flight, LINK_EARLY_BYTES_MAX);
    for (unsigned i = 0; i < 40; i++) {
        memset(bytes, (int)i, sizeof bytes);
        message_receipt(&flight, bytes, sizeof bytes);
    }
    must(link_send(w.link, flight.bytes, flight.count, &w.err), &w.err);
    for (unsigned i = 0; i < ROUNDS_MAX; i++) /* nobody takes anything */
        must(link_advance(w.link, &w.err), &w.err);
    assert_true(link_unsent(w.link) > 0);
    assert_int_equal(settle(), 0);
    assert_false(link_anew(w.link));
    assert_int_equal(w.in.count, flight.count);
    assert_memory_equal(w.in.bytes, flight.bytes, flight.count);
    buffer_release(&flight);
}

/* The centre's process was another one: it knows of no ticket. */
static void a_centre_that_knows_no_ticket_is_told_again(void **state)
{
    uint8_t lost[LINK_BINDING_BYTES];

    (void)state;
    meet_once();
    link_tls_destroy(w.tls);
    must(link_tls_server(&w.tls, &w.key, &w.err), &w.err);
    dial_until_up();
    link_binding(w.link, lost);
    must(link_send(w.link, "lost", 4, &w.err), &w.err);
    assert_int_equal(settle(), 0);
    assert_true(link_anew(w.link));
    assert_false(link_anew(w.link));
    assert_int_equal(w.in.count, 0);
    expect_binding_is_shared();
    assert_memory_not_equal(lost, w.centre_binding, sizeof lost);
    must(link_send(w.link, "again", 5, &w.err), &w.err);
    assert_int_equal(settle(), 0);
    assert_memory_equal(w.in.bytes, "again", 5);
}

/* Somebody recorded what a box sent, and sends it again. */
static void a_first_flight_is_heard_once(void **state)
{
    int pair[2];
    struct stream *s;
    bool ended;

    (void)state;
    meet_once();
    dial_until_up();
    must(link_send(w.link, "first flight", 12, &w.err), &w.err);
    assert_int_equal(settle(), 0);
    assert_int_equal(w.in.count, 12);
    buffer_clear(&w.in);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    must(stream_create(&s, pair[1], w.tls, &w.err), &w.err);
    assert_int_equal(send(pair[0], w.went_up.bytes, w.went_up.count, MSG_NOSIGNAL),
                     (ssize_t)w.went_up.count);
    for (unsigned i = 0; i < 16 && stream_handshake(s, &w.err) == 1; i++)
        if (stream_read(s, &w.in, SIZE_MAX, &ended, &w.err) != 0 || ended)
            break;
    assert_int_equal(w.in.count, 0);
    stream_destroy(s);
    (void)close(pair[0]);
}

static void an_answer_that_is_no_upgrade_ends_the_link(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 404 Not Found\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        w.welcome = answers[i];
        dial();
        assert_int_equal(settle(), -1);
        assert_int_equal(w.err.code, ERR_REFUSED);
        hang_up();
    }
}

static void a_message_of_no_known_type_is_not_given(void **state)
{
    struct message m;

    (void)state;
    dial();
    assert_int_equal(settle(), 0);
    buffer_append(&w.out, "\x63\x00\x00", 3);
    assert_int_equal(settle(), 0);
    assert_int_equal(link_next(w.link, &m, &w.err), -1);
    assert_int_equal(w.err.code, ERR_CORRUPT);
}

static void what_came_before_the_end_is_given_before_the_end_is_told(void **state)
{
    struct message m;

    (void)state;
    dial();
    assert_int_equal(settle(), 0);
    message_later(&w.out, 77);
    while (w.out.count > 0)
        assert_true(step_centre());
    stream_destroy(w.stream);
    w.stream = NULL;
    for (unsigned i = 0; i < ROUNDS_MAX && link_next(w.link, &m, &w.err) != 1; i++) {
        (void)step_wire();
        must(link_advance(w.link, &w.err), &w.err);
    }
    assert_int_equal(m.as.later_ms, 77);
    assert_int_equal(settle(), -1);
    assert_int_equal(w.err.code, ERR_IO);
}

/* Runs a whole contact over a wire that breaks after `up` or `down` bytes: it ends
 * with an error, and it ends. */
static void expect_end_when_cut(uint64_t up, uint64_t down)
{
    w.wire.left_up = up;
    w.wire.left_down = down;
    dial();
    if (settle() == 0)
        fail_msg("cut after %lld/%lld bytes, and the link is content", (long long)up,
                 (long long)down);
    hang_up();
}

static void a_wire_cut_after_any_byte_ends_the_link(void **state)
{
    uint64_t up, down;

    (void)state;
    dial();
    assert_int_equal(settle(), 0);
    up = link_bytes_out(w.link);
    down = link_bytes_in(w.link);
    hang_up();
    assert_true(up > 200 && down > 300);
    for (uint64_t n = 0; n < up; n++)
        expect_end_when_cut(n, WIRE_WHOLE);
    for (uint64_t n = 0; n < down; n++)
        expect_end_when_cut(WIRE_WHOLE, n);
}

static void nobody_there_is_said_at_once(void **state)
{
    (void)state;
    (void)close(w.wire.listener);
    w.wire.listener = open("/dev/null", O_RDONLY | O_CLOEXEC);
    must(link_tls_client(&w.box, &w.key.public_key, &w.err), &w.err);
    if (link_dial(&w.link, w.url, w.box, &w.random.random, &w.err) == 0) {
        struct pollfd p = {.fd = link_fd(w.link), .events = link_events(w.link)};

        assert_int_equal(poll(&p, 1, 5000), 1);
        assert_int_equal(link_advance(w.link, &w.err), -1);
    }
    assert_int_equal(w.err.code, ERR_IO);
}

/* Two ends without a wire between them: the far one takes nothing. */
static int connect_deaf(struct stream **out)
{
    int near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), far, small = 4096;
    struct sockaddr_in a;
    socklen_t size = sizeof a;

    assert_int_equal(getsockname(w.wire.listener, (struct sockaddr *)&a, &size), 0);
    assert_int_equal(
        setsockopt(w.wire.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    assert_int_equal(connect(near, (struct sockaddr *)&a, size), 0);
    far = accept(w.wire.listener, NULL, NULL);
    assert_true(far >= 0);
    must(stream_create(out, near, NULL, &w.err), &w.err);
    return far;
}

/* Who only writes hears it too: else the one thread of a centre would turn and turn. */
static void a_reset_while_enough_waits_is_told_to_who_writes(void **state)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    static const unsigned char bytes[65536];
    int far = connect_deaf(&w.stream);
    size_t before = 0;
    struct pollfd p;

    (void)state;
    for (unsigned i = 0; i < ROUNDS_MAX && (i == 0 || w.out.count < before); i++) {
        if (w.out.count < sizeof bytes)
            buffer_append(&w.out, bytes, sizeof bytes);
        before = w.out.count;
        must(stream_write(w.stream, &w.out, NULL, &w.err), &w.err);
    }
    assert_int_equal(w.out.count, before); /* it waits, and nothing is wrong */
    assert_int_equal(setsockopt(far, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    assert_int_equal(close(far), 0);
    p = (struct pollfd){.fd = stream_fd(w.stream)};
    assert_int_equal(poll(&p, 1, 5000), 1);
    assert_int_equal(stream_write(w.stream, &w.out, NULL, &w.err), -1);
    assert_int_equal(w.err.code, ERR_IO);
}

static void plain_http_goes_to_no_other_machine(void **state)
{
    static const char *const urls[] = {"http://192.0.2.1:80", "http://[2001:db8::1]:80"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(link_dial(&w.link, urls[i], NULL, &w.random.random, &w.err), -1);
        assert_int_equal(w.err.code, ERR_USAGE);
        assert_null(w.link);
    }
}

static void a_url_names_scheme_host_and_port_and_nothing_else(void **state)
{
    static const char *const wrong[] = {
        "",
        "ftp://a:1",
        "https://a",
        "https://a:",
        "https://:1",
        "https://a:0",
        "https://a:65536",
        "https://a:1x",
        "https://[::1]",
        "https://a b:1",
        "https://a:1/x",
        "https://a/../b:1",
    };
    struct link_place p;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (link_place_parse(&p, wrong[i], &w.err) == 0)
            fail_msg("%s is taken", wrong[i]);
        assert_int_equal(w.err.code, ERR_USAGE);
    }
    must(link_place_parse(&p, "https://[::1]:8443/", &w.err), &w.err);
    assert_string_equal(p.host, "::1");
    assert_string_equal(p.port, "8443");
    assert_false(p.plain);
    must(link_place_parse(&p, "http://tinh.example:80", &w.err), &w.err);
    assert_string_equal(p.host, "tinh.example");
    assert_true(p.plain);
}

#define tls_test(f)   cmocka_unit_test_setup_teardown(f, start_tls_world, end_world)
#define plain_test(f) cmocka_unit_test_setup_teardown(f, start_plain_world, end_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        tls_test(both_ends_talk_over_tls_and_share_a_binding),
        plain_test(both_ends_talk_in_the_clear_on_this_machine),
        tls_test(two_connections_never_have_the_same_binding),
        tls_test(another_key_than_the_pinned_one_is_refused),
        tls_test(the_certificate_is_small_and_always_the_same),
        plain_test(what_is_sent_at_once_travels_with_the_request),
        tls_test(who_was_here_before_speaks_before_the_centre_has_answered),
        tls_test(a_first_flight_that_leaves_little_by_little_is_whole),
        tls_test(a_centre_that_knows_no_ticket_is_told_again),
        tls_test(a_first_flight_is_heard_once),
        plain_test(an_answer_that_is_no_upgrade_ends_the_link),
        tls_test(a_message_of_no_known_type_is_not_given),
        tls_test(what_came_before_the_end_is_given_before_the_end_is_told),
        tls_test(a_wire_cut_after_any_byte_ends_the_link),
        tls_test(nobody_there_is_said_at_once),
        plain_test(a_reset_while_enough_waits_is_told_to_who_writes),
        plain_test(plain_http_goes_to_no_other_machine),
        tls_test(a_url_names_scheme_host_and_port_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
