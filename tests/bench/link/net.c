#include "tests/bench/link/net.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/if_tun.h>

#define DEVICE  "link"
#define NETMASK "255.255.255.0"

static int set_address(int control, unsigned long what, const char *address,
                       struct err *e)
{
    struct ifreq r = {.ifr_name = DEVICE};
    struct sockaddr_in *a = (struct sockaddr_in *)&r.ifr_addr;

    a->sin_family = AF_INET;
    if (inet_pton(AF_INET, address, &a->sin_addr) != 1 || ioctl(control, what, &r) != 0)
        return err_set_errno(e, ERR_FAILED, "address %s", address);
    return 0;
}

static int bring_up(int control, const char *device, struct err *e)
{
    struct ifreq r = {0};

    (void)snprintf(r.ifr_name, sizeof r.ifr_name, "%s", device);
    if (ioctl(control, SIOCGIFFLAGS, &r) != 0)
        return err_set_errno(e, ERR_FAILED, "%s", device);
    r.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (ioctl(control, SIOCSIFFLAGS, &r) != 0)
        return err_set_errno(e, ERR_FAILED, "%s up", device);
    return 0;
}

static int make_device(struct net *n, enum net_end end, struct err *e)
{
    struct ifreq r = {.ifr_name = DEVICE};

    n->tun[end] = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    r.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (n->tun[end] < 0 || ioctl(n->tun[end], TUNSETIFF, &r) != 0)
        return err_set_errno(e, ERR_FAILED, "/dev/net/tun");
    return 0;
}

static int make_end(struct net *n, enum net_end end, struct err *e)
{
    const char *address = end == NET_CENTRE ? NET_CENTRE_HOST : "10.77.0.2";

    if (unshare(CLONE_NEWNET) != 0)
        return err_set_errno(e, ERR_FAILED, "a network namespace");
    n->space[end] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    n->control[end] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (n->space[end] < 0 || n->control[end] < 0)
        return err_set_errno(e, ERR_FAILED, "a network namespace");
    if (make_device(n, end, e) != 0 || bring_up(n->control[end], "lo", e) != 0 ||
        set_address(n->control[end], SIOCSIFADDR, address, e) != 0 ||
        set_address(n->control[end], SIOCSIFNETMASK, NETMASK, e) != 0)
        return -1;
    return bring_up(n->control[end], DEVICE, e);
}

int net_create(struct net *out, struct err *e)
{
    int rc;

    *out = (struct net){-1, {-1, -1}, {-1, -1}, {-1, -1}};
    out->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (out->home < 0)
        return err_set_errno(e, ERR_FAILED, "our network namespace");
    rc = make_end(out, NET_BOX, e);
    if (rc == 0)
        rc = make_end(out, NET_CENTRE, e);
    if (setns(out->home, CLONE_NEWNET) != 0 && rc == 0)
        rc = err_set_errno(e, ERR_FAILED, "back to our network namespace");
    if (rc != 0)
        net_release(out);
    return rc;
}

void net_release(struct net *n)
{
    int *const all[] = {&n->home,   &n->space[0],   &n->space[1],  &n->tun[0],
                        &n->tun[1], &n->control[0], &n->control[1]};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (*all[i] >= 0)
            (void)close(*all[i]);
        *all[i] = -1;
    }
}

int net_enter(const struct net *n, enum net_end end, struct err *e)
{
    if (setns(n->space[end], CLONE_NEWNET) != 0)
        return err_set_errno(e, ERR_FAILED, "a network namespace");
    return 0;
}

int net_box_address(const struct net *n, unsigned number, struct err *e)
{
    char address[INET_ADDRSTRLEN];

    (void)snprintf(address, sizeof address, "10.77.0.%u", 2 + number % 250);
    if (set_address(n->control[NET_BOX], SIOCSIFADDR, address, e) != 0)
        return -1;
    return set_address(n->control[NET_BOX], SIOCSIFNETMASK, NETMASK, e);
}
