#include "appliance/outbox_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "schema/chain.h"
#include "schema/fork.h"
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

/* By their own names, unless `named` has others for those after names->after. */
static int append_places(struct outbox *o, const struct chain_range *r,
                         const struct fork_names *names, const struct hash *named,
                         struct buffer *out, struct err *e)
{
    for (unsigned i = 0; i < chain_places(r); i++) {
        uint64_t place = chain_place(r, i);
        struct hash chain;

        if (named != NULL && place > names->after)
            chain = named[place - names->after - 1];
        else if (chain_after(o, place, &chain, e) != 0)
            return -1;
        buffer_append(out, chain.bytes, CHAIN_HASH_BYTES);
    }
    return buffer_check(out, e);
}

int outbox_chain(struct outbox *o, const struct chain_range *r,
                 const struct fork_names *names, struct buffer *out, struct err *e)
{
    struct hash *named = NULL;
    int rc = -1;

    if (names->epoch != 0 && names->last > names->after) {
        named = calloc((size_t)(names->last - names->after), sizeof *named);
        if (named == NULL) {
            (void)err_set(e, ERR_MEMORY, "chain");
            goto out;
        }
        if (fork_named_chain(o->box->store, names, named, e) != 0)
            goto out;
    }
    rc = append_places(o, r, names, named, out, e);
out:
    free(named);
    return rc == 0 ? 0 : err_wrap(e, "outbox");
}
