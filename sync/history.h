/* History: the newest bytes of a line's changesets, put together from the newest frame
 * back, as bundles lean on them (bundle.h). */
#ifndef TRAM_SYNC_HISTORY_H
#define TRAM_SYNC_HISTORY_H

#include <stddef.h>

#include "base/buffer.h"

struct history_filling {
    unsigned char *bytes; /* owned; what is there is at its end */
    size_t count, left;   /* room in all; and still free, at its beginning */
};

int history_filling_init(struct history_filling *f, size_t count, struct err *e);
void history_filling_release(struct history_filling *f); /* a zeroed one is fine */

/* Puts a changeset before what is there; of the oldest its end, as far as there is room. */
void history_put(struct history_filling *f, const void *changeset, size_t count);

/* 1 and all of it behind what is in `out`; 0 if there is room left: then nothing. */
int history_filling_give(const struct history_filling *f, struct buffer *out,
                         struct err *e);

static inline const unsigned char *history_bytes(const struct history_filling *f)
{
    return f->bytes + f->left;
}

static inline size_t history_count(const struct history_filling *f)
{
    return f->count - f->left;
}

#endif
