#include "ocr/source.h"

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum refusal source_open(struct source *out, int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);
    void *bytes;

    *out = (struct source){0};
    if (end < 0)
        return REFUSAL_DAMAGED;
    if (end == 0)
        return REFUSAL_EMPTY;
    if ((uint64_t)end > SOURCE_BYTES_MAX)
        return REFUSAL_TOO_LARGE;
    bytes = mmap(NULL, (size_t)end, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return REFUSAL_OUT_OF_MEMORY;
    out->bytes = bytes;
    out->count = (size_t)end;
    return REFUSAL_NONE;
}

void source_release(struct source *s)
{
    if (s->bytes != NULL)
        (void)munmap((void *)s->bytes, s->count); /* our own mapping, as it was made */
    *s = (struct source){0};
}
