#include <string.h>

#include "schema/statements.h"
#include "sync/bundle.h"
#include "sync/centre/down_internal.h"
#include "sync/centre/sites.h"

void down_sealed_release(struct down_sealed *s)
{
    buffer_release(&s->bytes);
    *s = (struct down_sealed){0};
}

/* ------------------------------------------------------------------------- kept */

static int load(struct centre *c, uint16_t site, uint64_t sequence,
                struct down_sealed *out, bool *found, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *found = false;
    if (centre_statement(c, &s,
                         "SELECT first, last, object, bytes FROM down_bundle"
                         " WHERE site = ?1 AND first <= ?2 AND last >= ?2"
                         " ORDER BY first DESC LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    if (row == 1 && sqlite3_column_bytes(s, 2) == 1 + OBJECT_ID_BYTES) {
        const unsigned char *id = sqlite3_column_blob(s, 2);

        out->first = (uint64_t)sqlite3_column_int64(s, 0);
        out->last = (uint64_t)sqlite3_column_int64(s, 1);
        out->object.kind = id[0];
        memcpy(out->object.id, id + 1, OBJECT_ID_BYTES);
        buffer_clear(&out->bytes);
        buffer_append(&out->bytes, sqlite3_column_blob(s, 3),
                      (size_t)sqlite3_column_bytes(s, 3));
        row = buffer_check(&out->bytes, e);
        *found = row == 0;
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static void bind_sealed(sqlite3_stmt *s, uint16_t site, const struct down_sealed *d)
{
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)d->first);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)d->last);
}

/* A box that says it has less than before gets a longer one: those that it holds are of no
 * more use. */
static int forget_held(struct centre *c, uint16_t site, const struct down_sealed *d,
                       struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "DELETE FROM down_bundle WHERE site = ?1 AND first > ?2"
                         " AND last <= ?3",
                         e) != 0)
        return -1;
    bind_sealed(s, site, d);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* Another thread may have made it meanwhile: then that one stands. */
static int insert(struct centre *c, uint16_t site, const struct down_sealed *d,
                  struct err *e)
{
    unsigned char id[1 + OBJECT_ID_BYTES] = {d->object.kind};
    sqlite3_stmt *s;
    int rc;

    memcpy(id + 1, d->object.id, OBJECT_ID_BYTES);
    if (centre_statement(c, &s,
                         "INSERT INTO down_bundle (site, first, last, object, bytes)"
                         " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                         e) != 0)
        return -1;
    bind_sealed(s, site, d);
    bind_blob(s, 4, id, sizeof id);
    bind_blob(s, 5, d->bytes.bytes, d->bytes.count);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int keep(struct centre *c, uint16_t site, const struct down_sealed *d,
                struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (forget_held(c, site, d, e) == 0 && insert(c, site, d, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}

/* ------------------------------------------------------------------------- made */

struct gathering {
    struct bundle_writer *writer; /* NULL until the first frame */
    uint64_t last;
    uint8_t centre_epoch, seen_epoch;
    struct hash chain;
};

/* 1: taken; 0: it belongs into the next bundle. */
static int gather_frame(struct gathering *g, uint16_t site, sqlite3_stmt *s,
                        struct err *e)
{
    struct frame f = {.sequence = (uint64_t)sqlite3_column_int64(s, 0),
                      .schema = (uint32_t)sqlite3_column_int64(s, 1),
                      .seen = (uint64_t)sqlite3_column_int64(s, 2),
                      .changeset = sqlite3_column_blob(s, 3),
                      .changeset_bytes = (size_t)sqlite3_column_bytes(s, 3)};
    uint8_t epoch = (uint8_t)sqlite3_column_int(s, 5),
            seen_epoch = (uint8_t)sqlite3_column_int(s, 6);

    if (g->writer == NULL) {
        if (bundle_writer_create(&g->writer, DIRECTION_DOWN, site, epoch, e) != 0)
            return -1;
        bundle_writer_seen_epoch(g->writer, seen_epoch);
        g->centre_epoch = epoch;
        g->seen_epoch = seen_epoch;
    } else if (f.sequence != g->last + 1) {
        return err_set(e, ERR_CORRUPT, "down: frame %llu is out of place",
                       (unsigned long long)f.sequence);
    } else if (epoch != g->centre_epoch || seen_epoch != g->seen_epoch ||
               bundle_writer_bytes(g->writer) + f.changeset_bytes >
                   DOWN_BUNDLE_PLAIN_BYTES) {
        return 0;
    }
    if (bundle_writer_add(g->writer, &f, e) != 0)
        return e->code == ERR_TOO_BIG && g->last != 0 ? 0 : -1;
    g->last = f.sequence;
    return column_hash(s, 4, &g->chain)
               ? 1
               : err_set(e, ERR_CORRUPT, "down: frame %llu has no chain",
                         (unsigned long long)f.sequence);
}

/* From `first` on until it is full. g->last stays 0 if there is no such frame. */
static int gather(struct centre *c, uint16_t site, uint64_t first, struct gathering *g,
                  struct err *e)
{
    sqlite3_stmt *s;
    int row, taken = 1;

    if (centre_statement(c, &s,
                         "SELECT sequence, schema, seen, changeset, chain, centre_epoch,"
                         " seen_epoch FROM down_frame WHERE site = ?1 AND sequence >= ?2"
                         " ORDER BY sequence",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)first);
    while (taken == 1 && (row = statement_step(s, e)) != 0)
        taken = row < 0 ? -1 : gather_frame(g, site, s, e);
    statements_finalize(&s, 1);
    return taken < 0 ? -1 : 0;
}

/* out->last stays 0 if there is no such frame. `alone`: leans on nothing. */
static int make(struct centre *c, const struct site_row *site, uint64_t first, bool alone,
                struct down_sealed *out, struct err *e)
{
    struct history_filling history = {0};
    struct gathering g = {0};
    struct hash h;
    int rc = -1;

    if (gather(c, site->site, first, &g, e) != 0)
        goto out;
    rc = 0;
    if (g.last == 0)
        goto out;
    buffer_clear(&out->bytes);
    if (!alone)
        rc = down_lean(c, site->site, first, g.writer, &history, e);
    bundle_writer_level(g.writer, bundle_level(0, bundle_writer_bytes(g.writer)));
    if (rc == 0)
        rc = bundle_writer_seal(g.writer, &g.chain, &c->key, &site->key, c->random,
                                &out->bytes, e);
    if (rc != 0)
        goto out;
    out->first = first;
    out->last = g.last;
    out->object.kind = OBJECT_BUNDLE;
    hash_of(&h, out->bytes.bytes, out->bytes.count);
    memcpy(out->object.id, h.bytes, OBJECT_ID_BYTES);
out:
    history_filling_release(&history);
    bundle_writer_destroy(g.writer);
    return rc;
}

/* Its frames may be there and nobody to seal them for: then there is none. */
static int make_claimed(struct centre *c, uint16_t site, uint64_t sequence, bool alone,
                        struct down_sealed *out, bool *found, struct err *e)
{
    struct site_row row;

    if (site_find(c, site, &row, found, e) != 0)
        return -1;
    if (!*found || !row.claimed) {
        *found = false;
        return 0;
    }
    *found = false;
    if (make(c, &row, sequence, alone, out, e) != 0)
        return -1;
    *found = out->last != 0;
    return 0;
}

static int load_or_make(struct centre *c, uint16_t site, uint64_t sequence,
                        struct down_sealed *out, bool *found, struct err *e)
{
    bool made;

    if (load(c, site, sequence, out, found, e) != 0)
        return -1;
    if (*found)
        return 0;
    if (make_claimed(c, site, sequence, false, out, &made, e) != 0)
        return -1;
    if (!made)
        return 0;
    return keep(c, site, out, e) != 0 ? -1 : load(c, site, sequence, out, found, e);
}

static int load_or_make_alone(struct centre *c, uint16_t site, uint64_t sequence,
                              struct down_sealed *out, bool *found, struct err *e)
{
    struct bundle_header h;

    if (load(c, site, sequence, out, found, e) != 0)
        return -1;
    if (*found && bundle_peek(&h, out->bytes.bytes, out->bytes.count, e) != 0)
        return -1;
    if (*found && bundle_stands_alone(&h))
        return 0;
    out->last = 0;
    return make_claimed(c, site, sequence, true, out, found, e);
}

static int bundle_by(int (*by)(struct centre *c, uint16_t site, uint64_t sequence,
                               struct down_sealed *out, bool *found, struct err *e),
                     struct centre *c, uint16_t site, uint64_t sequence,
                     struct down_sealed *out, bool *found, struct err *e)
{
    int rc;

    *out = (struct down_sealed){0};
    *found = false;
    buffer_init(&out->bytes, BUNDLE_BYTES_MAX);
    rc = by(c, site, sequence, out, found, e);
    if (rc != 0 || !*found)
        down_sealed_release(out);
    return rc == 0 ? 0 : err_wrap(e, "down: site %u", site);
}

int down_bundle(struct centre *c, uint16_t site, uint64_t sequence,
                struct down_sealed *out, bool *found, struct err *e)
{
    return bundle_by(load_or_make, c, site, sequence, out, found, e);
}

int down_bundle_alone(struct centre *c, uint16_t site, uint64_t sequence,
                      struct down_sealed *out, bool *found, struct err *e)
{
    return bundle_by(load_or_make_alone, c, site, sequence, out, found, e);
}
