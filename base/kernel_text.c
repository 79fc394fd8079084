#include "base/kernel_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool kernel_text(const char *root, const char *path, char *out, size_t out_bytes)
{
    char whole[512];
    size_t count = 0;
    ssize_t n = 1;
    int fd;

    if (snprintf(whole, sizeof whole, "%s%s", root, path) >= (int)sizeof whole)
        return false;
    fd = open(whole, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (n != 0 && count < out_bytes - 1) {
        n = read(fd, out + count, out_bytes - 1 - count);
        if (n < 0 && errno != EINTR)
            break;
        count += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd); /* opened to read */
    out[count] = '\0';
    return n >= 0 && count > 0;
}
