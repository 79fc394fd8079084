#include "sync/rows/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/migrations.h"
#include "schema/statements.h"
#include "schema/store.h"
#include "sync/merge.h"

static const char *const sql[ROWS_STATEMENTS] = {
/* Made here: the centre's ids have an epoch of their own. ?3: we are the centre. */
#define MADE_HERE "((id >> 28 & 255) = 255) = ?3 AND closed_by IS NULL"
    [ROWS_PARKED_ANY] = "SELECT 1 FROM parked WHERE id BETWEEN ?1 AND ?2"
                        " AND " MADE_HERE " LIMIT 1",
    [ROWS_PARKED_ROW] = "SELECT id FROM parked WHERE subject = ?1 AND name = ?2"
                        " AND row = ?4 AND " MADE_HERE " ORDER BY id LIMIT 1",
    [ROWS_PARKED_ID] = "SELECT id FROM parked WHERE subject = ?1 AND " MADE_HERE
                       " AND row LIKE '{\"id\":%'"
                       " AND json_extract(incoming, '$.verb') = 'insert'"
                       " ORDER BY id LIMIT 1",
    [ROWS_KEEP] =
        "INSERT INTO parked_change (parked, schema, seen, seen_epoch, changeset)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
    [ROWS_SEEN] = "SELECT min(seen) FROM parked_change WHERE parked BETWEEN ?1 AND ?2",
    /* The first of a row's parked changes; ?4: after this one. */
    [ROWS_LEADER] = "SELECT min(id), name, row FROM parked WHERE id BETWEEN ?1 AND ?2"
                    " AND " MADE_HERE
                    " AND EXISTS (SELECT 1 FROM parked_change k WHERE k.parked = id)"
                    " GROUP BY name, row HAVING min(id) > ?4 ORDER BY 1 LIMIT 1",
    [ROWS_GROUP] = "SELECT k.changeset, k.schema, k.seen, k.seen_epoch, p.epoch,"
                   " p.sequence FROM parked p JOIN parked_change k ON k.parked = p.id"
                   " WHERE p.id BETWEEN ?1 AND ?2 AND " MADE_HERE
                   " AND p.name = ?4 AND p.row = ?5 ORDER BY p.id",
    [ROWS_CLOSE] =
        "UPDATE parked SET applied = 1, closed_by = ?6, closed_wall_ms = ?7"
        " WHERE id BETWEEN ?1 AND ?2 AND " MADE_HERE " AND name = ?4 AND row = ?5",
    [ROWS_FORGET] = "DELETE FROM parked_change WHERE parked IN"
                    " (SELECT id FROM parked WHERE closed_by IS NOT NULL)",
};

int rows_init(struct rows *r, sqlite3 *db, const char *const *names, size_t count,
              struct err *e)
{
    size_t schema;

    *r = (struct rows){0};
    (void)migrations_all(&schema);
    r->schema = (uint32_t)schema;
    if (rows_tables_init(&r->tables, db, names, count, e) != 0)
        return -1;
    return statements_prepare(db, r->statements, sql, ROWS_STATEMENTS, e);
}

void rows_release(struct rows *r)
{
    statements_finalize(r->statements, ROWS_STATEMENTS);
    rows_tables_release(&r->tables);
    rows_own_release(&r->own);
    free(r->recent);
    r->recent = NULL;
    r->recent_count = r->recent_capacity = 0;
}

/* ------------------------------------------------------------------- judgement */

static bool has_our_keys(const struct row_change *c)
{
    unsigned char *keys = NULL;
    int count = 0;

    if (sqlite3changeset_pk(c->iter, &keys, &count) != SQLITE_OK || count != c->columns)
        return false;
    for (int i = 0; i < count; i++)
        if ((keys[i] != 0) != c->table->is_key[i] ||
            (keys[i] != 0 && change_key(c, i) == NULL))
            return false;
    return true;
}

/* Columns are only ever added, at the end; so an older schema has the first ones. */
static bool has_our_columns(const struct rows *r, const struct row_change *c)
{
    if (c->columns == c->table->columns)
        return true;
    return r->at->frame->schema < r->schema && c->columns < c->table->columns;
}

/* A session leaves nothing out of a new row; who forges one may. */
static bool is_whole(const struct row_change *c)
{
    for (int i = 0; c->verb == SQLITE_INSERT && i < c->columns; i++)
        if (change_new(c, i) == NULL)
            return false;
    return true;
}

/* Every synced table's key begins with an id, and that with the site. */
static bool is_of_site(const struct rows *r, const struct row_change *c)
{
    sqlite3_value *id = change_key(c, 0);

    return sqlite3_value_type(id) == SQLITE_INTEGER &&
           sqlite3_value_int64(id) >> (ID_EPOCH_BITS + ID_COUNTER_BITS) == r->site;
}

const char *rows_objection(const struct rows *r, const struct row_change *c)
{
    if (c->table == NULL)
        return "no synced table has this name";
    if (!has_our_columns(r, c))
        return "not the columns that its schema version has";
    if (!has_our_keys(c))
        return "not the key that its schema version has";
    if (!is_of_site(r, c))
        return "a row of another site";
    if (c->verb == SQLITE_DELETE)
        return "rows are never deleted";
    if (!is_whole(c))
        return "a new row lacks a value";
    if (c->verb == SQLITE_UPDATE && c->table->immutable)
        return "its rows never change";
    return NULL;
}

static enum own_relation ask_own(struct rows *r, const struct row_change *c, int column)
{
    const struct own_question q = {.seen_epoch = r->at->seen_epoch,
                                   .seen = r->at->frame->seen,
                                   .sequence = r->at->frame->sequence,
                                   .epoch = r->at->late ? UINT8_MAX : r->at->epoch};

    return rows_own_ask(&r->own, c, column, &q);
}

/* ---------------------------------------------------------------------- writing */

static int written(struct rows *r, const struct row_change *c, struct err *e)
{
    if (r->sink->written == NULL)
        return 0;
    return r->sink->written(r->sink->arg, c->table->name, change_subject(c), e);
}

/* A value that does not fit the table is the writer's doing; all else is our trouble. */
static int park_unless_ours(struct rows *r, const struct row_change *c,
                            sqlite3_stmt *here, struct err *e)
{
    char reason[sizeof e->text];

    if ((e->code != ERR_FAILED && e->code != ERR_TOO_BIG) ||
        sqlite3_get_autocommit(r->tables.db))
        return -1;
    memcpy(reason, e->text, sizeof reason);
    return rows_park(r, c, here, reason, 0, e);
}

static int insert_row(struct rows *r, const struct row_change *c, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(c->table->insert);

    for (int i = 0; i < c->columns; i++)
        (void)sqlite3_bind_value(s, i + 1, change_new(c, i));
    if (statement_run(s, e) != 0)
        return park_unless_ours(r, c, NULL, e);
    return written(r, c, e);
}

/* What becomes of each column of the row that is here. */
struct verdicts {
    enum merge_result of[TABLE_COLUMNS_MAX];
    bool changed, put_back;
};

/* The centre's value stands though the box's is later: the province has locked it. */
static bool is_put_back(const struct rows *r, enum merge_result m)
{
    return r->from_box && m == MERGE_KEEP_CONFLICT;
}

static bool is_taken(const struct rows *r, enum merge_result m)
{
    return m == MERGE_TAKE || m == MERGE_TAKE_CONFLICT || is_put_back(r, m);
}

static void judge_row(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                      struct verdicts *out)
{
    int lock = c->table->locked;
    bool locked = r->from_box && lock >= 0 && sqlite3_column_int(here, lock) == 1;

    *out = (struct verdicts){0};
    for (int i = 0; i < c->columns; i++) {
        struct merge_case m = {.incoming_old = change_old(c, i),
                               .incoming_new = change_new(c, i),
                               .here = sqlite3_column_value(here, i),
                               .incoming_from_box = r->from_box,
                               .locked = locked};
        enum own_relation own;

        out->of[i] = MERGE_KEEP;
        if (c->table->is_key[i] || m.incoming_new == NULL)
            continue;
        own = ask_own(r, c, i);
        m.concurrent = own == OWN_CONCURRENT;
        if (own != OWN_AFTER)
            out->of[i] = merge(&m);
        out->changed = out->changed || is_taken(r, out->of[i]);
        out->put_back = out->put_back || is_put_back(r, out->of[i]);
    }
}

/* The row as it is here, but for what is taken. */
static int write_row(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                     const struct verdicts *v, bool back, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(c->table->update);

    for (int i = 0; i < c->table->columns; i++) {
        bool take = i < c->columns && is_taken(r, v->of[i]) &&
                    !(back && is_put_back(r, v->of[i]));

        (void)sqlite3_bind_value(s, i + 1,
                                 take ? change_new(c, i) : sqlite3_column_value(here, i));
    }
    return statement_run(s, e);
}

/* The other end must get the change from its value to ours: so its value is written
 * unwatched, ours watched. */
static int put_back(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                    const struct verdicts *v, struct err *e)
{
    const struct rows_sink *k = r->sink;

    if (k->watch == NULL)
        return 0;
    if (r->again &&
        (k->watch(k->arg, false, e) != 0 || write_row(r, c, here, v, false, e) != 0))
        return -1;
    if (k->watch(k->arg, true, e) != 0 || write_row(r, c, here, v, true, e) != 0)
        return -1;
    return r->again ? 0 : k->watch(k->arg, false, e);
}

static int tell_conflicts(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                          const struct verdicts *v, struct err *e)
{
    if (r->sink->conflict == NULL || c->table->silent)
        return 0;
    for (int i = 0; i < c->columns; i++) {
        const struct rows_conflict k = {.change = c,
                                        .column = i,
                                        .box = change_new(c, i),
                                        .centre = sqlite3_column_value(here, i),
                                        .box_stands = v->of[i] == MERGE_TAKE_CONFLICT};

        if ((v->of[i] != MERGE_TAKE_CONFLICT && v->of[i] != MERGE_KEEP_CONFLICT) ||
            i == c->table->locked)
            continue; /* the lock itself is the province's alone */
        if (r->sink->conflict(r->sink->arg, r->at, &k, e) != 0)
            return -1;
    }
    return 0;
}

/* Takes what merge() says into the row that `here` stands on. */
static int merge_row(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                     struct err *e)
{
    struct verdicts v;

    judge_row(r, c, here, &v);
    if (v.changed && c->table->immutable)
        return rows_park(r, c, here, "its rows never change", 0, e);
    if (v.changed && write_row(r, c, here, &v, r->again, e) != 0)
        return park_unless_ours(r, c, here, e);
    if (v.put_back && put_back(r, c, here, &v, e) != 0)
        return -1;
    if (tell_conflicts(r, c, here, &v, e) != 0)
        return -1;
    return v.changed ? written(r, c, e) : 0;
}

/* A row that is there already: both ends made it, or it comes again whole, because it
 * was parked or could not be told before. A box never makes one that it knows. */
static int insert_again(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                        struct err *e)
{
    if (r->from_box && !r->again && ask_own(r, c, -1) != OWN_CONCURRENT)
        return rows_park(r, c, here, "the row is there already", 0, e);
    return merge_row(r, c, here, e);
}

static int apply_to_row(struct rows *r, const struct row_change *c, struct err *e)
{
    sqlite3_stmt *here = statement_fresh(c->table->select);
    int row, rc;

    for (int i = 0; i < c->columns; i++)
        if (c->table->is_key[i])
            (void)sqlite3_bind_value(here, i + 1, change_key(c, i));
    row = statement_step(here, e);
    if (row < 0)
        return -1;
    if (c->verb == SQLITE_INSERT)
        rc = row == 1 ? insert_again(r, c, here, e) : insert_row(r, c, e);
    else
        rc = row == 1 ? merge_row(r, c, here, e)
                      : rows_park(r, c, NULL, "the row is not there", 0, e);
    (void)statement_fresh(here); /* lets go of the row */
    return rc;
}

int rows_apply_change(struct rows *r, const struct row_change *c, struct err *e)
{
    const char *why = rows_objection(r, c);
    uint64_t waits_for;

    if (why != NULL)
        return rows_park(r, c, NULL, why, 0, e);
    if (rows_waits_for(r, c, &waits_for, &why, e) != 0)
        return -1;
    if (waits_for != 0)
        return rows_park(r, c, NULL, why, waits_for, e);
    return apply_to_row(r, c, e);
}

/* --------------------------------------------------------------------- one frame */

/* Walks once without a deed: a frame is well-formed to its end, and no longer than one
 * may be, or parked whole. */
static const char *frame_objection(const struct frame *f)
{
    sqlite3_changeset_iter *iter = NULL;
    unsigned changes = 0;

    if (f->changeset_bytes > INT32_MAX ||
        sqlite3changeset_start(&iter, (int)f->changeset_bytes,
                               (void *)(uintptr_t)f->changeset) != SQLITE_OK)
        return "the changeset is malformed";
    while (sqlite3changeset_next(iter) == SQLITE_ROW)
        changes++;
    if (sqlite3changeset_finalize(iter) != SQLITE_OK)
        return "the changeset is malformed";
    return changes > STORE_CHANGES_MAX ? "more rows than a frame may change" : NULL;
}

static int look_for_parked(struct rows *r, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_PARKED_ANY]);
    int row;

    bind_id(s, 1, id_make(r->site, 0, 0));
    bind_id(s, 2, id_make(r->site, UINT8_MAX, (1u << ID_COUNTER_BITS) - 1));
    (void)sqlite3_bind_int(s, 3, r->from_box);
    row = statement_step(s, e);
    r->any_parked = row == 1;
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

/* A table that is unknown here comes with the last. */
static int rank_of(const struct row_change *c)
{
    return c->table == NULL ? TABLE_RANKS - 1 : c->table->rank;
}

/* Applies the changes of one rank; *more: there are some of higher ones. */
static int apply_rank(struct rows *r, const struct frame *f, int rank, bool *more,
                      struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    int rc = 0;

    *more = false;
    if (sqlite3changeset_start(&iter, (int)f->changeset_bytes,
                               (void *)(uintptr_t)f->changeset) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&c, iter, e);
        if (rc == 0)
            rc = rows_table_find(&r->tables, c.name, &c.table, e);
        *more = *more || (rc == 0 && rank_of(&c) > rank);
        if (rc == 0 && rank_of(&c) == rank)
            rc = rows_apply_change(r, &c, e);
    }
    if (sqlite3changeset_finalize(iter) != SQLITE_OK && rc == 0)
        rc = err_set(e, ERR_MEMORY, "changeset"); /* it was well-formed a moment ago */
    return rc;
}

/* A changeset has its tables in the order of their names. Those that others refer to
 * come first here, so that who refers to a row that is parked is known. */
int rows_apply(struct rows *r, const struct rows_frame *f, struct err *e)
{
    const char *why = frame_objection(f->frame);
    bool more = true;

    r->at = f;
    r->recent_count = 0;
    if (look_for_parked(r, e) != 0)
        return -1;
    if (why != NULL)
        return rows_park(r, NULL, NULL, why, 0, e);
    for (int rank = 0; more && rank < TABLE_RANKS; rank++)
        if (apply_rank(r, f->frame, rank, &more, e) != 0)
            return -1;
    return 0;
}
