#include "appliance/handover.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "appliance/handover_door.h"

/* Connects, or leaves *fd at -1 when nobody listens. */
static int knock(const char *dir, int *fd, struct err *e)
{
    struct sockaddr_un address;
    int dir_fd;
    int rc = 0;

    *fd = -1;
    if (handover_address(dir, &address, &dir_fd, e) != 0)
        return -1;
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0) {
        rc = err_set_errno(e, ERR_IO, "socket");
    } else if (connect(*fd, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno != ENOENT && errno != ECONNREFUSED)
            rc = err_set_errno(e, ERR_IO, "%s/socket", dir);
        (void)close(*fd);
        *fd = -1;
    }
    if (dir_fd >= 0)
        (void)close(dir_fd);
    return rc;
}

/* The header, with the two descriptors on its first byte. */
static int send_header(int fd, size_t body_bytes, int out_fd, int err_fd)
{
    unsigned char header[HANDOVER_HEADER_BYTES] = {'T', 'V', HANDOVER_VERSION, 0};
    union {
        char bytes[CMSG_SPACE(2 * sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec piece = {header, sizeof header};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    ssize_t n;

    for (unsigned i = 0; i < 4; i++)
        header[4 + i] = (unsigned char)(body_bytes >> (8 * i));
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(2 * sizeof(int));
    memcpy(CMSG_DATA(c), (int[]){out_fd, err_fd}, 2 * sizeof(int));
    do
        n = sendmsg(fd, &m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof header ? 0 : -1;
}

int handover_ask(const char *dir, const struct handover_request *r, int out_fd,
                 int err_fd, bool *served, int *status, struct err *e)
{
    unsigned char answer[HANDOVER_ANSWER_BYTES];
    struct buffer body;
    int fd = -1;
    int rc = -1;

    *served = false;
    buffer_init(&body, HANDOVER_REQUEST_BYTES_MAX);
    handover_request_encode(r, &body);
    if (buffer_check(&body, e) != 0) {
        (void)err_wrap(e, "too many words for one command");
        goto out;
    }
    if (knock(dir, &fd, e) != 0)
        goto out;
    if (fd < 0) {
        rc = 0;
        goto out;
    }
    *served = true;
    if (send_header(fd, body.count, out_fd, err_fd) != 0 ||
        handover_send(fd, body.bytes, body.count) != 0 ||
        handover_receive(fd, answer, sizeof answer) != 0) {
        (void)err_set_errno(e, ERR_FAILED, "the serving process ended in the middle");
        goto out;
    }
    if (answer[0] != 'T' || answer[1] != 'V' || answer[2] != HANDOVER_VERSION) {
        (void)err_set(e, ERR_FAILED, "the serving process answers in another language");
        goto out;
    }
    *status = answer[3];
    rc = 0;
out:
    if (fd >= 0)
        (void)close(fd);
    buffer_release(&body);
    return rc;
}
