/* What wakes the agent: a network that appears, and a commit of anybody's. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "appliance/commits.h"
#include "appliance/network.h"
#include "schema/store.h"
#include "tests/lib/scratch.h"

#define WAIT_MS 10000

enum { SAW_IT, SAW_NOTHING, SAW_TOO_MUCH, NOT_ALLOWED };

static bool link_set(const char *name, bool up)
{
    struct ifreq r = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done;

    (void)snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    done = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &r) == 0;
    if (up)
        r.ifr_flags |= IFF_UP;
    else
        r.ifr_flags &= ~IFF_UP;
    done = done && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
    (void)close(fd);
    return done;
}

static bool appears(struct network *n)
{
    struct pollfd p = {.fd = network_fd(n), .events = POLLIN};

    while (poll(&p, 1, WAIT_MS) > 0)
        if (network_news(n) == NETWORK_APPEARED)
            return true;
    return false;
}

/* In a network of its own, whose only link goes up, down and up. */
static int watch_a_network_appear(void)
{
    struct network *n;
    struct err e;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return NOT_ALLOWED;
    if (network_watch(&n, &e) != 0)
        return NOT_ALLOWED;
    if (network_news(n) == NETWORK_APPEARED)
        return SAW_TOO_MUCH;
    for (int i = 0; i < 2; i++) {
        if (!link_set("lo", true))
            return NOT_ALLOWED;
        if (!appears(n))
            return SAW_NOTHING;
        if (!link_set("lo", false))
            return NOT_ALLOWED;
        if (network_news(n) == NETWORK_APPEARED)
            return SAW_TOO_MUCH; /* what goes is no way */
    }
    network_close(n);
    return SAW_IT;
}

static void a_link_that_comes_up_is_told_and_one_that_goes_is_not(void **state)
{
    int status;
    pid_t child;

    (void)state;
    (void)fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(watch_a_network_appear());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_ALLOWED) {
        print_message("no network of its own is allowed here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), SAW_IT);
}

static void commit_something(struct scratch *s)
{
    must(store_write_begin(s->store, &s->err), &s->err);
    assert_int_equal(sqlite3_exec(store_db(s->store),
                                  "UPDATE sync_state SET sent = sent + 1", NULL, NULL,
                                  NULL),
                     SQLITE_OK);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
}

static void a_commit_of_anybodys_is_seen_at_once(void **state)
{
    struct pollfd p = {.events = POLLIN};
    struct scratch s;

    (void)state;
    scratch_start(&s);
    must(commits_watch(&p.fd, s.dir, &s.err), &s.err);
    assert_false(commits_seen(p.fd));
    for (int i = 0; i < 3; i++) {
        commit_something(&s);
        assert_int_equal(poll(&p, 1, WAIT_MS), 1);
        assert_true(commits_seen(p.fd));
    }
    (void)close(p.fd);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_that_comes_up_is_told_and_one_that_goes_is_not),
        cmocka_unit_test(a_commit_of_anybodys_is_seen_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
