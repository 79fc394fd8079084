#include "appliance/drawing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/box_types.h"
#include "appliance/drawn_pages.h"
#include "appliance/events.h"
#include "appliance/field_rows.h"
#include "schema/statements.h"

/* What a document is whose head tells nothing else, and one that the head tells. */
static const char administrative[] = "administrative", party[] = "party";

enum { MARK, NEXT, MARKS, UNMARK, LOOK, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    /* A page that came with its text has had no job. */
    [MARK] = "INSERT INTO job (page, state, undrawn) VALUES (?1, 'done', 1)"
             " ON CONFLICT (page) DO UPDATE SET undrawn = undrawn + 1",
    /* Each document is asked for once: of a sheaf half read, thousands of pages are
     * marked, and it is looked at after each page. */
    [NEXT] = "WITH marked AS MATERIALIZED (SELECT p.document, min(j.page) AS first"
             "  FROM job j JOIN page p ON p.id = j.page AND p.deleted = 0"
             "  WHERE j.undrawn > 0 GROUP BY p.document)"
             " SELECT m.document FROM marked m JOIN document d ON d.id = m.document"
             " AND d.deleted = 0 WHERE NOT EXISTS"
             " (SELECT 1 FROM page q JOIN job w ON w.page = q.id"
             "  WHERE q.document = m.document AND q.deleted = 0"
             "  AND w.state IN ('waiting', 'leased')) ORDER BY m.first LIMIT 1",
    [MARKS] = "SELECT total(j.undrawn) FROM page p JOIN job j ON j.page = p.id"
              " WHERE p.document = ?1 AND p.deleted = 0",
    [UNMARK] = "UPDATE job SET undrawn = 0 WHERE undrawn > 0"
               " AND page IN (SELECT id FROM page WHERE document = ?1)",
    [LOOK] = "SELECT type, source FROM document WHERE id = ?1",
};

/* Of this connection, which all writes go through: changesets of the province too. One
 * page's mark is enough. */
static const char watch[] =
    "CREATE TEMP TRIGGER document_retyped AFTER UPDATE OF type ON main.document"
    " WHEN new.type IS NOT old.type AND new.source IS NULL BEGIN"
    " INSERT INTO job (page, state, undrawn) SELECT id, 'done', 1 FROM page"
    "  WHERE document = new.id AND deleted = 0 ORDER BY ordinal LIMIT 1"
    "  ON CONFLICT (page) DO UPDATE SET undrawn = undrawn + 1;"
    " END";

struct drawing {
    struct box *box;
    sqlite3_stmt *statements[STATEMENTS];
    uint64_t document;
    int64_t marks;   /* when its pages were looked at */
    bool is_told_of; /* false: what was drawn before stays */
    char type[64];   /* "": none was given */
    struct drawn_pages pages;
};

/* ---------------------------------------------------------------- its document */

/* *wanted: a paper that was taken in here. */
static int look_at_document(struct drawing *d, bool *wanted, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(d->statements[LOOK]);
    int row;

    *wanted = false;
    bind_id(s, 1, d->document);
    row = statement_step(s, e);
    if (row == 1) {
        const char *type = (const char *)sqlite3_column_text(s, 0);

        (void)snprintf(d->type, sizeof d->type, "%s", type == NULL ? "" : type);
        *wanted = sqlite3_column_type(s, 1) == SQLITE_NULL;
    }
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

static int count_marks(struct drawing *d, int64_t *out, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(d->statements[MARKS]);
    int row;

    bind_id(s, 1, d->document);
    row = statement_step(s, e);
    *out = row == 1 ? sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

/* ---------------------------------------------------------------- its fields */

/* All pages are counted, also those that nothing is drawn from. */
static int count_pages(const struct drawing *d, struct fields *f, struct err *e)
{
    for (size_t i = 0; i < f->count; i++) {
        char count[24], *value;

        if (strcmp(f->values[i].name, "page_count") != 0)
            continue;
        (void)snprintf(count, sizeof count, "%zu", d->pages.count);
        value = strdup(count);
        if (value == NULL)
            return err_set(e, ERR_MEMORY, "fields");
        free(f->values[i].value);
        f->values[i].value = value;
    }
    return 0;
}

/* The number of pages alone is nothing that a paper says. */
static bool says_something(const struct fields *f)
{
    return f->count > 1 || (f->count == 1 && f->values[0].zoned);
}

/* The document's own; else the one that its head tells. */
static const struct record_type *type_of(const struct drawing *d,
                                         const struct record_types *types,
                                         const struct fields *found)
{
    const struct record_type *t = NULL;

    if (d->type[0] != '\0')
        return types_find(types, d->type);
    if (field_rows_are_party(found))
        t = types_find(types, party);
    if (t == NULL)
        t = field_rows_type(types, found);
    return t != NULL ? t : types_find(types, administrative);
}

struct registers {
    struct fields_register *register_of;
    struct fields *out;
};

static int take_cells(void *arg, const struct fields_page *page, uint32_t number,
                      struct err *e)
{
    struct registers *r = arg;

    return fields_register_page(r->register_of, r->out, page, number, e);
}

static int find_cells(const struct drawing *d, struct fields *out,
                      const struct record_type *type, struct err *e)
{
    struct registers r = {.out = out};
    int rc = -1;

    if (fields_register_create(&r.register_of, type, d->pages.count, e) == 0)
        rc = drawn_pages_each(&d->pages, take_cells, &r, e);
    fields_register_destroy(r.register_of);
    return rc;
}

/* Cells are told of the document's pages, all else of those that are held. */
static void number_pages(const struct drawing *d, struct fields *f, size_t cells)
{
    for (size_t i = cells; i < f->count; i++)
        if (f->values[i].zoned)
            f->values[i].page = d->pages.held[f->values[i].page].number;
}

/* Cells first: a register's head is not its first row's. */
static int find_typed(const struct drawing *d, struct fields *out,
                      const struct fields *found, const struct record_type *type,
                      const struct fields_page *pages, struct err *e)
{
    size_t cells;

    if (find_cells(d, out, type, e) != 0)
        return -1;
    cells = out->count;
    if (fields_of_type(out, found, type, pages, d->pages.held_count, e) != 0)
        return -1;
    number_pages(d, out, cells);
    if (!says_something(out))
        fields_release(out);
    return 0;
}

/* What the pages say, in the words of *type; NULL: there is no such type here. */
static int find_fields(const struct drawing *d, struct fields *out,
                       const struct record_type **type, struct err *e)
{
    struct fields_page pages[PAGES_HELD_MAX];
    const struct box_types *known;
    struct fields found;
    int rc = -1;

    *type = NULL;
    *out = (struct fields){0};
    drawn_pages_held(&d->pages, pages);
    if (fields_find(&found, pages, d->pages.held_count, e) != 0)
        return -1;
    if (count_pages(d, &found, e) != 0 || box_types(d->box, &known, e) != 0)
        goto out;
    *type = type_of(d, known->types, &found);
    rc = *type == NULL ? 0 : find_typed(d, out, &found, *type, pages, e);
out:
    fields_release(&found);
    return rc;
}

/* ------------------------------------------------------------------- writing */

/* One short transaction. *stale: something was read anew meanwhile, and nothing was
 * written: the document is still marked. */
static int write_slice(struct drawing *d, const struct field_rows *rows, size_t *at,
                       bool *done, bool *stale, struct err *e)
{
    sqlite3_stmt *unmark = statement_fresh(d->statements[UNMARK]);
    int64_t marks;
    int rc = -1;

    if (store_write_begin(d->box->store, e) != 0)
        return -1;
    if (count_marks(d, &marks, e) != 0)
        goto out;
    *stale = marks != d->marks;
    if (*stale) {
        store_write_rollback(d->box->store);
        return 0;
    }
    *done = !d->is_told_of;
    if (d->is_told_of && record_drawn(d->box->records, d->document, rows->values,
                                      rows->count, at, done, e) != 0)
        goto out;
    bind_id(unmark, 1, d->document);
    if (*done && statement_run(unmark, e) != 0)
        goto out;
    rc = store_write_commit(d->box->store, NULL, e);
out:
    if (rc != 0)
        store_write_rollback(d->box->store);
    return rc;
}

static int write_fields(struct drawing *d, const struct fields *found,
                        const struct record_type *type, struct err *e)
{
    struct field_rows rows = {0};
    size_t at = 0;
    bool done = false, stale = false;
    int rc = 0;

    if (type != NULL && field_rows_make(&rows, found, type, d->pages.ids, e) != 0)
        return -1;
    while (rc == 0 && !done && !stale)
        rc = write_slice(d, &rows, &at, &done, &stale, e);
    field_rows_release(&rows);
    return rc;
}

/* Of what is not ours to draw only the mark goes. */
static int draw_fields(struct drawing *d, struct err *e)
{
    const struct record_type *type = NULL;
    struct fields found = {0};
    bool wanted;
    int rc = -1;

    if (count_marks(d, &d->marks, e) != 0 || look_at_document(d, &wanted, e) != 0)
        return -1;
    if (wanted && (drawn_pages_open(&d->pages, d->box, d->document, e) != 0 ||
                   find_fields(d, &found, &type, e) != 0))
        goto out;
    d->is_told_of = type != NULL;
    rc = write_fields(d, &found, type, e);
out:
    fields_release(&found);
    return rc;
}

static int write_not_drawn(struct drawing *d, enum err_code why, struct err *e)
{
    sqlite3_stmt *unmark = statement_fresh(d->statements[UNMARK]);
    const char *reason = why == ERR_TOO_BIG ? "too_large" : "damaged";

    bind_id(unmark, 1, d->document);
    return statement_run(unmark, e) != 0
               ? -1
               : event_add(d->box, d->document, "not_drawn",
                           json_pack("{s:s}", "reason", reason), e);
}

/* What cannot be drawn now cannot be later: one such document must not keep the others,
 * and what comes after drawing, waiting for ever. */
static int draw(struct drawing *d, struct err *e)
{
    struct store *s = d->box->store;

    if (draw_fields(d, e) == 0)
        return 0;
    if ((e->code != ERR_TOO_BIG && e->code != ERR_CORRUPT) ||
        store_write_begin(s, e) != 0)
        return -1;
    if (write_not_drawn(d, e->code, e) == 0 && store_write_commit(s, NULL, e) == 0)
        return 0;
    store_write_rollback(s);
    return -1;
}

static int next_document(struct drawing *d, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(d->statements[NEXT]);
    int row = statement_step(s, e);

    if (row == 1)
        d->document = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    return row;
}

static void drawing_release(struct drawing *d)
{
    drawn_pages_close(&d->pages);
    statements_finalize(d->statements, STATEMENTS);
}

int drawing_watch(struct box *b, struct err *e)
{
    sqlite3 *db = store_db(b->store);

    if (sqlite3_exec(db, watch, NULL, NULL, NULL) != SQLITE_OK)
        return err_set(e, ERR_FAILED, "drawing: %s", sqlite3_errmsg(db));
    return 0;
}

int drawing_mark(struct box *b, uint64_t page, struct err *e)
{
    sqlite3_stmt *s[1] = {0};
    int rc = -1;

    if (statements_prepare(store_db(b->store), s, &sql[MARK], 1, e) != 0)
        return -1;
    bind_id(s[0], 1, page);
    rc = statement_run(s[0], e);
    statements_finalize(s, 1);
    return rc;
}

int drawing_next(struct box *b, struct err *e)
{
    struct drawing d = {.box = b};
    int rc = -1;

    if (statements_prepare(store_db(b->store), d.statements, sql, STATEMENTS, e) == 0) {
        rc = next_document(&d, e);
        if (rc == 1 && draw(&d, e) != 0)
            rc = err_wrap(e, "fields of document %llu", (unsigned long long)d.document);
    }
    drawing_release(&d);
    return rc;
}

int drawing_all(struct box *b, struct err *e)
{
    int did;

    do
        did = drawing_next(b, e);
    while (did == 1);
    return did;
}
