#include "sync/centre/courier_lines.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/known_lines.h"

/* One more than fit tells that there are older ones. */
static const char frames_sql[] =
    "SELECT sequence, chain FROM (SELECT sequence, chain FROM journal_frame"
    "  WHERE site = ?1 UNION ALL SELECT sequence, chain FROM left_frame WHERE site = ?1)"
    " ORDER BY sequence DESC LIMIT ?2";

static int add_frame(struct known_lines *k, sqlite3_stmt *s, struct err *e)
{
    struct known_frame *f = &k->frames[k->count];
    struct hash chain;

    f->sequence = (uint64_t)sqlite3_column_int64(s, 0);
    if (!column_hash(s, 1, &chain))
        return err_set(e, ERR_CORRUPT, "frame %llu has no chain hash",
                       (unsigned long long)f->sequence);
    memcpy(f->chain, chain.bytes, CHAIN_HASH_BYTES);
    k->count++;
    return 0;
}

static int read_newest(struct known_lines *k, sqlite3_stmt *s, struct err *e)
{
    int row;

    (void)sqlite3_bind_int(s, 1, k->site);
    (void)sqlite3_bind_int64(s, 2, KNOWN_FRAMES_MAX + 1);
    while ((row = statement_step(s, e)) == 1) {
        if (k->count == KNOWN_FRAMES_MAX) {
            k->floor = (uint64_t)sqlite3_column_int64(s, 0) + 1;
            break;
        }
        if (add_frame(k, s, e) != 0)
            return -1;
    }
    return row < 0 ? -1 : 0;
}

/* From the floor on, the oldest first. */
static void put_in_order(struct known_lines *k)
{
    while (k->count > 0 && k->frames[k->count - 1].sequence < k->floor)
        k->count--;
    for (size_t i = 0, j = k->count; i + 1 < j; i++) {
        struct known_frame f = k->frames[i];

        k->frames[i] = k->frames[--j];
        k->frames[j] = f;
    }
}

static int read_frames(struct centre *c, struct known_lines *k, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    k->frames = calloc(KNOWN_FRAMES_MAX, sizeof *k->frames);
    if (k->frames == NULL)
        return err_set(e, ERR_MEMORY, "lines");
    if (centre_statement(c, &s, frames_sql, e) != 0)
        return -1;
    rc = read_newest(k, s, e);
    statements_finalize(&s, 1);
    put_in_order(k);
    return rc;
}

static int read_ends(struct centre *c, struct known_lines *k, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT epoch, max(sequence) FROM (SELECT epoch, sequence FROM"
                         " journal_frame WHERE site = ?1 UNION ALL SELECT epoch, sequence"
                         " FROM left_frame WHERE site = ?1) GROUP BY epoch",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, k->site);
    while ((row = statement_step(s, e)) == 1)
        k->ends[sqlite3_column_int(s, 0) & (KNOWN_LINES - 1)] =
            (uint64_t)sqlite3_column_int64(s, 1);
    statements_finalize(&s, 1);
    return row;
}

int courier_lines(struct centre *c, uint16_t site, struct buffer *out, struct err *e)
{
    struct known_lines k = {.site = site, .centre_epoch = c->epoch};
    struct site_row row;
    bool found;
    int rc = -1;

    if (site_find(c, site, &row, &found, e) == 0 && read_frames(c, &k, e) == 0 &&
        read_ends(c, &k, e) == 0) {
        k.epoch = row.epoch;
        k.received = row.received;
        known_lines_encode(&k, &c->key, out);
        rc = buffer_check(out, e);
    }
    known_lines_release(&k);
    return rc;
}
