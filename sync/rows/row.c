#include "sync/rows/rows.h"

#include <string.h>

#include "schema/statements.h"
#include "schema/store.h"
#include "sync/merge.h"

/* One change meets its row. */

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

    if (r->at->late && rows_own_ask(&r->newer, c, column, &q) != OWN_BEFORE)
        return OWN_CONCURRENT;
    return rows_own_ask(&r->own, c, column, &q);
}

/* ---------------------------------------------------------------------- writing */

static int park(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                const char *reason, struct err *e)
{
    const struct rows_parking p = {.change = c, .here = here, .reason = reason};

    return rows_park(r, &p, e);
}

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
    return park(r, c, here, reason, e);
}

static int insert_row(struct rows *r, const struct row_change *c, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(c->table->insert);

    for (int i = 0; i < c->columns; i++)
        (void)sqlite3_bind_value(s, i + 1, change_new(c, i));
    if (statement_run(s, e) != 0)
        return park_unless_ours(r, c, NULL, e);
    if (r->any_parked && rows_ripen(r, change_subject(c), e) != 0)
        return -1;
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

/* What is written of a change. */
enum part {
    PART_ALL,     /* what is taken, and what is then put back */
    PART_TAKEN,   /* what is taken and stands */
    PART_TO_LOSE, /* what is put back */
};

static bool is_of_part(const struct rows *r, enum merge_result m, enum part part)
{
    bool lost = is_put_back(r, m);

    return is_taken(r, m) && (part == PART_ALL || (part == PART_TO_LOSE) == lost);
}

/* The row as it is here, but for this part of the change. */
static int write_row(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                     const struct verdicts *v, enum part part, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(c->table->update);

    for (int i = 0; i < c->table->columns; i++) {
        bool take = i < c->columns && is_of_part(r, v->of[i], part);

        (void)sqlite3_bind_value(s, i + 1,
                                 take ? change_new(c, i) : sqlite3_column_value(here, i));
    }
    return statement_run(s, e);
}

/* The other end must get the change from its value to ours: so its value is written
 * unwatched, ours watched. In this order also where everything is watched, since a
 * session looks at a row once, before its first watched write. */
static int write_and_put_back(struct rows *r, const struct row_change *c,
                              sqlite3_stmt *here, const struct verdicts *v, struct err *e)
{
    const struct rows_sink *k = r->sink;
    int rc;

    if (k->watch == NULL)
        return write_row(r, c, here, v, PART_ALL, e);
    if (r->again && k->watch(k->arg, false, e) != 0)
        return -1;
    rc = write_row(r, c, here, v, r->again ? PART_TO_LOSE : PART_ALL, e);
    if (rc != 0 && !r->again)
        return park_unless_ours(r, c, here, e);
    if (k->watch(k->arg, true, e) != 0)
        return -1;
    if (rc != 0 || write_row(r, c, here, v, PART_TAKEN, e) != 0)
        return r->again ? park_unless_ours(r, c, here, e) : -1;
    return r->again ? 0 : k->watch(k->arg, false, e);
}

static int write(struct rows *r, const struct row_change *c, sqlite3_stmt *here,
                 const struct verdicts *v, struct err *e)
{
    if (v->put_back)
        return write_and_put_back(r, c, here, v, e);
    if (v->changed && write_row(r, c, here, v, PART_ALL, e) != 0)
        return park_unless_ours(r, c, here, e);
    return 0;
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
        if (r->sink->conflict(r->sink->arg, r->at, &k, e) != 0 ||
            (!r->again && r->sink->cut != NULL && r->sink->cut(r->sink->arg, 0, e) != 0))
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
        return park(r, c, here, "its rows never change", e);
    r->refused = false;
    if (write(r, c, here, &v, e) != 0)
        return -1;
    if (r->refused)
        return 0;
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
        return park(r, c, here, "the row is there already", e);
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
                      : park(r, c, NULL, "the row is not there", e);
    (void)statement_fresh(here); /* lets go of the row */
    return rc;
}

int rows_apply_change(struct rows *r, const struct row_change *c, struct err *e)
{
    struct rows_parking p = {.change = c, .reason = rows_objection(r, c)};

    if (p.reason != NULL)
        return rows_park(r, &p, e);
    if (rows_waits_for(r, c, &p.waits_for, &p.reason, &p.behind, e) != 0)
        return -1;
    if (p.waits_for != 0)
        return rows_park(r, &p, e);
    return apply_to_row(r, c, e);
}
