#include "appliance/incoming.h"

#include <stdlib.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/rows/fold.h"

struct incoming_fold {
    struct box *box;
    bool open; /* `rows` is on the fold's database */
    struct rows_fold rows;
    uint64_t own_to; /* our last frame that rows.own has */
    /* The centre's last frame that is in it, and the chain after it. */
    uint64_t seen;
    uint8_t seen_epoch;
    struct hash chain;
};

int incoming_fold_create(struct incoming_fold **out, struct box *b, struct err *e)
{
    struct incoming_fold *f = calloc(1, sizeof *f);

    *out = f;
    if (f == NULL)
        return err_set(e, ERR_MEMORY, "incoming");
    f->box = b;
    chain_start_down(&f->chain, store_identity(b->store)->site);
    return 0;
}

static void let_go(struct incoming_fold *f)
{
    if (f->open)
        rows_fold_release(&f->rows);
    f->open = false;
}

void incoming_fold_destroy(struct incoming_fold *f)
{
    if (f == NULL)
        return;
    let_go(f);
    free(f);
}

static int open_fold(struct incoming_fold *f, sqlite3 *fold, struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(f->box->store, &names);

    if (f->open)
        return 0;
    f->open = true;
    return rows_fold_init(&f->rows, fold, names, count,
                          store_identity(f->box->store)->site, false, e);
}

/* Our frames before this one. */
static int bring_own(struct incoming_fold *f, uint64_t frame, struct err *e)
{
    static const char *const sql =
        "SELECT epoch, sequence, seen, changeset, seen_epoch FROM changelog"
        " WHERE sequence > ?1 AND sequence < ?2 ORDER BY sequence";
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(f->box->store), &s, &sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->own_to);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)frame);
    row = rows_own_read(&f->rows.rows.own, &f->rows.rows.tables, s, &f->own_to, e);
    statements_finalize(&s, 1);
    return row;
}

/* The centre was put back: its line goes on from an older frame, of whichever epoch. */
static int find_before(struct incoming_fold *f, const struct frame *came,
                       const struct hash *kept, struct err *e)
{
    static const char *const sql = "SELECT chain FROM incoming_frame WHERE sequence = ?1";
    struct hash after = {{0}};
    sqlite3_stmt *s;
    int row = 0;

    chain_start_down(&f->chain, store_identity(f->box->store)->site);
    if (came->sequence <= 1)
        return 0;
    if (statements_prepare(store_db(f->box->store), &s, &sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)came->sequence - 1);
    while (!hash_equal(&after, kept) && (row = statement_step(s, e)) == 1)
        if (column_hash(s, 0, &f->chain))
            chain_next(&after, &f->chain, came->sequence, came->schema, came->changeset,
                       came->changeset_bytes);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int check_chain(struct incoming_fold *f, const struct frame *came, uint8_t epoch,
                       sqlite3_stmt *s, struct err *e)
{
    struct hash kept;
    bool sound = column_hash(s, 6, &kept);

    if (sound && epoch != f->seen_epoch && came->sequence <= f->seen &&
        find_before(f, came, &kept, e) != 0)
        return -1;
    chain_next(&f->chain, &f->chain, came->sequence, came->schema, came->changeset,
               came->changeset_bytes);
    if (sound && hash_equal(&kept, &f->chain))
        return 0;
    return err_set(e, ERR_CORRUPT, "the centre's chain breaks at frame %llu",
                   (unsigned long long)came->sequence);
}

static int add_frame(struct incoming_fold *f, sqlite3 *fold, uint64_t frame,
                     sqlite3_stmt *s, struct err *e)
{
    const struct frame came = {.sequence = (uint64_t)sqlite3_column_int64(s, 0),
                               .schema = (uint32_t)sqlite3_column_int64(s, 1),
                               .seen = (uint64_t)sqlite3_column_int64(s, 2),
                               .changeset = sqlite3_column_blob(s, 3),
                               .changeset_bytes = (size_t)sqlite3_column_bytes(s, 3)};
    const struct rows_frame r = {.frame = &came,
                                 .epoch = (uint8_t)sqlite3_column_int(s, 4),
                                 .seen_epoch = (uint8_t)sqlite3_column_int(s, 5)};

    if (check_chain(f, &came, r.epoch, s, e) != 0)
        return -1;
    if (sqlite3_column_int(s, 7) == 0 && /* else it was passed over */
        (open_fold(f, fold, e) != 0 || bring_own(f, frame, e) != 0 ||
         rows_fold_came(&f->rows, &r, e) != 0))
        return -1;
    f->seen = came.sequence;
    f->seen_epoch = r.epoch;
    return 0;
}

int incoming_fold_until(void *arg, sqlite3 *fold, uint64_t frame, uint64_t seen,
                        uint8_t seen_epoch, struct err *e)
{
    static const char *const sql =
        "SELECT sequence, schema, f.seen, changeset, centre_epoch, f.seen_epoch, chain,"
        " passed"
        " FROM incoming_frame f, sync_state t"
        " WHERE (centre_epoch, sequence) > (?1, ?2)"
        " AND (centre_epoch, sequence) <= (?3, ?4)"
        " AND (centre_epoch, sequence) <= (t.seen_epoch, t.seen)"
        " ORDER BY centre_epoch, sequence";
    struct incoming_fold *f = arg;
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(f->box->store), &s, &sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, f->seen_epoch);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)f->seen);
    (void)sqlite3_bind_int(s, 3, seen_epoch);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)seen);
    while ((row = statement_step(s, e)) == 1)
        if (add_frame(f, fold, frame, s, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    if (row < 0 || frame == INT64_MAX)
        let_go(f); /* the fold is closed next */
    return row;
}
