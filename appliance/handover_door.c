#include "appliance/handover_door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int handover_address(const char *dir, struct sockaddr_un *out, int *dir_fd, struct err *e)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    *dir_fd = -1;
    if ((size_t)snprintf(out->sun_path, sizeof out->sun_path, "%s/socket", dir) <
        sizeof out->sun_path)
        return 0;
    *dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*dir_fd < 0)
        return err_set_errno(e, ERR_IO, "%s", dir);
    (void)snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/socket",
                   *dir_fd);
    return 0;
}

int handover_send(int fd, const void *bytes, size_t count)
{
    const char *at = bytes;

    while (count > 0) {
        ssize_t n = send(fd, at, count, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        at += n;
        count -= (size_t)n;
    }
    return 0;
}

int handover_receive(int fd, void *bytes, size_t count)
{
    char *at = bytes;

    while (count > 0) {
        ssize_t n = recv(fd, at, count, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ECONNRESET;
        if (n <= 0)
            return -1;
        at += n;
        count -= (size_t)n;
    }
    return 0;
}
