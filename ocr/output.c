#include "ocr/output.h"

#include <errno.h>
#include <unistd.h>

int output_write(int fd, const void *bytes, size_t count, struct err *e)
{
    const unsigned char *at = bytes;

    while (count > 0) {
        ssize_t n = write(fd, at, count);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set_errno(e, ERR_IO, "output");
        at += n;
        count -= (size_t)n;
    }
    return 0;
}
