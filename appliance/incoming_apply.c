#include "appliance/incoming.h"

#include <inttypes.h>
#include <string.h>

#include "appliance/room.h"
#include "schema/statements.h"
#include "sync/rows/index.h"
#include "sync/rows/note.h"

static bool sabotage_seen;

void incoming_sabotage_seen(bool on)
{
    sabotage_seen = on;
}

struct applying {
    struct box *box;
    struct rows rows;
    struct rows_sink sink;
    struct rows_index index; /* what search must look at again */
    /* rows.own holds the frames after own_from, up to own_to. */
    uint64_t own_from, own_to;
    bool own_read;
    uint64_t
        line_last[STORE_EPOCHS]; /* by epoch: our last frame of it; 0: we made none */
    uint64_t received; /* the centre has our frames up to here, by its receipt */
    bool more;         /* rows_retry()'s: another transaction of its own is worth while */
};

static int prepare(struct box *b, sqlite3_stmt **out, const char *sql, struct err *e)
{
    return statements_prepare(store_db(b->store), out, &sql, 1, e);
}

/* -------------------------------------------------------------------------- sink */

/* What a record names that came down: a box that was lost had it, and the centre may. */
static int name_blobs(struct applying *a, const char *sql, uint64_t id, struct err *e)
{
    sqlite3_stmt *s;
    struct hash h;
    int row;

    if (prepare(a->box, &s, sql, e) != 0)
        return -1;
    bind_id(s, 1, id);
    while ((row = statement_step(s, e)) == 1)
        if (column_hash(s, 0, &h) && room_named(a->box, &h, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    return row;
}

static int on_written(void *arg, const char *table, uint64_t id, struct err *e)
{
    struct applying *a = arg;
    int rc = 0;

    if (strcmp(table, "original") == 0)
        rc = name_blobs(a, "SELECT sha256 FROM original WHERE id = ?1", id, e);
    else if (strcmp(table, "image") == 0)
        rc = name_blobs(a, "SELECT sha256 FROM image WHERE page = ?1", id, e);
    if (rc != 0)
        return -1;
    return rows_index_touch(&a->index, table, id, e);
}

static int on_watch(void *arg, bool on, struct err *e)
{
    struct applying *a = arg;

    return store_apply_watch(a->box->store, on, e);
}

static int on_cut(void *arg, size_t bytes, struct err *e)
{
    struct applying *a = arg;

    return store_apply_cut(a->box->store, bytes, e);
}

static bool on_holds(void *arg)
{
    struct applying *a = arg;

    return store_apply_holds(a->box->store);
}

/* What an honest centre never makes; told to it like any change of ours. */
static int on_parked(void *arg, const struct rows_frame *f, const struct rows_parking *p,
                     uint64_t *id, struct err *e)
{
    struct applying *a = arg;
    struct store *s = a->box->store;

    if (store_apply_watch(s, true, e) != 0 || store_new_id(s, id, e) != 0 ||
        note_parked(store_db(s), *id, f, p, e) != 0 ||
        store_apply_watch(s, false, e) != 0)
        return -1;
    return rows_keep_change(&a->rows, f, p, *id, e);
}

/* ------------------------------------------------------------------------ frames */

static int read_own(struct applying *a, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (prepare(a->box, &s,
                "SELECT epoch, sequence, seen, changeset, seen_epoch FROM changelog"
                " WHERE sequence > ?1 ORDER BY sequence",
                e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)a->own_to);
    row = rows_own_read(&a->rows.own, &a->rows.tables, s, &a->own_to, e);
    statements_finalize(&s, 1);
    return row;
}

/* Our own frames that the centre had not seen: read once, then only what is new. */
static int bring_own(struct applying *a, uint64_t seen, struct err *e)
{
    if (sabotage_seen)
        return 0;
    if (!a->own_read || seen < a->own_from) {
        rows_own_clear(&a->rows.own);
        a->own_from = a->own_to = seen;
        a->own_read = true;
    }
    return read_own(a, e);
}

static int on_own(void *arg, const struct rows_frame *f, struct err *e)
{
    return bring_own(arg, f->frame->seen, e);
}

static int set_seen(struct applying *a, const struct rows_frame *f, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (prepare(a->box, &s, "UPDATE sync_state SET seen = ?1, seen_epoch = ?2", e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->frame->sequence);
    (void)sqlite3_bind_int(s, 2, f->epoch);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* By restore, by a new box in a lost one's place, or by a copied card the centre has frames
 * of our site's that this box has not. What it changed having seen one of those comes once
 * more behind it (sync/centre/giving.h): before that, it has nothing to stand on here. */
static bool stands_on_ours(const struct applying *a, const struct rows_frame *f)
{
    uint64_t last = a->line_last[f->seen_epoch];

    return f->seen_epoch == 0 || f->seen_epoch == store_identity(a->box->store)->epoch ||
           (last != 0 && f->frame->seen <= last);
}

/* The centre has seen frames by names that we have given out too, and has not receipted
 * them to us: another box's, of a copy of this card; or ours before we were put back. It
 * waits for the receipt, which is proved against our chain where it tells of more than we
 * saw leave (sync/core.h), or until this line is left. */
static bool is_of_another(const struct applying *a, const struct rows_frame *f)
{
    return (f->seen_epoch == store_identity(a->box->store)->epoch ||
            f->frame->seen <= a->line_last[f->seen_epoch]) &&
           f->frame->seen > a->received;
}

/* Its number is behind us, and that is all. */
static int pass_over(struct applying *a, const struct rows_frame *f, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (prepare(a->box, &s,
                "UPDATE incoming_frame SET passed = 1"
                " WHERE centre_epoch = ?1 AND sequence = ?2",
                e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, f->epoch);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)f->frame->sequence);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int read_lines(struct applying *a, struct err *e)
{
    int64_t received;

    if (store_lines(a->box->store, a->line_last, e) != 0 ||
        sql_number(store_db(a->box->store), "SELECT received FROM sync_state", &received,
                   e) != 0)
        return -1;
    a->received = (uint64_t)received;
    return 0;
}

static int try_parked(struct applying *a, struct err *e)
{
    struct moment now;

    if (store_now(a->box->store, &now, e) != 0)
        return -1;
    return rows_retry(&a->rows, a->box->actor, now.wall_ms, &a->more, e);
}

/* Parked rows and what goes again may be many more than one frame of ours can hold: the
 * frames they are cut into are on disk together with the rows and the cursor. */
static int apply_changes(struct applying *a, const struct rows_frame *f, struct err *e)
{
    /* First: what is captured in here was made having seen the frame. */
    if (set_seen(a, f, e) != 0)
        return -1;
    if (!stands_on_ours(a, f))
        return pass_over(a, f, e);
    if (rows_apply(&a->rows, f, e) != 0 || try_parked(a, e) != 0)
        return -1;
    return rows_index_refresh(&a->index, e);
}

/* The first frame that is kept and not applied; *any is false if there is none. */
static int read_next(struct applying *a, struct frame *frame, struct rows_frame *f,
                     struct buffer *changeset, bool *any, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (prepare(a->box, &s,
                "SELECT sequence, schema, seen, changeset, centre_epoch, f.seen_epoch"
                " FROM incoming_frame f, (SELECT seen AS at, seen_epoch AS epoch"
                "  FROM sync_state) WHERE (centre_epoch, sequence) > (epoch, at)"
                " ORDER BY centre_epoch, sequence LIMIT 1",
                e) != 0)
        return -1;
    row = statement_step(s, e);
    *any = row == 1;
    if (row == 1) {
        buffer_clear(changeset);
        buffer_append(changeset, sqlite3_column_blob(s, 3),
                      (size_t)sqlite3_column_bytes(s, 3));
        *frame = (struct frame){.sequence = (uint64_t)sqlite3_column_int64(s, 0),
                                .schema = (uint32_t)sqlite3_column_int64(s, 1),
                                .seen = (uint64_t)sqlite3_column_int64(s, 2),
                                .changeset = changeset->bytes,
                                .changeset_bytes = changeset->count};
        *f = (struct rows_frame){.frame = frame,
                                 .epoch = (uint8_t)sqlite3_column_int(s, 4),
                                 .seen_epoch = (uint8_t)sqlite3_column_int(s, 5)};
        row = buffer_check(changeset, e);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* *went is false if there is nothing to apply, or what is next waits. */
static int apply_next(struct applying *a, struct buffer *changeset, bool *went,
                      struct err *e)
{
    struct store *store = a->box->store;
    struct rows_frame f = {0};
    struct frame frame = {0};

    a->index.count = 0;
    *went = false;
    if (store_apply_begin(store, e) != 0)
        return -1;
    if (read_next(a, &frame, &f, changeset, went, e) != 0)
        goto failed;
    *went = *went && frame.schema <= a->rows.schema && !is_of_another(a, &f);
    if (!*went) {
        store_apply_rollback(store);
        return 0;
    }
    if (apply_changes(a, &f, e) == 0)
        return store_apply_commit(store, e);
failed:
    store_apply_rollback(store);
    a->own_read = false;
    return err_wrap(e, "frame %" PRIu64, frame.sequence);
}

/* What is parked and ready, in a transaction of its own. */
static int retry_next(struct applying *a, bool *went, struct err *e)
{
    struct store *store = a->box->store;

    a->index.count = 0;
    if (!a->more && rows_any_ready(&a->rows, &a->more, e) != 0)
        return -1;
    *went = a->more;
    if (!*went)
        return 0;
    if (store_apply_begin(store, e) != 0)
        return -1;
    if (try_parked(a, e) == 0 && rows_index_refresh(&a->index, e) == 0)
        return store_apply_commit(store, e);
    store_apply_rollback(store);
    a->own_read = false;
    return err_wrap(e, "what is parked");
}

static int begin(struct applying *a, struct box *b, struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(b->store, &names);
    uint8_t epoch; /* as it is now: the identity tells it */

    *a = (struct applying){.box = b,
                           .index = {.records = b->records},
                           .sink = {.own = on_own,
                                    .park = on_parked,
                                    .written = on_written,
                                    .watch = on_watch,
                                    .cut = on_cut,
                                    .holds = on_holds,
                                    .arg = a}};
    if (rows_init(&a->rows, store_db(b->store), names, count, e) != 0 ||
        store_epoch(b->store, &epoch, e) != 0)
        return -1;
    a->rows.sink = &a->sink;
    a->rows.site = store_identity(b->store)->site;
    return 0;
}

int incoming_apply(struct box *b, unsigned frames_max, unsigned *applied, struct err *e)
{
    struct applying a;
    struct buffer changeset;
    bool went = true;
    int rc;

    *applied = 0;
    buffer_init(&changeset, BUNDLE_PLAIN_MAX);
    rc = begin(&a, b, e) == 0 ? read_lines(&a, e) : -1;
    while (rc == 0 && went && *applied < frames_max) {
        rc = apply_next(&a, &changeset, &went, e);
        if (rc == 0 && !went)
            rc = retry_next(&a, &went, e);
        *applied += rc == 0 && went;
    }
    rows_index_release(&a.index);
    rows_release(&a.rows);
    buffer_release(&changeset);
    return rc == 0 ? 0 : err_wrap(e, "incoming");
}
