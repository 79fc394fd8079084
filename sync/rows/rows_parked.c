#include "sync/rows/rows.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

/* What this frame parked itself: verify, which writes no parked rows, must know it too. */
struct rows_recent {
    struct hash row; /* of table and key, as words */
    uint64_t subject, id;
    bool makes_id; /* a row with an id of its own, not there yet */
};

static void row_hash(const char *name, const char *key, struct hash *out)
{
    struct hasher h;

    hasher_init(&h);
    hasher_add(&h, name, strlen(name) + 1);
    hasher_add(&h, key, strlen(key));
    hasher_finish(&h, out);
}

/* ------------------------------------------------------------------------ asking */

static int ask(struct rows *r, int which, uint64_t subject, const char *name,
               const char *key, uint64_t *id, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[which]);
    int row;

    rows_bind_here(r, s);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)subject); /* 0 is none, and one */
    if (which == ROWS_PARKED_ROW) {
        bind_text(s, 4, name);
        bind_text(s, 5, key);
    }
    row = statement_step(s, e);
    *id = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

/* The row itself is parked, or a change of it. */
static int find_row(struct rows *r, const struct row_change *c, const char *key,
                    uint64_t *id, struct err *e)
{
    struct hash row;

    if (ask(r, ROWS_PARKED_ROW, change_subject(c), c->name, key, id, e) != 0)
        return -1;
    row_hash(c->name, key, &row);
    for (size_t i = 0; *id == 0 && i < r->recent_count; i++)
        if (hash_equal(&r->recent[i].row, &row))
            *id = r->recent[i].id;
    return 0;
}

/* A row with this id is parked, and so not there. */
static int find_id(struct rows *r, uint64_t subject, uint64_t *id, struct err *e)
{
    if (ask(r, ROWS_PARKED_ID, subject, NULL, NULL, id, e) != 0)
        return -1;
    for (size_t i = 0; *id == 0 && i < r->recent_count; i++)
        if (r->recent[i].makes_id && r->recent[i].subject == subject)
            *id = r->recent[i].id;
    return 0;
}

static int find_reference(struct rows *r, const struct row_change *c, uint64_t *id,
                          struct err *e)
{
    for (int i = 0; *id == 0 && i < c->columns; i++) {
        sqlite3_value *v = c->table->is_reference[i] ? change_new(c, i) : NULL;

        if (v != NULL && sqlite3_value_type(v) == SQLITE_INTEGER &&
            find_id(r, (uint64_t)sqlite3_value_int64(v), id, e) != 0)
            return -1;
    }
    return 0;
}

int rows_waits_for(struct rows *r, const struct row_change *c, uint64_t *id,
                   const char **reason, bool *behind, struct err *e)
{
    char *key;
    int rc;

    *id = 0;
    *behind = false;
    if (!r->any_parked)
        return 0;
    key = words_key(c);
    if (key == NULL)
        return err_set(e, ERR_MEMORY, "rows: a key");
    *reason = "an earlier change of the row is parked";
    rc = r->again ? 0 : find_row(r, c, key, id, e);
    free(key);
    *behind = *id != 0;
    if (rc != 0 || *behind)
        return rc;
    *reason = "it refers to a row that is parked";
    return find_reference(r, c, id, e);
}

/* ----------------------------------------------------------------------- parking */

static int remember(struct rows *r, const struct row_change *c, uint64_t id,
                    struct err *e)
{
    struct rows_recent *recent;
    char *key;

    if (r->recent_count == r->recent_capacity) {
        size_t capacity = r->recent_capacity == 0 ? 16 : 2 * r->recent_capacity;

        recent = realloc(r->recent, capacity * sizeof *recent);
        if (recent == NULL)
            return err_set(e, ERR_MEMORY, "rows: %zu parked", capacity);
        r->recent = recent;
        r->recent_capacity = capacity;
    }
    key = words_key(c);
    if (key == NULL)
        return err_set(e, ERR_MEMORY, "rows: a key");
    recent = &r->recent[r->recent_count++];
    *recent = (struct rows_recent){
        .subject = change_subject(c),
        .id = id == 0 ? 1 : id, /* written nowhere, but parked all the same */
        .makes_id = c->table != NULL && c->table->has_id && c->verb == SQLITE_INSERT};
    row_hash(c->name, key, &recent->row);
    free(key);
    return 0;
}

int rows_park(struct rows *r, const struct rows_parking *p, struct err *e)
{
    const struct row_change *c = p->change;
    uint64_t id = 0;

    r->refused = true;
    if (r->again)
        return 0; /* it is parked already, and stays so */
    if (r->sink->park != NULL && r->sink->park(r->sink->arg, r->at, p, &id, e) != 0)
        return -1;
    r->any_parked = true;
    return c == NULL || c->table == NULL ? 0 : remember(r, c, id, e);
}

int rows_ripen(struct rows *r, uint64_t subject, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_RIPEN]);

    rows_bind_here(r, s);
    bind_id(s, 3, subject);
    return statement_run(s, e);
}

static int one_change(const struct row_change *c, void **bytes, int *count)
{
    sqlite3_changegroup *group = NULL;
    int rc = sqlite3changegroup_new(&group);

    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_add_change(group, c->iter);
    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_output(group, count, bytes);
    sqlite3changegroup_delete(group);
    return rc;
}

/* What is behind an earlier change of its row may mend that one; who waits for another
 * row is told when that one goes; what else was judged a moment ago waits for its turn. */
static int turn_of(struct rows *r, const struct rows_parking *p, int64_t *turn,
                   struct err *e)
{
    *turn = p->behind ? 0 : ROWS_TURN_TOLD;
    return p->waits_for != 0 ? 0 : rows_next_turn(r, turn, e);
}

int rows_keep_change(struct rows *r, const struct rows_frame *f,
                     const struct rows_parking *p, uint64_t id, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_KEEP]);
    void *bytes = NULL;
    int64_t turn;
    int count = 0, rc;

    if (p->change == NULL || p->change->table == NULL)
        return 0;
    if (turn_of(r, p, &turn, e) != 0)
        return -1;
    rc = one_change(p->change, &bytes, &count);
    if (rc == SQLITE_OK) {
        bind_id(s, 1, id);
        (void)sqlite3_bind_int64(s, 2, f->frame->schema);
        (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)f->frame->seen);
        (void)sqlite3_bind_int(s, 4, f->seen_epoch);
        bind_blob(s, 5, bytes, (size_t)count);
        (void)sqlite3_bind_int64(s, 6, turn);
        rc = statement_run(s, e);
    } else if (rc == SQLITE_NOMEM) {
        rc = err_set(e, ERR_MEMORY, "rows: a parked change");
    } else {
        rc = 0; /* its words are kept; it cannot be tried again */
    }
    sqlite3_free(bytes);
    return rc;
}
