/* bench-relay: what a peer's client and server say to each other, counted as TCP payload
 * both ways, whatever the peer is.
 *
 *   bench-relay            prints "PORT SERVER": it carries PORT of this machine to SERVER,
 *                          a port that is free for the peer's server; on SIGTERM it
 *                          prints "UP DOWN", all connections together, and ends
 *   bench-relay wait PORT  until somebody listens there; 1 after ten seconds */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/lib/wire.h"

#define WAIT_MS 10000
#define LOOK_MS 20

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

/* One that the kernel has just given away, and got back. */
static uint16_t free_port(void)
{
    struct sockaddr_in a = loopback(0);
    socklen_t bytes = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &bytes) != 0)
        exit(1);
    (void)close(fd);
    return ntohs(a.sin_port);
}

static int wait_for(unsigned port)
{
    struct sockaddr_in a = loopback(port);

    for (int waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        int rc = connect(fd, (struct sockaddr *)&a, sizeof a);

        (void)close(fd);
        if (rc == 0)
            return 0;
        (void)poll(NULL, 0, LOOK_MS);
    }
    return 1;
}

static int carry(void)
{
    uint16_t server = free_port();
    struct wire *w;
    sigset_t end;
    int ignored;

    (void)sigemptyset(&end);
    (void)sigaddset(&end, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &end, NULL); /* the wire's thread has it blocked too */
    w = wire_start(server);
    printf("%u %u\n", wire_port(w), server);
    (void)fflush(stdout);
    (void)sigwait(&end, &ignored);
    printf("%llu %llu\n", (unsigned long long)wire_bytes_up(w),
           (unsigned long long)wire_bytes_down(w));
    wire_stop(w);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return carry();
    if (argc == 3 && strcmp(argv[1], "wait") == 0)
        return wait_for((unsigned)strtoul(argv[2], NULL, 10));
    (void)fprintf(stderr, "usage: bench-relay [wait PORT]\n");
    return 2;
}
