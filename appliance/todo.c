#include "appliance/todo.h"

#include <string.h>

#include "appliance/again.h"
#include "appliance/duplicates.h"
#include "appliance/intake_held.h"
#include "appliance/page_suspects.h"
#include "appliance/queue.h"
#include "appliance/verb_io.h"
#include "appliance/warnings.h"
#include "schema/statements.h"

enum { NAME, NEWEST, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [NAME] = "SELECT o.name FROM page p JOIN original o ON o.id = p.original"
             " WHERE p.id = ?1",
    /* Text that was imported has no layout, and nobody doubts its words. */
    [NEWEST] = "SELECT r.page, p.document FROM reading r"
               " JOIN page p ON p.id = r.page AND p.deleted = 0 AND p.hidden = 0"
               " JOIN document d ON d.id = p.document AND d.deleted = 0"
               " WHERE r.layout IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reading n"
               "  WHERE n.page = r.page AND n.id > r.id)"
               " ORDER BY r.id DESC LIMIT ?1",
};

/* One kind, while it is gathered. */
struct todo {
    struct box *box;
    sqlite3_stmt *name;
    json_t *first;
    uint64_t count;
};

/* What the page's file was called; null for text without one. */
static json_t *name_json(struct todo *t, uint64_t page)
{
    sqlite3_stmt *s = statement_fresh(t->name);
    json_t *name = NULL;
    struct err ignored; /* a line without its name is better than none */

    bind_id(s, 1, page);
    if (statement_step(s, &ignored) == 1)
        name = json_any_text((const char *)sqlite3_column_text(s, 0));
    (void)statement_fresh(s);
    return name == NULL ? json_null() : name;
}

/* Whether one more is told, not only counted. */
static bool is_told(struct todo *t)
{
    return t->count++ < TODO_FIRST;
}

static int add(struct todo *t, json_t *item, struct err *e)
{
    return json_array_append_new(t->first, item) == 0
               ? 0
               : err_set(e, ERR_MEMORY, "out of memory for what is to do");
}

/* ----------------------------------------------------------------------- kinds */

static int gather_held(struct todo *t, struct err *e)
{
    struct held_files held;
    int rc = held_files_list(&held, t->box, e);

    for (size_t i = 0; i < held.count && rc == 0; i++) {
        const struct held_file *f = &held.all[i];

        if (is_told(t))
            rc =
                add(t,
                    json_pack("{s:o, s:s, s:I, s:I, s:o}", "name", json_any_text(f->name),
                              "stamp", f->stamp, "page", (json_int_t)f->page, "pages",
                              (json_int_t)f->pages, "wall_ms",
                              f->confidence == WALL_UNKNOWN ? json_null()
                                                            : json_integer(f->wall_ms)),
                    e);
    }
    held_files_release(&held);
    return rc;
}

static int add_page(void *arg, uint64_t page, uint64_t document, const char *reason,
                    struct err *e)
{
    struct todo *t = arg;

    if (!is_told(t))
        return 0;
    return add(t,
               json_pack("{s:I, s:I, s:o, s:s?}", "page", (json_int_t)page, "document",
                         (json_int_t)document, "name", name_json(t, page), "reason",
                         reason),
               e);
}

static int gather_quarantined(struct todo *t, struct err *e)
{
    return queue_each_quarantined(t->box, add_page, t, e);
}

static int gather_proposed(struct todo *t, struct err *e)
{
    return again_each(t->box, add_page, t, e);
}

static int add_twin(void *arg, const struct twin_row *w, struct err *e)
{
    struct todo *t = arg;

    if (!is_told(t))
        return 0;
    return add(t,
               json_pack("{s:I, s:I, s:o, s:I, s:I, s:o, s:i}", "page",
                         (json_int_t)w->page, "document", (json_int_t)w->document, "name",
                         name_json(t, w->page), "other", (json_int_t)w->other,
                         "other_document", (json_int_t)w->other_document, "other_name",
                         name_json(t, w->other), "agreeing", (int)w->agreeing),
               e);
}

static int gather_twins(struct todo *t, struct err *e)
{
    return duplicates_each(t->box, 0, add_twin, t, e);
}

/* ---------------------------------------------------------------------- review */

struct newest {
    uint64_t page[TODO_PAGES], document[TODO_PAGES];
    size_t count;
};

static int read_newest(struct box *b, struct newest *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *out = (struct newest){0};
    if (statements_prepare(store_db(b->store), &s, &sql[NEWEST], 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, TODO_PAGES);
    while ((row = statement_step(s, e)) == 1) {
        out->page[out->count] = (uint64_t)sqlite3_column_int64(s, 0);
        out->document[out->count++] = (uint64_t)sqlite3_column_int64(s, 1);
    }
    statements_finalize(&s, 1);
    return row;
}

/* None on a page whose layout is damaged: verify tells of it. */
static int count_suspects(struct box *b, uint64_t page, size_t *out, struct err *e)
{
    json_t *j;

    *out = 0;
    if (page_suspects_json(b, page, &j, e) != 0)
        return e->code == ERR_CORRUPT ? 0 : -1;
    *out = json_array_size(json_object_get(j, "suspects"));
    json_decref(j);
    return 0;
}

/* A document's warnings are counted with its page that was read last. */
static int count_warnings(struct box *b, const struct newest *n, size_t at, size_t *out,
                          struct err *e)
{
    json_t *j;

    *out = 0;
    for (size_t i = 0; i < at; i++)
        if (n->document[i] == n->document[at])
            return 0;
    if (warnings_json(b, n->document[at], &j, e) != 0)
        return -1;
    *out = json_array_size(j);
    json_decref(j);
    return 0;
}

static int review_page(struct todo *t, const struct newest *n, size_t at, struct err *e)
{
    size_t suspects, warnings;

    if (count_suspects(t->box, n->page[at], &suspects, e) != 0 ||
        count_warnings(t->box, n, at, &warnings, e) != 0)
        return -1;
    if (suspects + warnings == 0)
        return 0;
    t->count++;
    return add(t,
               json_pack("{s:I, s:I, s:o, s:I, s:I}", "page", (json_int_t)n->page[at],
                         "document", (json_int_t)n->document[at], "name",
                         name_json(t, n->page[at]), "suspects", (json_int_t)suspects,
                         "warnings", (json_int_t)warnings),
               e);
}

static int gather_review(struct todo *t, const struct newest *n, struct err *e)
{
    for (size_t i = 0; i < n->count; i++)
        if (review_page(t, n, i, e) != 0)
            return -1;
    return 0;
}

/* ------------------------------------------------------------------------- all */

static void put(json_t *all, const char *kind, const struct todo *t)
{
    (void)json_object_set_new(
        all, kind,
        json_pack("{s:I, s:O}", "count", (json_int_t)t->count, "first", t->first));
}

static int gather(struct box *b, sqlite3_stmt *name, const struct newest *n, json_t *all,
                  struct err *e)
{
    static const struct {
        const char *kind;
        int (*gather)(struct todo *t, struct err *e); /* NULL: of the newest pages */
    } kinds[] = {{"held", gather_held},
                 {"quarantined", gather_quarantined},
                 {"proposed", gather_proposed},
                 {"twins", gather_twins},
                 {"review", NULL}};
    int rc = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && rc == 0; i++) {
        struct todo t = {.box = b, .name = name, .first = json_array()};

        rc = kinds[i].gather != NULL ? kinds[i].gather(&t, e) : gather_review(&t, n, e);
        put(all, kinds[i].kind, &t);
        json_decref(t.first);
    }
    return rc;
}

int todo_json(struct box *b, json_t **out, struct err *e)
{
    json_t *all = json_object();
    sqlite3_stmt *name = NULL;
    struct newest newest;
    int rc = -1;

    *out = NULL;
    if (statements_prepare(store_db(b->store), &name, &sql[NAME], 1, e) != 0 ||
        read_newest(b, &newest, e) != 0 || gather(b, name, &newest, all, e) != 0)
        goto out;
    (void)json_object_set_new(all, "looked_at", json_integer((json_int_t)newest.count));
    *out = all;
    all = NULL; /* now the caller's */
    rc = 0;
out:
    statements_finalize(&name, 1);
    json_decref(all);
    return rc == 0 ? 0 : err_wrap(e, "what is to do");
}
