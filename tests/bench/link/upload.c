#include "tests/bench/link/upload.h"

#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#define USER_TIMEOUT_MS 12000

int upload_keys(struct upload *u, struct err *e)
{
    (void)e;
    key_pair_make(&u->key, random_system());
    return 0;
}

void upload_tune(int fd)
{
    int one = 1, ms = USER_TIMEOUT_MS;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
}

bool upload_read_head(SSL *tls, char out[UPLOAD_HEAD_BYTES])
{
    size_t count = 0;

    while (count + 1 < UPLOAD_HEAD_BYTES) {
        if (SSL_read(tls, out + count, 1) != 1)
            return false;
        out[++count] = '\0';
        if (count >= 4 && strcmp(out + count - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

long long upload_number(const char *head, const char *name)
{
    const char *at = strstr(head, name);

    return at == NULL || at[strlen(name)] != ':' ? -1 : atoll(at + strlen(name) + 1);
}
