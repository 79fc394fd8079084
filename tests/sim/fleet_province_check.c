#include "tests/sim/fleet.h"

#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/rows/change.h"

/* The province's last word on a place, if it locks it. */
bool fleet_edit_locks(const struct fleet_box *b, const struct fleet_edit *edit)
{
    return edit->locks && fleet_edit_is_last(b, edit);
}

bool fleet_edit_is_last(const struct fleet_box *b, const struct fleet_edit *edit)
{
    for (const struct fleet_edit *at = edit + 1; at < b->edits + b->edits_count; at++)
        if ((at->sure || at->maybe) && fleet_edit_same_place(at, edit))
            return false;
    return true;
}

/* What the query gives: its first number; `sql` is released. */
static int64_t ask(struct fleet *f, sqlite3 *db, char *sql)
{
    int64_t n = 0;
    struct err e;

    if (sql == NULL || sql_number(db, sql, &n, &e) != 0)
        fleet_fail(f, "%s: %s", sql == NULL ? "no memory" : sql, e.text);
    sqlite3_free(sql);
    return n;
}

static bool text_is(sqlite3_value *v, const char *text)
{
    const unsigned char *is = v == NULL ? NULL : sqlite3_value_text(v);

    return is != NULL && strcmp((const char *)is, text) == 0;
}

static char *row_where(const struct fleet_edit *t)
{
    unsigned long long subject = t->subject;

    if (strcmp(t->table, "field") != 0)
        return sqlite3_mprintf("id = %llu", subject);
    return sqlite3_mprintf("document = %llu AND name = %Q AND ordinal = %u"
                           " AND source = %Q",
                           subject, t->name, t->ordinal, t->source);
}

bool fleet_edit_stands(struct fleet *f, const struct fleet_edit *t)
{
    char *where = row_where(t);
    bool stands = ask(f, store_db(f->centre->store),
                      sqlite3_mprintf("SELECT count(*) FROM %s WHERE %s AND %s = %Q",
                                      t->table, where, t->column, t->value)) == 1;

    sqlite3_free(where);
    return stands;
}

/* ----------------------------------------------------------------------- locks */

static void check_lock(struct fleet *f, unsigned box, const struct fleet_edit *t)
{
    char *sql =
        sqlite3_mprintf("SELECT value, locked, deleted FROM field WHERE document"
                        " = %llu AND name = %Q AND ordinal = %u AND source = %Q",
                        (unsigned long long)t->subject, t->name, t->ordinal, t->source);
    sqlite3_stmt *s =
        sql == NULL ? NULL : fleet_prepare(f, store_db(f->centre->store), sql);

    if (s != NULL && (sqlite3_step(s) != SQLITE_ROW ||
                      !text_is(sqlite3_column_value(s, 0), t->value) ||
                      sqlite3_column_int(s, 1) != 1 || sqlite3_column_int(s, 2) != 0))
        fleet_fail(f,
                   "centre: %s of box %u was locked as \"%s\", and is \"%s\", locked %d,"
                   " deleted %d",
                   t->name, box + 1, t->value, (const char *)sqlite3_column_text(s, 0),
                   sqlite3_column_int(s, 1), sqlite3_column_int(s, 2));
    statements_finalize(&s, 1);
    sqlite3_free(sql);
}

void fleet_province_check(struct fleet *f, bool all)
{
    for (unsigned box = 0; box < f->boxes_count; box++) {
        const struct fleet_box *b = &f->boxes[box];
        size_t looked = 0;

        for (size_t i = b->edits_count; i > 0 && (all || looked == 0); i--)
            if (b->edits[i - 1].sure && fleet_edit_locks(b, &b->edits[i - 1])) {
                check_lock(f, box, &b->edits[i - 1]);
                looked++;
            }
    }
}

/* ------------------------------------------------------------------- conflicts */

/* Somebody at the province wrote this there. */
static bool is_explained(const struct fleet_box *b, sqlite3_stmt *conflict)
{
    for (size_t i = 0; i < b->edits_count; i++) {
        const struct fleet_edit *t = &b->edits[i];

        if (t->subject == (uint64_t)sqlite3_column_int64(conflict, 0) &&
            text_is(sqlite3_column_value(conflict, 1), t->table) &&
            text_is(sqlite3_column_value(conflict, 2), t->column) &&
            text_is(sqlite3_column_value(conflict, 3), t->value))
            return true;
    }
    return false;
}

static void check_conflicts(struct fleet *f, unsigned box)
{
    const struct fleet_box *b = &f->boxes[box];
    sqlite3_stmt *s =
        fleet_prepare(f, store_db(f->centre->store),
                      "SELECT subject, name, field,"
                      " json_extract(centre_value, '$'), taken FROM conflict"
                      " WHERE id BETWEEN ?1 AND ?2");

    if (s == NULL)
        return;
    bind_id(s, 1, id_make(b->site, 0, 0));
    bind_id(s, 2, id_make(b->site, UINT8_MAX, (1u << ID_COUNTER_BITS) - 1));
    while (sqlite3_step(s) == SQLITE_ROW) {
        f->faults[FAULT_CONFLICT]++;
        if (text_is(sqlite3_column_value(s, 4), "centre"))
            f->faults[FAULT_PUT_BACK]++;
        /* What is given back to a box that was put back meets what it wrote since. */
        if (b->memory.left_count == 0 && !is_explained(b, s))
            fleet_fail(f,
                       "centre: a conflict in %s.%s of box %u, where only it has written:"
                       " the province never wrote \"%s\"",
                       (const char *)sqlite3_column_text(s, 1),
                       (const char *)sqlite3_column_text(s, 2), box + 1,
                       (const char *)sqlite3_column_text(s, 3));
    }
    statements_finalize(&s, 1);
}

/* ------------------------------------------------------------- no value is lost */

/* Which column of the table, as the box has it. */
static int column_index(struct fleet *f, sqlite3 *db, const struct fleet_edit *t)
{
    return (int)ask(f, db,
                    sqlite3_mprintf("SELECT cid FROM pragma_table_info(%Q)"
                                    " WHERE name = %Q",
                                    t->table, t->column));
}

static bool is_of_row(const struct row_change *c, const struct fleet_edit *t)
{
    if (sqlite3_stricmp(c->name, t->table) != 0 || change_subject(c) != t->subject)
        return false;
    return strcmp(t->table, "field") != 0 ||
           (text_is(change_key(c, 1), t->name) &&
            (unsigned)sqlite3_value_int(change_key(c, 2)) == t->ordinal &&
            text_is(change_key(c, 3), t->source));
}

/* Whether a frame touches the column: any, or if `knowing` one that knows the value. */
static bool frame_touches(struct fleet *f, sqlite3_value *frame, int column,
                          const struct fleet_edit *t, bool knowing)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    bool touches = false;
    struct err e;

    if (sqlite3changeset_start(&iter, sqlite3_value_bytes(frame),
                               (void *)(uintptr_t)sqlite3_value_blob(frame)) != SQLITE_OK)
        fleet_fail(f, "a frame is malformed");
    while (iter != NULL && !touches && sqlite3changeset_next(iter) == SQLITE_ROW)
        touches = change_read(&c, iter, &e) == 0 && is_of_row(&c, t) &&
                  column < c.columns && change_new(&c, column) != NULL &&
                  (!knowing || text_is(change_old(&c, column), t->value));
    (void)sqlite3changeset_finalize(iter); /* what it met was told when it was applied */
    return touches;
}

/* The centre's last frame to the box that touches the column: *sequence 0: none does. */
static void told_in(struct fleet *f, unsigned box, const struct fleet_edit *t, int column,
                    uint8_t *epoch, uint64_t *sequence)
{
    sqlite3_stmt *s = fleet_prepare(f, store_db(f->centre->store),
                                    "SELECT sequence, centre_epoch, changeset"
                                    " FROM down_frame WHERE site = ?1 ORDER BY 1 DESC");

    *sequence = 0;
    if (s != NULL)
        (void)sqlite3_bind_int(s, 1, f->boxes[box].site);
    while (s != NULL && *sequence == 0 && sqlite3_step(s) == SQLITE_ROW) {
        if (!frame_touches(f, sqlite3_column_value(s, 2), column, t, false))
            continue;
        *sequence = (uint64_t)sqlite3_column_int64(s, 0);
        *epoch = (uint8_t)sqlite3_column_int(s, 1);
    }
    statements_finalize(&s, 1);
}

/* A frame of a line that the box has left, and which was given back to it, knew the value. */
static bool lost_box_answered(struct fleet *f, unsigned box, const struct fleet_edit *t,
                              int column)
{
    sqlite3_stmt *s;
    bool answered = false;

    if (f->boxes[box].memory.left_count == 0)
        return false;
    s = fleet_prepare(f, store_db(f->centre->store),
                      "SELECT changeset FROM down_frame WHERE site = ?1");
    if (s != NULL)
        (void)sqlite3_bind_int(s, 1, f->boxes[box].site);
    while (s != NULL && !answered && sqlite3_step(s) == SQLITE_ROW)
        answered = frame_touches(f, sqlite3_column_value(s, 0), column, t, true);
    statements_finalize(&s, 1);
    return answered;
}

/* The box wrote there, having seen it or knowing the value. */
static bool box_answered(struct fleet *f, unsigned box, const struct fleet_edit *t)
{
    sqlite3 *db = store_db(f->boxes[box].box->store);
    int column = column_index(f, db, t);
    sqlite3_stmt *s = fleet_prepare(
        f, db,
        "SELECT seen, seen_epoch, changeset FROM changelog ORDER BY sequence DESC");
    bool answered = false;
    uint64_t sequence;
    uint8_t epoch = 0;

    told_in(f, box, t, column, &epoch, &sequence);
    while (s != NULL && !answered && sqlite3_step(s) == SQLITE_ROW) {
        bool saw = sequence != 0 && sqlite3_column_int(s, 1) >= epoch &&
                   (uint64_t)sqlite3_column_int64(s, 0) >= sequence;

        answered = frame_touches(f, sqlite3_column_value(s, 2), column, t, !saw);
    }
    statements_finalize(&s, 1);
    return answered || lost_box_answered(f, box, t, column);
}

static void check_value(struct fleet *f, unsigned box, const struct fleet_edit *t)
{
    if (fleet_edit_stands(f, t) ||
        ask(f, store_db(f->centre->store),
            sqlite3_mprintf("SELECT count(*) FROM conflict WHERE subject = %llu AND name"
                            " = %Q AND field = %Q AND"
                            " CAST(json_extract(centre_value, '$') AS TEXT) = %Q",
                            (unsigned long long)t->subject, t->table, t->column,
                            t->value)) > 0 ||
        box_answered(f, box, t))
        return;
    fleet_fail(f,
               "centre: \"%s\" for %s.%s of box %u is lost: another value stands, and"
               " nobody says so",
               t->value, t->table, t->column, box + 1);
}

void fleet_province_check_rest(struct fleet *f, unsigned box)
{
    const struct fleet_box *b = &f->boxes[box];

    check_conflicts(f, box);
    for (size_t i = 0; i < b->edits_count; i++)
        if (b->edits[i].sure && fleet_edit_is_last(b, &b->edits[i]))
            check_value(f, box, &b->edits[i]);
}
