#include "appliance/box.h"

#include <stdio.h>
#include <stdlib.h>

#include "appliance/box_types.h"
#include "appliance/drawing.h"
#include "appliance/queue.h"
#include "schema/search/search.h"

int box_open(struct box **out, struct disk *d, struct clock *c, const char *dir,
             struct reader *reader, struct err *e)
{
    int rc = -1;
    struct box *b = calloc(1, sizeof *b);

    *out = NULL;
    if (b == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a box");
    b->disk = d;
    b->clock = c;
    b->reader = reader;
    (void)snprintf(b->actor, sizeof b->actor, "tram-box");
    if (disk_path(b->dir, e, "%s", dir) != 0)
        goto out;
    if (store_open(&b->store, d, c, dir, e) != 0)
        goto out;
    if (records_create(&b->records, b->store, e) != 0 || search_begin(b->records, e) != 0)
        goto out;
    if (blobs_open(&b->blobs, d, dir, e) != 0)
        goto out;
    if (queue_create(&b->queue, b, e) != 0 || drawing_watch(b, e) != 0)
        goto out;
    *out = b;
    b = NULL; /* now the caller's */
    rc = 0;
out:
    box_close(b);
    return rc;
}

void box_close(struct box *b)
{
    if (b == NULL)
        return;
    box_types_destroy(b->types);
    queue_destroy(b->queue);
    blobs_close(b->blobs);
    records_destroy(b->records);
    store_close(b->store); /* last: the others hold statements of it */
    free(b);
}

int box_init(struct disk *d, struct clock *c, const char *dir,
             const struct store_identity *who, struct err *e)
{
    struct blobs *blobs = NULL;

    if (disk_make_dirs(d, dir, e) != 0)
        return -1;
    /* The blobs' directories first: a box is there once its store is. */
    if (blobs_open(&blobs, d, dir, e) != 0)
        return -1;
    blobs_close(blobs);
    return store_init(d, c, dir, who, e);
}
