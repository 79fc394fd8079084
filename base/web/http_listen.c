#include "base/web/http_listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* "[::1]:80" into "::1" and "80"; false if it is not of that form. `host` has
 * HTTP_HOST_BYTES. A text without a port leaves *port at NULL. */
static bool split(const char *text, char *host, const char **port)
{
    const char *end, *colon;

    if (text[0] == '[') {
        end = strchr(++text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return false;
        *port = end[1] == ':' ? end + 2 : NULL;
    } else {
        colon = strrchr(text, ':');
        end = colon == NULL ? text + strlen(text) : colon;
        *port = colon == NULL ? NULL : colon + 1;
    }
    if (end == text || end - text >= HTTP_HOST_BYTES)
        return false;
    memcpy(host, text, (size_t)(end - text));
    host[end - text] = '\0';
    return true;
}

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24 == 127;
    return a->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static void name_of(int fd, char *out)
{
    struct sockaddr_storage a = {0};
    socklen_t bytes = sizeof a;
    char host[INET6_ADDRSTRLEN] = "?", port[8] = "0";

    (void)getsockname(fd, (struct sockaddr *)&a, &bytes);
    (void)getnameinfo((struct sockaddr *)&a, bytes, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(out, HTTP_HOST_BYTES, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
                   host, port);
}

static int bind_and_listen(const struct addrinfo *a, int *fd, struct err *e)
{
    int yes = 1;

    *fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0)
        return err_set_errno(e, ERR_FAILED, "socket");
    (void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(*fd, a->ai_addr, a->ai_addrlen) == 0 && listen(*fd, 64) == 0)
        return 0;
    (void)err_set_errno(e, ERR_FAILED, "listen");
    (void)close(*fd);
    *fd = -1;
    return -1;
}

int http_listen(const char *where, bool open, int *fd, char address[HTTP_HOST_BYTES],
                struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    char host[HTTP_HOST_BYTES];
    const char *port;
    int rc = -1;

    *fd = -1;
    if (!split(where, host, &port) || port == NULL || port[0] == '\0' ||
        strlen(port) > 5 ||
        atoi(port) > UINT16_MAX) /* getaddrinfo would cut it to 16 bits */
        return err_set(e, ERR_USAGE, "%s is not ADDR:PORT", where);
    if (strcmp(host, "localhost") == 0)
        (void)snprintf(host, sizeof host, "127.0.0.1");
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return err_set(e, ERR_USAGE, "%s is not ADDR:PORT in numbers", where);
    if (!open && !is_loopback(found->ai_addr))
        (void)err_set(e, ERR_USAGE, "%s is reached by other machines", where);
    else
        rc = bind_and_listen(found, fd, e);
    freeaddrinfo(found);
    if (rc == 0)
        name_of(*fd, address);
    else
        (void)err_wrap(e, "%s", where);
    return rc;
}

bool http_listens_here_only(const char *where)
{
    char host[HTTP_HOST_BYTES];
    const char *port;
    struct in6_addr six;
    struct in_addr four;

    if (!split(where, host, &port))
        return false;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return strcmp(host, "localhost") == 0 ||
           (inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six));
}

static bool is_number(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool is_this_machine(const char *host)
{
    char name[HTTP_HOST_BYTES];
    size_t bytes;

    if (gethostname(name, sizeof name) != 0)
        return false;
    name[sizeof name - 1] = '\0';
    bytes = strlen(name);
    return strncasecmp(host, name, bytes) == 0 &&
           (host[bytes] == '\0' || strcasecmp(host + bytes, ".local") == 0);
}

bool http_host_allowed(const char *host, const char *address, bool open)
{
    char name[HTTP_HOST_BYTES], own[HTTP_HOST_BYTES];
    const char *port;

    if (host == NULL || !split(host, name, &port) || !split(address, own, &port))
        return false;
    if (strcasecmp(name, "localhost") == 0 || strcmp(name, "127.0.0.1") == 0 ||
        strcmp(name, "::1") == 0 || strcmp(name, own) == 0)
        return true;
    return open && (is_number(name) || is_this_machine(name) ||
                    strcasecmp(name, "tram.local") == 0);
}
