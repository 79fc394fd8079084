#include "sync/centre/down_internal.h"

#include "schema/migrations.h"

int down_encode(struct centre *c, const struct down *d, const struct buffer *changeset,
                struct buffer *out, struct err *e)
{
    (void)c;
    (void)d;
    buffer_append(out, changeset->bytes, changeset->count);
    return buffer_check(out, e);
}
