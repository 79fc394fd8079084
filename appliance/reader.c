#include "appliance/reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct ocr_reader {
    struct reader base;
    struct ocr_client *client;
};

static struct ocr_client *client_of(const struct reader *r)
{
    return ((const struct ocr_reader *)r)->client;
}

static int ask_identify(struct reader *r, struct disk_file *f, struct identity *out,
                        struct err *e)
{
    int fd, rc;

    if (disk_file_descriptor(f, &fd, e) != 0)
        return -1;
    rc = ocr_identify(client_of(r), fd, out, e);
    (void)close(fd); /* it was only for reading */
    return rc;
}

static int ask_look(struct reader *r, struct disk_file *f, uint32_t page,
                    struct look *out, struct err *e)
{
    int fd, rc;

    if (disk_file_descriptor(f, &fd, e) != 0)
        return -1;
    rc = ocr_look(client_of(r), fd, page, out, e);
    (void)close(fd);
    return rc;
}

static int ask_unpack(struct reader *r, struct disk_file *f,
                      const struct entry_sink *sink, enum refusal *refusal, struct err *e)
{
    int fd, rc;

    if (disk_file_descriptor(f, &fd, e) != 0)
        return -1;
    rc = ocr_unpack(client_of(r), fd, sink, refusal, e);
    (void)close(fd);
    return rc;
}

static int submit_read(struct reader *r, uint64_t ticket, struct disk_file *f,
                       uint32_t page, unsigned quarter_turns, enum reading_way way,
                       struct err *e)
{
    int fd, rc;

    if (disk_file_descriptor(f, &fd, e) != 0)
        return -1;
    rc = ocr_submit_read(client_of(r), ticket, fd, page, quarter_turns, way, e);
    (void)close(fd); /* the worker has its own by now */
    return rc;
}

static int wait_read(struct reader *r, int timeout_ms, uint64_t *ticket,
                     struct reading *out, struct err *e)
{
    return ocr_wait_read(client_of(r), timeout_ms, ticket, out, e);
}

static int ask_small(struct reader *r, struct disk_file *f, uint32_t page,
                     unsigned quarter_turns, struct small *out, struct err *e)
{
    int fd, rc;

    if (disk_file_descriptor(f, &fd, e) != 0)
        return -1;
    rc = ocr_small(client_of(r), fd, page, quarter_turns, out, e);
    (void)close(fd);
    return rc;
}

/* The client writes, so a descriptor for reading does not do: `packed` is a file of
 * the system's disk, as everything that this reader is given. */
static int ask_repack(struct reader *r, struct disk_file *f, const struct hash *sha256,
                      struct disk_file *packed, bool *gained, enum refusal *refusal,
                      struct err *e)
{
    int fd, rc = -1, out = open(packed->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    *gained = false;
    *refusal = REFUSAL_NONE;
    if (out < 0)
        return err_set_errno(e, ERR_IO, "%s", packed->path);
    if (disk_file_descriptor(f, &fd, e) == 0) {
        rc = ocr_repack(client_of(r), fd, sha256, out, gained, refusal, e);
        (void)close(fd);
    }
    (void)close(out); /* whoever keeps it syncs it */
    return rc;
}

/* As for ask_repack(). */
static int open_to_append(const struct disk_file *f, int *fd, struct err *e)
{
    *fd = open(f->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    return *fd >= 0 ? 0 : err_set_errno(e, ERR_IO, "%s", f->path);
}

static int ask_picture(struct reader *r, struct disk_file *f, uint32_t page,
                       struct disk_file *into, enum refusal *refusal, struct err *e)
{
    int fd, out, rc = -1;

    if (open_to_append(into, &out, e) != 0)
        return -1;
    if (disk_file_descriptor(f, &fd, e) == 0) {
        rc = ocr_picture(client_of(r), fd, page, out, refusal, e);
        (void)close(fd);
    }
    (void)close(out); /* whoever keeps it syncs it */
    return rc;
}

static int ask_copy(struct reader *r, struct disk_file *sheaf, struct disk_file *into,
                    enum refusal *refusal, struct err *e)
{
    int fd, out, rc = -1;

    if (open_to_append(into, &out, e) != 0)
        return -1;
    if (disk_file_descriptor(sheaf, &fd, e) == 0) {
        rc = ocr_copy(client_of(r), fd, out, refusal, e);
        (void)close(fd);
    }
    (void)close(out);
    return rc;
}

static unsigned at_work(const struct reader *r)
{
    return ocr_at_work(client_of(r));
}

static void idle(struct reader *r)
{
    ocr_client_idle(client_of(r));
}

static void interrupt(struct reader *r)
{
    ocr_client_interrupt(client_of(r));
}

static void destroy(struct reader *r)
{
    if (r == NULL)
        return;
    ocr_client_destroy(client_of(r));
    free(r);
}

int reader_ocr_create(struct reader **out, const struct ocr_options *o, struct err *e)
{
    struct ocr_reader *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "reader: out of memory");
    if (ocr_client_create(&r->client, o, e) != 0) {
        free(r);
        return -1;
    }
    r->base = (struct reader){
        .jobs = o->jobs,
        .identify = ask_identify,
        .look = ask_look,
        .unpack = ask_unpack,
        .submit_read = submit_read,
        .wait_read = wait_read,
        .small = ask_small,
        .repack = ask_repack,
        .picture = ask_picture,
        .copy = ask_copy,
        .at_work = at_work,
        .idle = idle,
        .interrupt = interrupt,
        .destroy = destroy,
    };
    *out = &r->base;
    return 0;
}
