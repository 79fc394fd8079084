#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "sync/link_tls.h"
#include "tests/bench/link/upload.h"

#define READ_BYTES 16384

static bool say(SSL *tls, const char *text)
{
    return SSL_write(tls, text, (int)strlen(text)) > 0;
}

static long long here(const struct upload *u)
{
    struct stat s;

    return stat(u->to, &s) == 0 ? (long long)s.st_size : 0;
}

static bool tell_offset(const struct upload *u, SSL *tls)
{
    char text[256];

    (void)snprintf(text, sizeof text,
                   "HTTP/1.1 200 OK\r\nUpload-Offset: %lld\r\n"
                   "Content-Length: 0\r\n\r\n",
                   here(u));
    return say(tls, text);
}

/* What comes is written at once: all of it counts, whenever the link breaks; of a whole
 * one nothing does, since the next one begins anew. */
static bool take_rest(const struct upload *u, SSL *tls, long long at, long long count)
{
    char bytes[READ_BYTES];
    int anew = u->way == UPLOAD_WHOLE ? O_TRUNC : 0;
    int fd = open(u->to, O_WRONLY | O_CREAT | anew, 0644), got = 1;

    while (fd >= 0 && count > 0 && got > 0) {
        got = SSL_read(tls, bytes, count < READ_BYTES ? (int)count : READ_BYTES);
        if (got > 0 && pwrite(fd, bytes, (size_t)got, at) != got)
            got = 0;
        at += got > 0 ? got : 0;
        count -= got > 0 ? got : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    return count == 0;
}

/* Whole, or not at all. */
static bool take_chunk(const struct upload *u, SSL *tls, long long at, long long count)
{
    static char bytes[UPLOAD_CHUNK_BYTES];
    long long have = 0;
    int fd, got = 1;
    bool kept;

    if (count > UPLOAD_CHUNK_BYTES)
        return false;
    while (have < count && got > 0) {
        got = SSL_read(tls, bytes + have, (int)(count - have));
        have += got > 0 ? got : 0;
    }
    fd = have == count ? open(u->to, O_WRONLY | O_CREAT, 0644) : -1;
    kept = fd >= 0 && pwrite(fd, bytes, (size_t)count, at) == count;
    if (fd >= 0)
        (void)close(fd);
    return kept;
}

static bool take(const struct upload *u, SSL *tls, long long at, long long count)
{
    if (at < 0 || count < 0 || (u->way == UPLOAD_RESUME && at != here(u)))
        return false;
    return u->way == UPLOAD_CHUNKS ? take_chunk(u, tls, at, count)
                                   : take_rest(u, tls, at, count);
}

static void serve_one(const struct upload *u, SSL *tls)
{
    char head[UPLOAD_HEAD_BYTES];
    bool more = SSL_accept(tls) == 1;

    while (more && upload_read_head(tls, head)) {
        long long at = upload_number(head, "Upload-Offset");
        long long count = upload_number(head, "Content-Length");

        if (strncmp(head, "HEAD ", 5) == 0)
            more = tell_offset(u, tls);
        else
            more = take(u, tls, at, count) &&
                   say(tls, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
    }
}

static void begin_one(const struct upload *u, struct link_tls *keys, int fd)
{
    bool ignored;
    struct err e;
    SSL *tls;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    upload_tune(fd);
    if (link_tls_connection(keys, &tls, &ignored, &e) == 0 && SSL_set_fd(tls, fd) == 1)
        serve_one(u, tls);
    _exit(0);
}

/* A process each: one that a dead link holds is in nobody's way. */
void upload_serve(void *upload)
{
    const struct upload *u = upload;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(UPLOAD_PORT)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
    struct link_tls *keys;
    struct err e;

    (void)signal(SIGCHLD, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    if (link_tls_server(&keys, &u->key, &e) != 0 ||
        bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, 16) != 0)
        _exit(1);
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        if (fork() == 0)
            begin_one(u, keys, fd);
        (void)close(fd);
    }
    _exit(1);
}
