#include "sync/centre/restorer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ocr/client.h"

struct ocr_restorer {
    struct restorer base;
    struct ocr_client *client;
};

/* The client writes, so a descriptor for reading does not do: the file is the
 * system's, as all that this restorer is given. */
static int restore(struct restorer *r, struct disk_file *packed,
                   const struct hash *sha256, struct disk_file *original,
                   enum refusal *refusal, struct err *e)
{
    struct ocr_restorer *o = (struct ocr_restorer *)r;
    int in, rc = -1, out = open(original->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    *refusal = REFUSAL_NONE;
    if (out < 0)
        return err_set_errno(e, ERR_IO, "%s", original->path);
    if (disk_file_descriptor(packed, &in, e) == 0) {
        rc = ocr_restore(o->client, in, sha256, out, refusal, e);
        (void)close(in); /* it was only for reading */
    }
    (void)close(out); /* whoever keeps it syncs it */
    return rc;
}

static void idle(struct restorer *r)
{
    ocr_client_idle(((struct ocr_restorer *)r)->client);
}

static void interrupt(struct restorer *r)
{
    ocr_client_interrupt(((struct ocr_restorer *)r)->client);
}

static void destroy(struct restorer *r)
{
    struct ocr_restorer *o = (struct ocr_restorer *)r;

    if (o == NULL)
        return;
    ocr_client_destroy(o->client);
    free(o);
}

int restorer_ocr_create(struct restorer **out, bool uncaged, struct err *e)
{
    const struct ocr_options options = {.jobs = 1, .uncaged = uncaged};
    struct ocr_restorer *o = calloc(1, sizeof *o);

    *out = NULL;
    if (o == NULL)
        return err_set(e, ERR_MEMORY, "restorer: out of memory");
    if (ocr_client_create(&o->client, &options, e) != 0) {
        free(o);
        return -1;
    }
    o->base = (struct restorer){
        .restore = restore, .idle = idle, .interrupt = interrupt, .destroy = destroy};
    *out = &o->base;
    return 0;
}
