#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "sync/link_tls.h"
#include "tests/bench/link/place.h"
#include "tests/bench/link/upload.h"

#define CONNECT_MS  5000 /* without an answer: another SYN, from the beginning */
#define SILENT_S    20
#define AGAIN_MS    200
#define WRITE_BYTES 16384 /* as libcurl's */

struct sending {
    const struct upload *upload;
    struct link_tls *keys;
    int file;
    long long bytes, at; /* at: chunks that were answered */
};

static int dial(const struct upload *u)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(UPLOAD_PORT)};
    struct timeval silent = {.tv_sec = SILENT_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), wrong = 0;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    socklen_t size = sizeof wrong;

    (void)inet_pton(AF_INET, u->host, &a.sin_addr);
    upload_tune(fd);
    if ((connect(fd, (struct sockaddr *)&a, sizeof a) != 0 && errno != EINPROGRESS) ||
        poll(&p, 1, CONNECT_MS) != 1 ||
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &size) != 0 || wrong != 0) {
        (void)close(fd);
        return -1;
    }
    (void)fcntl(fd, F_SETFL, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silent, sizeof silent);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silent, sizeof silent);
    return fd;
}

static bool send_range(struct sending *s, SSL *tls, long long at, long long count)
{
    char bytes[WRITE_BYTES];

    while (count > 0) {
        ssize_t some =
            pread(s->file, bytes, count < WRITE_BYTES ? (size_t)count : WRITE_BYTES, at);

        if (some <= 0 || SSL_write(tls, bytes, (int)some) != some)
            return false;
        at += some;
        count -= some;
    }
    return true;
}

static bool ask(SSL *tls, const char *method, long long at, long long count)
{
    char text[256];
    int n = snprintf(text, sizeof text,
                     "%s /file HTTP/1.1\r\nHost: " NET_CENTRE_HOST "\r\n"
                     "Upload-Offset: %lld\r\nContent-Length: %lld\r\n\r\n",
                     method, at, count);

    return SSL_write(tls, text, n) == n;
}

static bool send_rest(struct sending *s, SSL *tls)
{
    char head[UPLOAD_HEAD_BYTES];
    long long at;

    if (!ask(tls, "HEAD", 0, 0) || !upload_read_head(tls, head))
        return false;
    at = upload_number(head, "Upload-Offset");
    if (at < 0 || at > s->bytes || !ask(tls, "PATCH", at, s->bytes - at) ||
        !send_range(s, tls, at, s->bytes - at) || !upload_read_head(tls, head))
        return false;
    s->at = s->bytes;
    return true;
}

static bool send_whole(struct sending *s, SSL *tls)
{
    char head[UPLOAD_HEAD_BYTES];

    if (!ask(tls, "PUT", 0, s->bytes) || !send_range(s, tls, 0, s->bytes) ||
        !upload_read_head(tls, head))
        return false;
    s->at = s->bytes;
    return true;
}

static bool send_chunks(struct sending *s, SSL *tls)
{
    char head[UPLOAD_HEAD_BYTES];

    while (s->at < s->bytes) {
        long long count = s->bytes - s->at;

        if (count > UPLOAD_CHUNK_BYTES)
            count = UPLOAD_CHUNK_BYTES;
        if (!ask(tls, "PUT", s->at, count) || !send_range(s, tls, s->at, count) ||
            !upload_read_head(tls, head))
            return false;
        s->at += count;
    }
    return true;
}

static void send_something(struct sending *s, SSL *tls)
{
    switch (s->upload->way) {
    case UPLOAD_RESUME:
        (void)send_rest(s, tls);
        break;
    case UPLOAD_CHUNKS:
        (void)send_chunks(s, tls);
        break;
    case UPLOAD_WHOLE:
        (void)send_whole(s, tls);
        break;
    }
}

static void contact(struct sending *s)
{
    int fd = dial(s->upload);
    SSL *tls = NULL;
    bool ignored;
    struct err e;

    if (fd < 0)
        return;
    if (link_tls_connection(s->keys, &tls, &ignored, &e) == 0 &&
        SSL_set_fd(tls, fd) == 1 && SSL_connect(tls) == 1)
        send_something(s, tls);
    SSL_free(tls);
    (void)close(fd);
}

void upload_send(void *upload)
{
    struct sending s = {.upload = upload};
    struct stat file;
    struct err e;

    (void)signal(SIGPIPE, SIG_IGN);
    s.file = open(s.upload->from, O_RDONLY);
    if (s.file < 0 || fstat(s.file, &file) != 0 ||
        link_tls_client(&s.keys, &s.upload->key.public_key, &e) != 0)
        _exit(1);
    for (s.bytes = (long long)file.st_size; s.at < s.bytes;) {
        contact(&s);
        place_sleep_ms(AGAIN_MS);
    }
    _exit(0);
}
