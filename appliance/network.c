#include "appliance/network.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#define LINKS_MAX  32 /* a box has three or four; more are forgotten */
#define NEWS_BYTES 16384
#define TURNS_MAX  64 /* of reading, then somebody else's turn */
#define GROUPS                                                                           \
    (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |         \
     RTMGRP_IPV6_ROUTE)

struct network {
    int fd;
    int links[LINKS_MAX]; /* that are up and have a carrier, as far as was told */
    unsigned links_count;
};

int network_watch(struct network **out, struct err *e)
{
    struct sockaddr_nl us = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
    struct network *n = calloc(1, sizeof *n);

    *out = NULL;
    if (n == NULL)
        return err_set(e, ERR_MEMORY, "network");
    n->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (n->fd < 0 || bind(n->fd, (struct sockaddr *)&us, sizeof us) != 0) {
        (void)err_set_errno(e, ERR_FAILED, "network: the kernel's news");
        network_close(n);
        return -1;
    }
    *out = n;
    return 0;
}

void network_close(struct network *n)
{
    if (n == NULL)
        return;
    if (n->fd >= 0)
        (void)close(n->fd);
    free(n);
}

int network_fd(const struct network *n)
{
    return n->fd;
}

static bool forget_link(struct network *n, int link)
{
    for (unsigned i = 0; i < n->links_count; i++)
        if (n->links[i] == link) {
            n->links[i] = n->links[--n->links_count];
            return true;
        }
    return false;
}

/* A link is told of for many reasons, a wireless one every few seconds: only one that
 * was not up before is news. */
static bool link_appeared(struct network *n, const struct ifinfomsg *info)
{
    bool up = (info->ifi_flags & IFF_UP) != 0 && (info->ifi_flags & IFF_RUNNING) != 0;
    bool was_up = forget_link(n, info->ifi_index);

    if (up && n->links_count < LINKS_MAX)
        n->links[n->links_count++] = info->ifi_index;
    return up && !was_up;
}

static enum network_news news_in(struct network *n, const struct nlmsghdr *m)
{
    switch (m->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_NEWROUTE:
        return NETWORK_APPEARED;
    case RTM_DELADDR:
        return NETWORK_CHANGED;
    case RTM_NEWLINK:
        return m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg)) &&
                       link_appeared(n, NLMSG_DATA(m))
                   ? NETWORK_APPEARED
                   : NETWORK_SAME;
    case RTM_DELLINK:
        if (m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg)))
            (void)forget_link(n, ((const struct ifinfomsg *)NLMSG_DATA(m))->ifi_index);
        return NETWORK_CHANGED;
    default:
        return NETWORK_SAME;
    }
}

static enum network_news more_of(enum network_news a, enum network_news b)
{
    return a > b ? a : b;
}

static enum network_news look_at(struct network *n, const char *bytes, size_t count)
{
    const struct nlmsghdr *m = (const void *)bytes;
    unsigned left = (unsigned)count;
    enum network_news news = NETWORK_SAME;

    for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left))
        news = more_of(news, news_in(n, m));
    return news;
}

enum network_news network_news(struct network *n)
{
    _Alignas(struct nlmsghdr) char bytes[NEWS_BYTES];
    enum network_news news = NETWORK_SAME;

    for (int i = 0; i < TURNS_MAX; i++) {
        struct sockaddr_nl from = {0};
        socklen_t from_bytes = sizeof from;
        ssize_t got = recvfrom(n->fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from,
                               &from_bytes);

        if (got < 0 && errno == ENOBUFS)
            news = NETWORK_APPEARED; /* so much happened that some of it was not kept */
        else if (got < 0 && errno != EINTR)
            break;
        else if (got > 0 && from.nl_pid == 0) /* the kernel's own word only */
            news = more_of(news, look_at(n, bytes, (size_t)got));
    }
    return news;
}
