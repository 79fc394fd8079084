#include "sync/history.h"

#include <stdlib.h>
#include <string.h>

int history_filling_init(struct history_filling *f, size_t count, struct err *e)
{
    *f = (struct history_filling){.bytes = malloc(count), .count = count, .left = count};
    return f->bytes != NULL ? 0 : err_set(e, ERR_MEMORY, "history of %zu bytes", count);
}

void history_filling_release(struct history_filling *f)
{
    free(f->bytes);
    *f = (struct history_filling){0};
}

void history_put(struct history_filling *f, const void *changeset, size_t count)
{
    const unsigned char *bytes = changeset;
    size_t fits = count < f->left ? count : f->left;

    if (fits == 0)
        return;
    f->left -= fits;
    memcpy(f->bytes + f->left, bytes + (count - fits), fits);
}

int history_filling_give(const struct history_filling *f, struct buffer *out,
                         struct err *e)
{
    if (f->left > 0)
        return 0;
    buffer_append(out, f->bytes, f->count);
    return buffer_check(out, e) == 0 ? 1 : -1;
}
