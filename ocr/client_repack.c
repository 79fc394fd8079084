/* Repacking, as whoever asks sees it: nothing counts as packed that has not been
 * restored, in another child, to the bytes that were there. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ocr/client.h"
#include "ocr/client_stream.h"
#include "ocr/repack/packed.h"

/* What the packed form gives, to `out_fd` or nowhere; REFUSAL_DAMAGED if it is not
 * what has the hash. */
static int restore(struct ocr_client *c, int packed_fd, const struct hash *sha256,
                   struct client_stream *s, enum refusal *refusal, struct err *e)
{
    struct hash came;
    char path[32];
    int fd, rc;

    /* Once more, to read only: a child that a packed form has taken over must not be
     * able to write into the file that it is to prove. */
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", packed_fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(e, ERR_IO, "packed form");
    rc = client_stream_ask(c, (struct question){.kind = QUESTION_RESTORE}, fd, s, refusal,
                           e);
    (void)close(fd); /* only read from */
    if (rc != 0)
        return -1;
    hasher_finish(&s->hasher, &came);
    if (*refusal == REFUSAL_NONE && (s->over || !hash_equal(&came, sha256)))
        *refusal = REFUSAL_DAMAGED;
    return 0;
}

static int empty_file(int fd, struct err *e)
{
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        return err_set_errno(e, ERR_IO, "packed form");
    return 0;
}

int ocr_repack(struct ocr_client *c, int fd, const struct hash *sha256, int packed_fd,
               bool *gained, enum refusal *refusal, struct err *e)
{
    struct client_stream packed = {.fd = packed_fd}, restored = {.fd = -1};
    struct stat original;

    *gained = false;
    *refusal = REFUSAL_NONE;
    if (fstat(fd, &original) != 0)
        return err_set_errno(e, ERR_IO, "original");
    packed.count_max = packed_bytes_max((uint64_t)original.st_size);
    restored.count_max = (uint64_t)original.st_size;
    if (empty_file(packed_fd, e) != 0 ||
        client_stream_ask(c, (struct question){.kind = QUESTION_REPACK}, fd, &packed,
                          refusal, e) != 0)
        return -1;
    if (*refusal != REFUSAL_NONE || packed.over || packed.count == 0)
        return 0;
    if (restore(c, packed_fd, sha256, &restored, refusal, e) != 0)
        return -1;
    *gained = *refusal == REFUSAL_NONE;
    return 0;
}

/* What the head says; 0 if it is none, and then no byte is taken. */
static int restored_bytes_max(int packed_fd, uint64_t *out, struct err *e)
{
    unsigned char head[PACKED_HEAD_BYTES];
    struct packed_reader reader;
    struct err why;
    ssize_t n = pread(packed_fd, head, sizeof head, 0);

    if (n < 0)
        return err_set_errno(e, ERR_IO, "packed form");
    *out = 0;
    if (packed_open(&reader, head, (size_t)n, &why) == 0)
        *out = reader.head.original_bytes;
    return 0;
}

int ocr_restore(struct ocr_client *c, int packed_fd, const struct hash *sha256,
                int out_fd, enum refusal *refusal, struct err *e)
{
    struct client_stream restored = {.fd = out_fd};

    *refusal = REFUSAL_NONE;
    if (restored_bytes_max(packed_fd, &restored.count_max, e) != 0)
        return -1;
    return restore(c, packed_fd, sha256, &restored, refusal, e);
}
