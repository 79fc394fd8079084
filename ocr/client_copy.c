/* A searchable copy, as whoever asks for it sees it. */
#include <sys/stat.h>

#include "ocr/client.h"
#include "ocr/client_stream.h"
#include "ocr/source.h"

/* Beside its pictures a copy holds words, and one font and profile: more than that is
 * no copy. */
#define COPY_SPARE_BYTES (64u << 20)

static int ask(struct ocr_client *c, struct question q, int fd, uint64_t count_max,
               int out_fd, enum refusal *refusal, struct err *e)
{
    struct client_stream s = {.fd = out_fd, .count_max = count_max};

    *refusal = REFUSAL_NONE;
    if (client_stream_ask(c, q, fd, &s, refusal, e) != 0)
        return -1;
    if (*refusal == REFUSAL_NONE && (s.over || s.count == 0))
        *refusal = s.over ? REFUSAL_TOO_LARGE : REFUSAL_CRASHED;
    return 0;
}

int ocr_picture(struct ocr_client *c, int fd, uint32_t page, int out_fd,
                enum refusal *refusal, struct err *e)
{
    return ask(c, (struct question){.kind = QUESTION_PICTURE, .page = page}, fd,
               SOURCE_BYTES_MAX, out_fd, refusal, e);
}

int ocr_copy(struct ocr_client *c, int sheaf_fd, int out_fd, enum refusal *refusal,
             struct err *e)
{
    struct stat sheaf;

    if (fstat(sheaf_fd, &sheaf) != 0)
        return err_set_errno(e, ERR_IO, "sheaf");
    return ask(c, (struct question){.kind = QUESTION_COPY}, sheaf_fd,
               (uint64_t)sheaf.st_size * 2 + COPY_SPARE_BYTES, out_fd, refusal, e);
}
