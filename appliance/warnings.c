#include "appliance/warnings.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/box_types.h"
#include "base/web/json_text.h"
#include "schema/checks/checks.h"
#include "schema/statements.h"

enum { TYPE, PAGES, DOSSIER, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [TYPE] = "SELECT type, dossier FROM document WHERE id = ?1",
    [PAGES] = "SELECT count(*) FROM page WHERE document = ?1 AND deleted = 0",
    [DOSSIER] = "SELECT count(DISTINCT d.id), count(p.id) FROM document d"
                " LEFT JOIN page p ON p.document = d.id AND p.deleted = 0"
                " WHERE d.dossier = ?1 AND d.deleted = 0",
};

/* A field's row is valid during its call alone: copied. */
struct gathered {
    struct check_value *values; /* strings owned */
    size_t count, room;
    json_t *list; /* what is told */
};

static void gathered_release(struct gathered *g)
{
    for (size_t i = 0; i < g->count; i++) {
        free((char *)g->values[i].field);
        free((char *)g->values[i].value);
    }
    free(g->values);
    json_decref(g->list);
}

static int take_field(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct gathered *g = arg;
    struct check_value v = {.ordinal = ordinal};

    (void)source;
    if (g->count == g->room) {
        size_t room = g->room == 0 ? 32 : 2 * g->room;
        struct check_value *more = realloc(g->values, room * sizeof *more);

        if (more == NULL)
            return err_set(e, ERR_MEMORY, "out of memory for fields");
        g->values = more;
        g->room = room;
    }
    v.field = strdup(name);
    v.value = strdup(value == NULL ? "" : value);
    g->values[g->count++] = v;
    if (v.field == NULL || v.value == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for fields");
    return 0;
}

static json_t *sentence(const struct warning *w, enum language language)
{
    struct buffer text;
    json_t *j;

    buffer_init(&text, 4096);
    warning_append(&text, w, language);
    j = json_any_text(text.count == 0 ? w->rule : (const char *)text.bytes);
    buffer_release(&text);
    return j;
}

static void take_warning(void *arg, const struct warning *w)
{
    struct gathered *g = arg;

    (void)json_array_append_new(
        g->list,
        json_pack("{s:s, s:s, s:i, s:s?, s:o, s:o, s:s, s:s}", "rule", w->rule, "field",
                  w->field->name, "ordinal", (int)w->ordinal, "beside",
                  w->other == NULL ? NULL : w->other->name, "vi",
                  sentence(w, LANGUAGE_VI), "en", sentence(w, LANGUAGE_EN), "mark",
                  fact_mark_name(w->fact->mark), "source", w->fact->source));
}

/* The document's type, or NULL, and what is counted of it and of its dossier. */
static int read_document(sqlite3_stmt **q, const struct box_types *t, uint64_t document,
                         struct check_record *r, struct err *e)
{
    const char *type = NULL;
    sqlite3_int64 dossier = 0;
    int step;

    bind_id(statement_fresh(q[TYPE]), 1, document);
    step = statement_step(q[TYPE], e);
    if (step == 1) {
        type = (const char *)sqlite3_column_text(q[TYPE], 0);
        dossier = sqlite3_column_int64(q[TYPE], 1);
    }
    r->type = type == NULL ? NULL : types_find(t->types, type);
    (void)statement_fresh(q[TYPE]);
    if (step < 0 || r->type == NULL)
        return step < 0 ? -1 : 0;
    bind_id(statement_fresh(q[PAGES]), 1, document);
    if (statement_step(q[PAGES], e) < 0)
        return -1;
    r->pages = sqlite3_column_int64(q[PAGES], 0);
    if (dossier == 0)
        return 0;
    bind_id(statement_fresh(q[DOSSIER]), 1, (uint64_t)dossier);
    if (statement_step(q[DOSSIER], e) < 0)
        return -1;
    r->documents = sqlite3_column_int64(q[DOSSIER], 0);
    r->dossier_pages = sqlite3_column_int64(q[DOSSIER], 1);
    return 0;
}

int warnings_json(struct box *b, uint64_t document, json_t **out, struct err *e)
{
    struct check_record r = {.pages = COUNT_UNKNOWN,
                             .documents = COUNT_UNKNOWN,
                             .dossier_pages = COUNT_UNKNOWN};
    struct gathered g = {.list = json_array()};
    sqlite3_stmt *q[STATEMENTS] = {NULL};
    const struct box_types *t;
    int rc = -1;

    *out = NULL;
    if (g.list == NULL) {
        (void)err_set(e, ERR_MEMORY, "out of memory for warnings");
        goto out;
    }
    if (box_types(b, &t, e) != 0 ||
        statements_prepare(store_db(b->store), q, sql, STATEMENTS, e) != 0 ||
        read_document(q, t, document, &r, e) != 0)
        goto out;
    if (r.type != NULL) {
        if (record_each_field(b->records, document, take_field, &g, e) != 0)
            goto out;
        r.values = g.values;
        r.values_count = g.count;
        r.prefixes = t->prefixes;
        r.units = t->units;
        checks_run(&r, take_warning, &g);
    }
    *out = g.list;
    g.list = NULL; /* now the caller's */
    rc = 0;
out:
    statements_finalize(q, STATEMENTS);
    gathered_release(&g);
    return rc;
}
