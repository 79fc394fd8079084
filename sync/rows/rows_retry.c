#include "sync/rows/rows.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "schema/store.h"

/* Each parked change has a turn: 0, its reason may be gone; else the turn in which it was
 * tried last, or that it will be told when to go. What is ready goes first, all of it; of the others those that were longest
 * not tried, because a reason may also be gone where nobody tells: as long as they go. */

#define GROUPS_MAX  256 /* what one transaction takes */
#define IN_VAIN_MAX 4   /* … and of those that nobody told to be ready */

/* All parked changes of one row: tried as one, because a later one may mend the first. */
struct group {
    uint64_t leader, subject;
    char *name, *row;             /* owned */
    sqlite3_changegroup *changes; /* owned */
    size_t bytes;                 /* no fewer than they come to */
    struct frame frame;           /* the first one's */
    struct rows_frame at;
};

static void group_release(struct group *g)
{
    free(g->name);
    free(g->row);
    sqlite3changegroup_delete(g->changes);
    *g = (struct group){0};
}

static void bind_row(const struct rows *r, sqlite3_stmt *s, const struct group *g)
{
    rows_bind_here(r, s);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)g->subject); /* 0 is none, and one */
    bind_text(s, 4, g->name);
    bind_text(s, 5, g->row);
}

/* ----------------------------------------------------------------------- choosing */

int rows_next_turn(struct rows *r, int64_t *turn, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_TURN_LAST]);
    int row;

    (void)sqlite3_bind_int(s, 1, r->site);
    row = statement_step(s, e);
    *turn =
        1 + (row == 1 && sqlite3_column_int64(s, 0) > 0 ? sqlite3_column_int64(s, 0) : 0);
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

/* The row that a statement names, in the place of what is in `g`; g->leader 0: none. */
static int find(struct rows *r, int which, int64_t turn, struct group *g, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[which]);
    int row;

    group_release(g);
    (void)sqlite3_bind_int(s, 1, r->site);
    if (which == ROWS_OLDEST)
        (void)sqlite3_bind_int64(s, 2, turn - 1);
    row = statement_step(s, e);
    if (row == 1) {
        g->leader = (uint64_t)sqlite3_column_int64(s, 0);
        g->subject = (uint64_t)sqlite3_column_int64(s, 1);
        g->name = strdup((const char *)sqlite3_column_text(s, 2));
        g->row = strdup((const char *)sqlite3_column_text(s, 3));
        if (g->name == NULL || g->row == NULL)
            row = err_set(e, ERR_MEMORY, "rows: what is parked");
    }
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

int rows_any_ready(struct rows *r, bool *any, struct err *e)
{
    struct group g = {0};
    int rc = find(r, ROWS_READY, 0, &g, e);

    *any = r->any_parked = g.leader != 0;
    group_release(&g);
    return rc;
}

/* ---------------------------------------------------------------------- gathering */

static void take_place(struct group *g, sqlite3_stmt *s)
{
    g->frame.schema = (uint32_t)sqlite3_column_int64(s, 1);
    g->frame.seen = (uint64_t)sqlite3_column_int64(s, 2);
    g->at.seen_epoch = (uint8_t)sqlite3_column_int(s, 3);
    g->at.epoch = (uint8_t)sqlite3_column_int(s, 4);
    g->frame.sequence = (uint64_t)sqlite3_column_int64(s, 5);
    g->at.frame = &g->frame;
}

static int begin(struct rows *r, struct group *g)
{
    int rc;

    sqlite3changegroup_delete(g->changes);
    g->changes = NULL;
    g->bytes = 0;
    rc = sqlite3changegroup_new(&g->changes);
    /* An older program's changes have fewer columns, and are one with ours all the same. */
    return rc != SQLITE_OK ? rc
                           : sqlite3changegroup_schema(g->changes, r->tables.db, "main");
}

static bool is_insert(const void *bytes, int count)
{
    sqlite3_changeset_iter *iter = NULL;
    const char *name;
    int columns, verb = 0, indirect;

    if (sqlite3changeset_start(&iter, count, (void *)(uintptr_t)bytes) != SQLITE_OK)
        return false;
    if (sqlite3changeset_next(iter) == SQLITE_ROW)
        (void)sqlite3changeset_op(iter, &name, &columns, &verb, &indirect);
    (void)sqlite3changeset_finalize(iter); /* it is looked at again when it is added */
    return verb == SQLITE_INSERT;
}

/* A row that comes whole stands for what was changed of it before. */
static int add(struct rows *r, struct group *g, sqlite3_stmt *s)
{
    const void *bytes = sqlite3_column_blob(s, 0);
    int count = sqlite3_column_bytes(s, 0), rc = SQLITE_OK;

    if (g->changes == NULL || is_insert(bytes, count)) {
        rc = begin(r, g);
        take_place(g, s);
    }
    g->bytes += (size_t)count;
    return rc != SQLITE_OK
               ? rc
               : sqlite3changegroup_add(g->changes, count, (void *)(uintptr_t)bytes);
}

/* *fits false: changes that cannot be one. */
static int gather(struct rows *r, struct group *g, bool *fits, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_GROUP]);
    int row, rc = SQLITE_OK;

    bind_row(r, s, g);
    while (rc == SQLITE_OK && (row = statement_step(s, e)) != 0) {
        if (row < 0)
            return -1;
        rc = add(r, g, s);
    }
    (void)statement_fresh(s); /* lets go of the row */
    *fits = rc == SQLITE_OK && g->changes != NULL;
    return rc == SQLITE_NOMEM ? err_set(e, ERR_MEMORY, "rows: what is parked") : 0;
}

/* ------------------------------------------------------------------------- trying */

/* Applies the one change that the group comes to. */
static int apply_group(struct rows *r, struct group *g, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    void *bytes = NULL;
    int count = 0, rc = 0;

    if (sqlite3changegroup_output(g->changes, &count, &bytes) != SQLITE_OK ||
        sqlite3changeset_start(&iter, count, bytes) != SQLITE_OK) {
        sqlite3_free(bytes);
        return err_set(e, ERR_MEMORY, "rows: what is parked");
    }
    r->at = &g->at;
    while (rc == 0 && !r->refused && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&c, iter, e);
        if (rc == 0)
            rc = rows_table_find(&r->tables, c.name, &c.table, e);
        if (rc == 0)
            rc = rows_apply_change(r, &c, e);
    }
    (void)sqlite3changeset_finalize(iter); /* ours, made a moment ago */
    sqlite3_free(bytes);
    return rc;
}

static int cut(struct rows *r, size_t bytes, struct err *e)
{
    return r->sink->cut == NULL ? 0 : r->sink->cut(r->sink->arg, bytes, e);
}

/* *went false: nothing of it was done. */
static int try_changes(struct rows *r, struct group *g, bool *went, struct err *e)
{
    const struct rows_sink *k = r->sink;
    int rc;

    if ((k->own != NULL && k->own(k->arg, &g->at, e) != 0) || cut(r, g->bytes, e) != 0 ||
        sql_run(r->tables.db, "SAVEPOINT again", e) != 0 ||
        k->watch(k->arg, true, e) != 0)
        return -1;
    r->refused = false;
    r->again = true;
    rc = apply_group(r, g, e);
    r->again = false;
    if (rc != 0 || k->watch(k->arg, false, e) != 0)
        return -1;
    /* Larger than a frame may be: it stays parked, and keeps nothing else waiting. */
    *went = !r->refused && (k->holds == NULL || k->holds(k->arg));
    return sql_run(r->tables.db,
                   *went ? "RELEASE again" : "ROLLBACK TO again; RELEASE again", e);
}

static int put_off(struct rows *r, struct group *g, int64_t turn, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_TURN]);

    bind_row(r, s, g);
    (void)sqlite3_bind_int64(s, 6, turn);
    bind_id(s, 7, g->leader);
    return statement_run(s, e);
}

/* All of it is closed, by whom nobody told. */
static int forget(struct rows *r, const struct group *g, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_FORGET]);

    bind_id(s, 1, g->leader);
    return statement_run(s, e);
}

static int next_open(struct rows *r, struct group *g, uint64_t *id, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_OPEN_NEXT]);
    int row;

    bind_row(r, s, g);
    (void)sqlite3_bind_int64(s, 6, (sqlite3_int64)*id);
    row = statement_step(s, e);
    *id = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

static int close_one(struct rows *r, uint64_t id, const char *who, int64_t wall_ms,
                     struct err *e)
{
    const struct rows_sink *k = r->sink;
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_CLOSE]);

    bind_id(s, 1, id);
    bind_text(s, 2, who);
    (void)sqlite3_bind_int64(s, 3, wall_ms);
    if (k->watch(k->arg, true, e) != 0 || statement_run(s, e) != 0 ||
        k->watch(k->arg, false, e) != 0)
        return -1;
    return cut(r, 0, e);
}

/* They may be many more than one frame can tell of. */
static int close_group(struct rows *r, struct group *g, const char *who, int64_t wall_ms,
                       struct err *e)
{
    uint64_t id = 0;

    do {
        if (next_open(r, g, &id, e) != 0 ||
            (id != 0 && close_one(r, id, who, wall_ms, e) != 0))
            return -1;
    } while (id != 0);
    return 0;
}

static int try_group(struct rows *r, struct group *g, const char *who, int64_t wall_ms,
                     int64_t turn, bool *went, struct err *e)
{
    bool fits;

    *went = false;
    if (gather(r, g, &fits, e) != 0 || (fits && try_changes(r, g, went, e) != 0))
        return -1;
    if (g->changes == NULL)
        return forget(r, g, e);
    return *went ? close_group(r, g, who, wall_ms, e) : put_off(r, g, turn, e);
}

/* *any false: there is nothing more to be tried now. */
static int try_next(struct rows *r, const char *who, int64_t wall_ms, int64_t turn,
                    unsigned *in_vain, bool *any, struct err *e)
{
    struct group g = {0};
    bool told, went = false;
    int rc = find(r, ROWS_READY, 0, &g, e);

    told = g.leader != 0;
    if (rc == 0 && !told && *in_vain < IN_VAIN_MAX)
        rc = find(r, ROWS_OLDEST, turn, &g, e);
    *any = g.leader != 0;
    if (rc == 0 && *any)
        rc = try_group(r, &g, who, wall_ms, turn, &went, e);
    *in_vain += !told && !went;
    group_release(&g);
    return rc;
}

int rows_retry(struct rows *r, const char *who, int64_t wall_ms, bool *more,
               struct err *e)
{
    unsigned in_vain = 0;
    int64_t turn;

    *more = r->any_parked;
    if (!*more)
        return 0;
    r->recent_count = 0; /* the table has them */
    if (rows_next_turn(r, &turn, e) != 0)
        return err_wrap(e, "what is parked");
    for (int i = 0; *more && i < GROUPS_MAX; i++)
        if (try_next(r, who, wall_ms, turn, &in_vain, more, e) != 0)
            return err_wrap(e, "what is parked");
    return 0;
}
