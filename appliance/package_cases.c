#include "appliance/package_cases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/box_types.h"
#include "appliance/export_select.h"
#include "appliance/package_name.h"
#include "schema/statements.h"

static const char *const sql = "SELECT type FROM document WHERE id = ?1";

struct rows {
    struct package_cases *cases;
    struct box *box;
    const struct package_options *o;
    struct package_table *book;
    struct export_table table;
    struct package_names taken;
    char **values; /* of the type's fields in their order; owned, the case's at hand */
    struct buffer name, missing, sentence;
};

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "package: out of memory");
}

void package_cases_release(struct package_cases *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->cases[i].name);
        free(c->cases[i].note);
    }
    free(c->cases);
    *c = (struct package_cases){0};
}

int package_case_note(struct package_case *c, const char *sentence, struct err *e)
{
    size_t there = c->note == NULL ? 0 : strlen(c->note);
    char *more = realloc(c->note, there + strlen(sentence) + 2);

    if (more == NULL)
        return out_of_memory(e);
    c->note = more;
    (void)sprintf(more + there, "%s%s", there > 0 ? " " : "", sentence);
    return 0;
}

/* --------------------------------------------------------------------- choose */

/* "–": a paper of no type. */
static void take_type(struct package *out, const char *type, bool first)
{
    if (type == NULL)
        type = "–";
    if (first)
        (void)snprintf(out->types[0], sizeof out->types[0], "%s", type);
    if (strcmp(out->types[0], type) == 0)
        return;
    (void)snprintf(out->types[1], sizeof out->types[1], "%s", type);
    out->two = true;
}

static int choose_type(struct package_cases *c, struct box *b, const uint64_t *ids,
                       struct package *out, struct err *e)
{
    const struct box_types *types;
    sqlite3_stmt *s = NULL;
    int row = 0;

    if (box_types(b, &types, e) != 0 ||
        statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    for (size_t i = 0; i < c->count && !out->two && row >= 0; i++) {
        bind_id(statement_fresh(s), 1, ids[i]);
        row = statement_step(s, e);
        if (row == 1)
            take_type(out, (const char *)sqlite3_column_text(s, 0), i == 0);
        c->cases[i].document = ids[i];
    }
    statements_finalize(&s, 1);
    c->type = types_find(types->types, out->types[0]);
    out->outcome = c->count == 0                 ? PACKAGE_EMPTY
                   : c->type == NULL || out->two ? PACKAGE_MIXED
                                                 : PACKAGE_WRITTEN;
    return row < 0 ? -1 : 0;
}

int package_cases_choose(struct package_cases *c, struct box *b,
                         const struct export_selection *what, struct package *out,
                         struct err *e)
{
    uint64_t *ids = NULL;
    int rc = -1;

    if (export_select(b, what, &ids, &c->count, e) != 0)
        return -1;
    c->cases = calloc(c->count + 1, sizeof *c->cases);
    if (c->cases == NULL) {
        c->count = 0;
        (void)out_of_memory(e); /* told by rc */
    } else {
        rc = choose_type(c, b, ids, out, e);
    }
    if (rc == 0 && c->count > PACKAGE_TABLE_ROWS_MAX)
        rc = err_set(e, ERR_TOO_BIG, "package: more than %u cases",
                     PACKAGE_TABLE_ROWS_MAX);
    free(ids);
    return rc;
}

/* ----------------------------------------------------------------------- names */

static int note(struct rows *r, struct package_case *c, const char *key, const char *a,
                struct err *e)
{
    buffer_clear(&r->sentence);
    message_append(&r->sentence, key, r->o->language, &a, 1);
    return buffer_check(&r->sentence, e) != 0
               ? -1
               : package_case_note(c, (const char *)r->sentence.bytes, e);
}

static const char *value_of(void *arg, const char *field)
{
    const struct rows *r = arg;
    const struct field_def *f = type_field(r->cases->type, field);

    return f == NULL ? NULL : r->values[f - r->cases->type->fields];
}

/* Of a field that repeats the first value counts. */
static int take_value(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct rows *r = arg;
    const struct field_def *f = type_field(r->cases->type, name);
    char **to = f == NULL ? NULL : &r->values[f - r->cases->type->fields];

    (void)ordinal;
    (void)source;
    if (to == NULL || *to != NULL)
        return 0;
    *to = strdup(value);
    return *to == NULL ? out_of_memory(e) : 0;
}

/* As its type says; if that cannot be, its number. */
static int make_name(struct rows *r, struct package_case *c, struct err *e)
{
    struct err why;

    if (r->cases->type->file_name != NULL) {
        if (package_name(&r->name, &r->missing, r->cases->type, r->o->language, value_of,
                         r, &why) != 0) {
            if (note(r, c, "package.bad_name", why.text, e) != 0)
                return -1;
        } else if (r->missing.count == 0) {
            return 0;
        } else if (note(r, c, "package.missing", (const char *)r->missing.bytes, e) !=
                   0) {
            return -1;
        }
    }
    buffer_clear(&r->name);
    buffer_append_format(&r->name, "%" PRIu64 ".pdf", c->document);
    return buffer_check(&r->name, e);
}

static int name_case(struct rows *r, struct package_case *c, struct err *e)
{
    bool twice;
    int rc;

    buffer_clear(&r->name);
    buffer_clear(&r->missing);
    rc = record_each_field(r->box->records, c->document, take_value, r, e);
    if (rc == 0)
        rc = make_name(r, c, e);
    for (size_t i = 0; i < r->cases->type->fields_count; i++) {
        free(r->values[i]);
        r->values[i] = NULL;
    }
    if (rc != 0 || package_names_take(&r->taken, &r->name, &twice, e) != 0)
        return -1;
    c->name = strdup((const char *)r->name.bytes);
    if (c->name == NULL)
        return out_of_memory(e);
    return twice ? note(r, c, "package.twice", c->name, e) : 0;
}

/* ------------------------------------------------------------------------ rows */

static int write_heads(struct rows *r, struct err *e)
{
    for (size_t i = 0; i < r->table.count; i++)
        if (package_table_cell(r->book, SHEET_CASES, r->table.columns[i].head, NULL, e) !=
            0)
            return -1;
    package_table_end_row(r->book, SHEET_CASES);
    return 0;
}

static int write_row(struct rows *r, struct package_case *c, struct err *e)
{
    if (export_table_fill(&r->table, r->box->records, c->document, r->cases->type, e) !=
        0)
        return -1;
    for (size_t i = 0; i < r->table.count; i++) {
        bool cut;

        if (package_table_cell(r->book, SHEET_CASES, export_table_cell(&r->table, i),
                               &cut, e) != 0 ||
            (cut && note(r, c, "package.cut", r->table.columns[i].head, e) != 0))
            return -1;
    }
    package_table_end_row(r->book, SHEET_CASES);
    return 0;
}

/* The type's columns, and those of values that it has no field for: nothing is lost. */
static int find_columns(struct rows *r, struct err *e)
{
    struct package_cases *c = r->cases;
    int rc = export_table_add_type(&r->table, c->type, e);

    for (size_t i = 0; i < c->count && rc == 0; i++)
        rc = export_table_add_used(&r->table, r->box, &c->cases[i].document, 1, e);
    return rc == 0 ? export_table_settle(&r->table, e) : -1;
}

static int write_all(struct rows *r, struct err *e)
{
    struct package_cases *c = r->cases;

    if (find_columns(r, e) != 0 || write_heads(r, e) != 0)
        return -1;
    for (size_t i = 0; i < c->count; i++) {
        if (!r->o->progress(r->o->arg, 0, c->count))
            return err_set(e, ERR_FAILED, "package: given up");
        if (write_row(r, &c->cases[i], e) != 0 || name_case(r, &c->cases[i], e) != 0)
            return err_wrap(e, "document %" PRIu64, c->cases[i].document);
    }
    return 0;
}

int package_cases_write(struct package_cases *c, struct box *b,
                        const struct package_options *o, struct package_table *book,
                        struct err *e)
{
    struct rows r = {.cases = c, .box = b, .o = o, .book = book};
    const struct box_types *types;
    int rc = -1;

    buffer_init(&r.name, 1 << 20);
    buffer_init(&r.missing, 1 << 20);
    buffer_init(&r.sentence, 1 << 20);
    r.values = calloc(c->type->fields_count + 1, sizeof *r.values);
    if (r.values == NULL)
        (void)out_of_memory(e); /* told by rc */
    else if (box_types(b, &types, e) == 0) {
        export_table_init(&r.table, types->types, EXPORT_ROW_BYTES_MAX);
        rc = write_all(&r, e);
    }
    export_table_release(&r.table);
    package_names_release(&r.taken);
    free(r.values);
    buffer_release(&r.name);
    buffer_release(&r.missing);
    buffer_release(&r.sentence);
    return rc;
}
