#include "sync/rows/note.h"

#include <stdlib.h>

#include "schema/statements.h"

/* Binds the words, and takes them. */
static int bind_words(sqlite3_stmt *s, int place, char *words, struct err *e)
{
    if (words == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a parked change");
    bind_text(s, place, words);
    free(words);
    return 0;
}

/* Not bind_id: a subject may be 0. */
static void bind_frame(sqlite3_stmt *s, uint64_t id, const struct rows_frame *f,
                       const struct row_change *c)
{
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)id);
    (void)sqlite3_bind_int(s, 2, f->epoch);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)f->frame->sequence);
    (void)sqlite3_bind_int64(s, 4, c == NULL ? 0 : (sqlite3_int64)change_subject(c));
}

static int bind_parked(sqlite3_stmt *s, const struct rows_parking *p, struct err *e)
{
    const struct row_change *c = p->change;

    bind_text(s, 5, c == NULL ? "" : c->name);
    bind_text(s, 7, p->reason);
    bind_id(s, 10, p->waits_for);
    if (c == NULL) {
        bind_text(s, 6, "{}");
        bind_text(s, 8, "{}");
        return 0;
    }
    if (bind_words(s, 6, words_key(c), e) != 0 ||
        bind_words(s, 8, words_change(c), e) != 0)
        return -1;
    return p->here == NULL ? 0 : bind_words(s, 9, words_row(c->table, p->here), e);
}

int note_parked(sqlite3 *db, uint64_t id, const struct rows_frame *f,
                const struct rows_parking *p, struct err *e)
{
    static const char *const sql =
        "INSERT INTO parked (id, epoch, sequence, subject, name, row, reason, incoming,"
        " here, waits_for) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    sqlite3_stmt *s;
    int rc = -1;

    if (statements_prepare(db, &s, &sql, 1, e) != 0)
        return -1;
    bind_frame(s, id, f, p->change);
    if (bind_parked(s, p, e) == 0)
        rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int note_conflict(sqlite3 *db, uint64_t id, const struct rows_frame *f,
                  const struct rows_conflict *c, struct err *e)
{
    static const char *const sql =
        "INSERT INTO conflict (id, epoch, sequence, subject, name, row, field, box_value,"
        " centre_value, taken) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    const struct rows_table *t = c->change->table;
    sqlite3_stmt *s;
    int rc = -1;

    if (statements_prepare(db, &s, &sql, 1, e) != 0)
        return -1;
    bind_frame(s, id, f, c->change);
    bind_text(s, 5, t->name);
    bind_text(s, 7, t->column_names[c->column]);
    bind_text(s, 10, c->box_stands ? "box" : "centre");
    if (bind_words(s, 6, words_key(c->change), e) == 0 &&
        bind_words(s, 8, words_value(c->box), e) == 0 &&
        bind_words(s, 9, words_value(c->centre), e) == 0)
        rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}
