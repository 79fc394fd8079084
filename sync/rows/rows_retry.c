#include "sync/rows/rows.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "schema/store.h"

/* What a box may keep us busy with after each of its frames. */
#define GROUPS_MAX 64

/* All parked changes of one row: tried as one, because a later one may mend the first. */
struct group {
    char *name, *row; /* owned */
    uint64_t leader;
    sqlite3_changegroup *changes; /* owned */
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

static void bind_site(struct rows *r, sqlite3_stmt *s)
{
    bind_id(s, 1, id_make(r->site, 0, 0));
    bind_id(s, 2, id_make(r->site, UINT8_MAX, (1u << ID_COUNTER_BITS) - 1));
    if (sqlite3_bind_parameter_count(s) >= 3)
        (void)sqlite3_bind_int(s, 3, r->from_box);
}

/* *leader 0: there is none after it. */
static int find_leader(struct rows *r, uint64_t after, struct group *g, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_LEADER]);
    int row;

    bind_site(r, s);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)after);
    row = statement_step(s, e);
    if (row == 1) {
        g->leader = (uint64_t)sqlite3_column_int64(s, 0);
        g->name = strdup((const char *)sqlite3_column_text(s, 1));
        g->row = strdup((const char *)sqlite3_column_text(s, 2));
        if (g->name == NULL || g->row == NULL)
            row = err_set(e, ERR_MEMORY, "rows: what is parked");
    }
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

static void take_place(struct group *g, sqlite3_stmt *s)
{
    g->frame.schema = (uint32_t)sqlite3_column_int64(s, 1);
    g->frame.seen = (uint64_t)sqlite3_column_int64(s, 2);
    g->at.seen_epoch = (uint8_t)sqlite3_column_int(s, 3);
    g->at.epoch = (uint8_t)sqlite3_column_int(s, 4);
    g->frame.sequence = (uint64_t)sqlite3_column_int64(s, 5);
    g->at.frame = &g->frame;
}

/* *fits false: changes of unlike schemas, that cannot be one. */
static int gather(struct rows *r, struct group *g, bool *fits, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_GROUP]);
    bool first = true;
    int row, rc = sqlite3changegroup_new(&g->changes);

    bind_site(r, s);
    bind_text(s, 4, g->name);
    bind_text(s, 5, g->row);
    while (rc == SQLITE_OK && (row = statement_step(s, e)) != 0) {
        if (row < 0)
            return -1;
        if (first)
            take_place(g, s);
        first = false;
        rc = sqlite3changegroup_add(g->changes, sqlite3_column_bytes(s, 0),
                                    (void *)(uintptr_t)sqlite3_column_blob(s, 0));
    }
    (void)statement_fresh(s); /* lets go of the row */
    *fits = rc == SQLITE_OK;
    return rc == SQLITE_NOMEM ? err_set(e, ERR_MEMORY, "rows: what is parked") : 0;
}

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

static int close_group(struct rows *r, struct group *g, const char *who, int64_t wall_ms,
                       struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_CLOSE]);

    bind_site(r, s);
    bind_text(s, 4, g->name);
    bind_text(s, 5, g->row);
    bind_text(s, 6, who);
    (void)sqlite3_bind_int64(s, 7, wall_ms);
    return statement_run(s, e);
}

/* *went: it is applied now, and closed. */
static int try_group(struct rows *r, struct group *g, const char *who, int64_t wall_ms,
                     bool *went, struct err *e)
{
    const struct rows_sink *k = r->sink;
    bool fits;
    int rc;

    *went = false;
    if (gather(r, g, &fits, e) != 0)
        return -1;
    if (!fits)
        return 0;
    if (sql_run(r->tables.db, "SAVEPOINT again", e) != 0 ||
        k->watch(k->arg, true, e) != 0)
        return -1;
    r->refused = false;
    r->again = true;
    rc = apply_group(r, g, e);
    r->again = false;
    *went = rc == 0 && !r->refused;
    if (*went)
        rc = close_group(r, g, who, wall_ms, e);
    if (rc != 0 || k->watch(k->arg, false, e) != 0)
        return -1;
    return sql_run(r->tables.db,
                   *went ? "RELEASE again" : "ROLLBACK TO again; RELEASE again", e);
}

/* Once through all of them. */
static int pass(struct rows *r, const char *who, int64_t wall_ms, bool *progress,
                struct err *e)
{
    uint64_t after = 0;

    *progress = false;
    for (int i = 0; i < GROUPS_MAX; i++) {
        struct group g = {0};
        bool went = false;
        int rc = find_leader(r, after, &g, e);

        if (rc == 0 && g.leader != 0)
            rc = try_group(r, &g, who, wall_ms, &went, e);
        after = g.leader;
        group_release(&g);
        if (rc != 0 || after == 0)
            return rc;
        *progress = *progress || went;
    }
    return 0;
}

int rows_parked_seen(struct rows *r, uint64_t *seen, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_SEEN]);
    int row = 0;

    *seen = INT64_MAX;
    if (!r->any_parked)
        return 0;
    bind_site(r, s);
    row = statement_step(s, e);
    if (row == 1 && sqlite3_column_type(s, 0) != SQLITE_NULL)
        *seen = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

int rows_retry(struct rows *r, const char *who, int64_t wall_ms, struct err *e)
{
    bool progress = r->any_parked;

    if (!progress)
        return 0;
    r->recent_count = 0; /* the table has them */
    if (statement_run(statement_fresh(r->statements[ROWS_FORGET]), e) != 0)
        return -1;
    while (progress)
        if (pass(r, who, wall_ms, &progress, e) != 0)
            return err_wrap(e, "what is parked");
    return statement_run(statement_fresh(r->statements[ROWS_FORGET]), e);
}
