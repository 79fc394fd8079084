#include "ocr/remarks.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Poppler's words, at the beginning of a line: within one, a name may say anything. */
#define MISSED "Syntax Error: Couldn't find a font for "

int remarks_create(void)
{
    int fd = memfd_create("remarks", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && (ftruncate(fd, REMARKS_BYTES_MAX) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0)) {
        (void)close(fd); /* nothing was written to it */
        return -1;
    }
    return fd;
}

bool remarks_miss_font(int remarks)
{
    const size_t length = sizeof MISSED - 1;
    const char *said = mmap(NULL, REMARKS_BYTES_MAX, PROT_READ, MAP_SHARED, remarks, 0);
    const char *at = said, *end;
    bool missed = false;

    if (said == MAP_FAILED)
        return true; /* a page too many told of is better than one lost */
    end = said + REMARKS_BYTES_MAX;
    while (!missed && at != NULL && (size_t)(end - at) >= length) {
        missed = memcmp(at, MISSED, length) == 0;
        at = memchr(at, '\n', (size_t)(end - at));
        at = at == NULL ? NULL : at + 1;
    }
    (void)munmap((void *)said, REMARKS_BYTES_MAX);
    return missed;
}
