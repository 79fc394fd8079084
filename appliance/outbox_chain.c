#include "appliance/outbox_internal.h"

#include <inttypes.h>

#include "schema/chain.h"
#include "schema/statements.h"

static int chain_after(struct outbox *o, uint64_t sequence, struct hash *out,
                       struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_CHAIN);
    bool sound;
    int row;

    if (sequence == 0) {
        chain_start(out, o->site);
        return 0;
    }
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    if (row < 0)
        return -1;
    sound = row == 1 && column_hash(s, 0, out);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return sound
               ? 0
               : err_set(e, ERR_CORRUPT, "no chain hash after frame %" PRIu64, sequence);
}

int outbox_chain(struct outbox *o, const struct chain_range *r, struct buffer *out,
                 struct err *e)
{
    for (unsigned i = 0; i < chain_places(r); i++) {
        struct hash chain;

        if (chain_after(o, chain_place(r, i), &chain, e) != 0)
            return err_wrap(e, "outbox");
        buffer_append(out, chain.bytes, CHAIN_HASH_BYTES);
    }
    return buffer_check(out, e);
}
