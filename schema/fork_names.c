#include <inttypes.h>

#include "schema/chain.h"
#include "schema/fork_internal.h"
#include "schema/statements.h"
#include "schema/store_internal.h"

static sqlite3_stmt *walk(sqlite3_stmt *frames, uint64_t after, uint64_t last)
{
    sqlite3_stmt *s = statement_fresh(frames);

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)after);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last);
    return s;
}

int fork_collect(struct fork_ids *ids, sqlite3_stmt *frames, uint64_t after,
                 uint64_t last, struct err *e)
{
    sqlite3_stmt *s = walk(frames, after, last);
    int row;

    while ((row = statement_step(s, e)) == 1)
        if (fork_ids_collect(ids, (uint8_t)sqlite3_column_int(s, 3),
                             sqlite3_column_blob(s, 2),
                             (size_t)sqlite3_column_bytes(s, 2), e) != 0) {
            row = err_wrap(e, "frame %lld", (long long)sqlite3_column_int64(s, 0));
            break;
        }
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return row;
}

int fork_rename_frame(const struct fork_ids *ids, sqlite3_stmt *frame, uint8_t begins,
                      struct buffer *changeset, struct hash *chain, struct err *e)
{
    uint64_t sequence = (uint64_t)sqlite3_column_int64(frame, 0);

    buffer_clear(changeset);
    buffer_append(changeset, sqlite3_column_blob(frame, 2),
                  (size_t)sqlite3_column_bytes(frame, 2));
    if (buffer_check(changeset, e) != 0 ||
        fork_ids_patch(ids, changeset->bytes, changeset->count, e) != 0 ||
        (begins != 0 &&
         fork_ids_mark(begins, changeset->bytes, changeset->count, e) != 0))
        return err_wrap(e, "frame %" PRIu64, sequence);
    chain_next(chain, chain, sequence, (uint32_t)sqlite3_column_int64(frame, 1),
               changeset->bytes, changeset->count);
    return 0;
}

int fork_chain_at(struct store *s, uint64_t sequence, struct hash *out, struct err *e)
{
    const char *const sql = "SELECT chain FROM changelog WHERE sequence = ?1";
    sqlite3_stmt *look;
    int row;

    chain_start(out, store_identity(s)->site);
    if (sequence == 0)
        return 0;
    if (statements_prepare(store_db(s), &look, &sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(look, 1, (sqlite3_int64)sequence);
    row = statement_step(look, e);
    if (row == 1 && !column_hash(look, 0, out))
        row = 0;
    statements_finalize(&look, 1);
    if (row == 0)
        return err_set(e, ERR_REFUSED, "there is no frame %" PRIu64, sequence);
    return row < 0 ? -1 : 0;
}

static int rename_all(struct fork_ids *ids, sqlite3_stmt *frames,
                      const struct fork_names *n, struct hash *chain, struct hash *out,
                      struct err *e)
{
    sqlite3_stmt *s = walk(frames, n->after, n->last);
    uint8_t begins = n->epoch;
    struct buffer changeset;
    int row;

    buffer_init(&changeset, STORE_CHANGESET_BYTES_MAX);
    while ((row = statement_step(s, e)) == 1) {
        if (fork_rename_frame(ids, s, begins, &changeset, chain, e) != 0) {
            row = -1;
            break;
        }
        begins = 0;
        *out++ = *chain;
    }
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    buffer_release(&changeset);
    return row;
}

int fork_named_chain(struct store *s, const struct fork_names *n, struct hash *out,
                     struct err *e)
{
    const char *const sql = FORK_FRAMES_SQL;
    struct fork_ids ids = {.site = store_identity(s)->site, .epoch = n->epoch};
    sqlite3_stmt *frames;
    struct hash chain;
    int rc = -1;

    if (fork_chain_at(s, n->after, &chain, e) != 0 ||
        statements_prepare(store_db(s), &frames, &sql, 1, e) != 0)
        return err_wrap(e, "fork");
    if (fork_collect(&ids, frames, n->after, n->last, e) == 0) {
        fork_ids_sort(&ids);
        rc = rename_all(&ids, frames, n, &chain, out, e);
    }
    statements_finalize(&frames, 1);
    fork_ids_release(&ids);
    return rc == 0 ? 0 : err_wrap(e, "fork");
}
