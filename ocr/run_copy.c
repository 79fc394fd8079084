#include "ocr/run_copy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk.h"
#include "ocr/copy/layer.h"
#include "ocr/output.h"

#define DIR_OTHERWISE "/var/tmp" /* on a disk, where /tmp may be memory */

int run_copy_begin(struct run_copy *c, struct err *e)
{
    const char *dir = getenv("TMPDIR");
    char path[DISK_PATH_BYTES];

    *c = (struct run_copy){.sheaf_fd = -1};
    buffer_init(&c->layer, SHEAF_LAYER_BYTES_MAX);
    if (dir == NULL || dir[0] == '\0')
        dir = DIR_OTHERWISE;
    if (disk_path(path, e, "%s/tram-ocr-XXXXXX", dir) != 0)
        return -1;
    c->sheaf_fd = mkostemp(path, O_CLOEXEC);
    if (c->sheaf_fd < 0 || unlink(path) != 0)
        return err_set_errno(e, ERR_IO, "temporary file in %s", dir);
    return 0;
}

void run_copy_release(struct run_copy *c)
{
    if (c->sheaf_fd >= 0)
        (void)close(c->sheaf_fd); /* it has no name: gone */
    free(c->lengths);
    buffer_release(&c->layer);
}

/* Where the next byte of the sheaf goes. */
static int end_of(const struct run_copy *c, uint64_t *end, struct err *e)
{
    off_t at = lseek(c->sheaf_fd, 0, SEEK_CUR);

    *end = (uint64_t)at;
    return at >= 0 ? 0 : err_set_errno(e, ERR_IO, "sheaf");
}

static int back_to(const struct run_copy *c, uint64_t end, struct err *e)
{
    if (ftruncate(c->sheaf_fd, (off_t)end) != 0 ||
        lseek(c->sheaf_fd, (off_t)end, SEEK_SET) < 0)
        return err_set_errno(e, ERR_IO, "sheaf");
    return 0;
}

static int add_layer(struct run_copy *c, const struct reading *r, struct err *e)
{
    static const struct layout none;
    const struct layout *layout = r->refusal == REFUSAL_NONE ? &r->layout : &none;

    buffer_clear(&c->layer);
    if (layer_of_reading(&c->layer, r->text.count == 0 ? "" : (const char *)r->text.bytes,
                         layout, layout->rotation, NULL, e) != 0)
        return -1;
    return output_write(c->sheaf_fd, c->layer.bytes, c->layer.count, e);
}

int run_copy_page(struct run_copy *c, struct ocr_client *client, int fd, uint32_t page,
                  const struct reading *r, enum refusal *refusal, struct err *e)
{
    struct sheaf_lengths *more;
    uint64_t begin, middle;

    if (c->pages == SHEAF_PAGES_MAX)
        return err_set(e, ERR_TOO_BIG, "a PDF of more than %d pages", SHEAF_PAGES_MAX);
    more = realloc(c->lengths, (c->pages + 1) * sizeof *more);
    if (more == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for pages");
    c->lengths = more;
    if (end_of(c, &begin, e) != 0 ||
        ocr_picture(client, fd, page, c->sheaf_fd, refusal, e) != 0)
        return -1;
    if (*refusal != REFUSAL_NONE)
        return back_to(c, begin, e);
    if (end_of(c, &middle, e) != 0 || add_layer(c, r, e) != 0)
        return -1;
    more[c->pages++] = (struct sheaf_lengths){middle - begin, c->layer.count};
    return 0;
}

int run_copy_finish(struct run_copy *c, struct ocr_client *client, int out_fd,
                    enum refusal *refusal, struct err *e)
{
    struct buffer end;
    int rc;

    *refusal = REFUSAL_NONE;
    if (c->pages == 0)
        return 0;
    buffer_init(&end, 1 << 20);
    sheaf_encode_end(&end, c->lengths, c->pages);
    rc = buffer_check(&end, e);
    if (rc == 0)
        rc = output_write(c->sheaf_fd, end.bytes, end.count, e);
    buffer_release(&end);
    return rc == 0 ? ocr_copy(client, c->sheaf_fd, out_fd, refusal, e) : -1;
}
