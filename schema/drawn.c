#include "schema/drawn.h"

#include <stdlib.h>
#include <string.h>

#include "schema/records_internal.h"
#include "schema/statements.h"

enum { DRAWN, BEFORE, DRAW, DELETE, STATEMENTS };

/* A document is drawn once for each reading of it: prepared when needed. */
static const char *const sql[STATEMENTS] = {
    [DRAWN] = "SELECT name, ordinal, value FROM field WHERE document = ?1"
              " AND source = 'machine' AND rule IS NOT NULL AND deleted = 0",
    [BEFORE] = "SELECT value FROM field WHERE document = ?1 AND name = ?2"
               " AND ordinal = ?3 AND source = 'machine'",
    [DRAW] = "INSERT INTO field (document, name, ordinal, source, value, confidence,"
             "  page, zone_left, zone_top, zone_width, zone_height, rule)"
             " VALUES (?1, ?2, ?3, 'machine', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
             " ON CONFLICT (document, name, ordinal, source) DO UPDATE"
             " SET value = excluded.value, confidence = excluded.confidence,"
             "  page = excluded.page, zone_left = excluded.zone_left,"
             "  zone_top = excluded.zone_top, zone_width = excluded.zone_width,"
             "  zone_height = excluded.zone_height, rule = excluded.rule, deleted = 0"
             " WHERE rule IS NOT NULL AND (deleted = 0 OR value IS NULL)",
    /* Without its value, which tells it from what a person has deleted. */
    [DELETE] = "UPDATE field SET deleted = 1, value = NULL WHERE document = ?1"
               " AND name = ?2 AND ordinal = ?3 AND source = 'machine'",
};

int drawn_compare(const void *a, const void *b)
{
    const struct drawn_value *x = a, *y = b;
    int names = strcmp(x->name, y->name);

    return names != 0 ? names : (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* A book has tens of thousands, and each slice looks for them all. */
static bool is_among(const struct drawn_value *values, size_t count, const char *name,
                     sqlite3_int64 ordinal)
{
    const struct drawn_value key = {.name = name, .ordinal = (unsigned)ordinal};

    return count > 0 && ordinal >= 0 && ordinal <= UINT32_MAX &&
           bsearch(&key, values, count, sizeof *values, drawn_compare) != NULL;
}

/* What one transaction writes. */
struct slice {
    size_t rows, bytes;
    bool full;
};

/* A changeset has the old value and the new one. The first is always taken: alone it
 * fits. */
static bool slice_takes(struct slice *x, size_t before, size_t after)
{
    size_t bytes = before + after;

    x->full = x->full || x->rows == DRAWN_SLICE_ROWS ||
              (x->rows > 0 && x->bytes + bytes > DRAWN_SLICE_BYTES);
    if (x->full)
        return false;
    x->rows++;
    x->bytes += bytes;
    return true;
}

static int delete_others(sqlite3_stmt **s, uint64_t document,
                         const struct drawn_value *values, size_t count, struct slice *x,
                         struct err *e)
{
    int row = 0;

    bind_id(s[DRAWN], 1, document);
    /* The walk is by key, and a tombstone does not move a row. */
    while (!x->full && (row = statement_step(s[DRAWN], e)) == 1) {
        const char *name = (const char *)sqlite3_column_text(s[DRAWN], 0);
        sqlite3_int64 ordinal = sqlite3_column_int64(s[DRAWN], 1);
        sqlite3_stmt *d = statement_fresh(s[DELETE]);

        if (name == NULL || is_among(values, count, name, ordinal))
            continue;
        if (!slice_takes(x, (size_t)sqlite3_column_bytes(s[DRAWN], 2), 0))
            break;
        bind_id(d, 1, document);
        bind_text(d, 2, name);
        (void)sqlite3_bind_int64(d, 3, ordinal);
        if (statement_run(d, e) != 0)
            return -1;
    }
    (void)statement_fresh(s[DRAWN]);
    return row < 0 ? -1 : 0;
}

static int draw(sqlite3_stmt *s, uint64_t document, const struct drawn_value *v,
                struct err *e)
{
    const int32_t zone[] = {v->left, v->top, v->width, v->height};

    s = statement_fresh(s);
    if (strlen(v->value) > RECORD_TEXT_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "field %s: a value of %zu bytes", v->name,
                       strlen(v->value));
    bind_id(s, 1, document);
    bind_text(s, 2, v->name);
    (void)sqlite3_bind_int64(s, 3, v->ordinal);
    bind_text(s, 4, v->value);
    (void)sqlite3_bind_int64(s, 5, v->confidence);
    if (v->page != 0) {
        bind_id(s, 6, v->page);
        for (int i = 0; i < 4; i++)
            (void)sqlite3_bind_int(s, 7 + i, zone[i]);
    }
    bind_text(s, 11, v->rule);
    return statement_run(s, e);
}

static int bytes_before(sqlite3_stmt *s, uint64_t document, const struct drawn_value *v,
                        size_t *out, struct err *e)
{
    int row;

    s = statement_fresh(s);
    bind_id(s, 1, document);
    bind_text(s, 2, v->name);
    (void)sqlite3_bind_int64(s, 3, v->ordinal);
    row = statement_step(s, e);
    *out = row == 1 ? (size_t)sqlite3_column_bytes(s, 0) : 0;
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

int record_drawn(struct records *r, uint64_t document, const struct drawn_value *values,
                 size_t count, size_t *at, bool *done, struct err *e)
{
    sqlite3_stmt *s[STATEMENTS] = {0};
    struct slice x = {0};
    int rc = -1;

    if (statements_prepare(store_db(records_store(r)), s, sql, STATEMENTS, e) != 0 ||
        delete_others(s, document, values, count, &x, e) != 0)
        goto out;
    for (; *at < count && !x.full; ++*at) {
        const struct drawn_value *v = &values[*at];
        size_t before;

        if (bytes_before(s[BEFORE], document, v, &before, e) != 0)
            goto out;
        if (!slice_takes(&x, before, strlen(v->value)))
            break;
        if (draw(s[DRAW], document, v, e) != 0)
            goto out;
    }
    *done = *at == count && !x.full;
    rc = 0;
out:
    statements_finalize(s, STATEMENTS);
    if (rc == 0 && x.rows > 0)
        rc = records_refresh(r, document, e);
    return rc;
}
