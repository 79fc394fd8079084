#include "schema/chain.h"
#include "schema/statements.h"
#include "schema/store.h"
#include "sync/centre/down_internal.h"
#include "sync/rows/change.h"

int down_last(struct centre *c, uint16_t site, uint64_t *last, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *last = 0;
    if (centre_statement(c, &s, "SELECT max(sequence) FROM down_frame WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    if (row == 1)
        *last = (uint64_t)sqlite3_column_int64(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* The chain's hash after the line's last frame, and that frame's number. */
static int read_end(struct centre *c, uint16_t site, uint64_t *last, struct hash *chain,
                    struct err *e)
{
    sqlite3_stmt *s;
    int row;
    bool sound = true;

    *last = 0;
    chain_start_down(chain, site);
    if (centre_statement(c, &s,
                         "SELECT sequence, chain FROM down_frame WHERE site = ?1"
                         " ORDER BY sequence DESC LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    if (row == 1) {
        *last = (uint64_t)sqlite3_column_int64(s, 0);
        sound = column_hash(s, 1, chain);
    }
    statements_finalize(&s, 1);
    if (!sound)
        return err_set(e, ERR_CORRUPT, "down: the last chain hash is malformed");
    return row < 0 ? -1 : 0;
}

/* Rows of one site only: whose line it is would not be clear otherwise. */
static int check_site(uint16_t site, const struct buffer *changeset, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change change;
    int rc = 0;

    if (sqlite3changeset_start(&iter, (int)changeset->count, changeset->bytes) !=
        SQLITE_OK)
        return err_set(e, ERR_MEMORY, "down");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&change, iter, e);
        if (rc == 0 &&
            change_subject(&change) >> (ID_EPOCH_BITS + ID_COUNTER_BITS) != site)
            rc =
                err_set(e, ERR_USAGE, "a row of %s is not of site %u", change.name, site);
    }
    (void)sqlite3changeset_finalize(iter); /* ours, made a moment ago */
    return rc;
}

static int insert(struct centre *c, const struct down *d, uint64_t sequence,
                  const struct hash *chain, const struct buffer *changeset, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "INSERT INTO down_frame (site, sequence, centre_epoch, schema,"
                         " seen, seen_epoch, chain, changeset, given_epoch, given)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, d->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(s, 3, c->epoch);
    (void)sqlite3_bind_int64(s, 4, d->schema);
    (void)sqlite3_bind_int64(s, 5, (sqlite3_int64)d->seen);
    (void)sqlite3_bind_int(s, 6, d->seen_epoch);
    bind_blob(s, 7, chain->bytes, HASH_BYTES);
    bind_blob(s, 8, changeset->bytes, changeset->count);
    if (d->given != NULL) {
        (void)sqlite3_bind_int(s, 9, d->given->epoch);
        (void)sqlite3_bind_int64(s, 10, (sqlite3_int64)d->given->sequence);
    }
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int down_frame_add(struct centre *c, const struct down *d, const struct buffer *encoded,
                   uint64_t *sequence, struct err *e)
{
    struct hash before, chain;
    uint64_t last;

    *sequence = 0;
    if (read_end(c, d->site, &last, &before, e) != 0)
        return -1;
    chain_next(&chain, &before, last + 1, d->schema, encoded->bytes, encoded->count);
    if (insert(c, d, last + 1, &chain, encoded, e) != 0)
        return -1;
    *sequence = last + 1;
    return 0;
}

int down_frame_append(struct centre *c, const struct down *d,
                      const struct buffer *changeset, uint64_t *sequence, struct err *e)
{
    struct buffer encoded;
    int rc = -1;

    *sequence = 0;
    buffer_init(&encoded, changeset->count_max);
    if (check_site(d->site, changeset, e) == 0 &&
        down_encode(c, d, changeset, &encoded, e) == 0) /* all of it may have to wait */
        rc = encoded.count == 0 ? 0 : down_frame_add(c, d, &encoded, sequence, e);
    buffer_release(&encoded);
    return rc;
}

int down_give(struct centre *c, uint16_t site, const struct down_given *g, struct err *e)
{
    const struct down d = {.site = site,
                           .schema = g->schema,
                           .seen = g->seen,
                           .seen_epoch = g->seen_epoch,
                           .given = g};
    const struct buffer changeset = {.bytes = (unsigned char *)(uintptr_t)g->changeset,
                                     .count = g->changeset_bytes};
    uint64_t sequence;

    return down_frame_add(c, &d, &changeset, &sequence, e);
}
