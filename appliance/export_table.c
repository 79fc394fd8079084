#include "appliance/export_table.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

static const char *const sql =
    "SELECT DISTINCT d.type, f.name FROM field f JOIN document d ON d.id = f.document"
    " WHERE f.document = ?1 AND f.deleted = 0 AND f.value IS NOT NULL";

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "export: out of memory");
}

const char *export_column_name(const struct record_type *t, const char *field)
{
    const struct field_def *f = t == NULL ? NULL : type_field(t, field);

    return f == NULL ? field : f->column;
}

void export_table_init(struct export_table *t, const struct record_types *types,
                       size_t cell_bytes_max)
{
    *t = (struct export_table){.types = types, .cell_bytes_max = cell_bytes_max};
}

void export_table_release(struct export_table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->columns[i].head);
        buffer_release(&t->columns[i].cell);
    }
    free(t->columns);
    free(t->by_head);
    *t = (struct export_table){0};
}

/* -------------------------------------------------------------------- columns */

/* Where a column of this type's field stands; behind all of them if no type knows it. */
static size_t rank_of(const struct export_table *t, const struct record_type *type,
                      const char *field)
{
    const struct field_def *f = type == NULL ? NULL : type_field(type, field);

    for (size_t i = 0; f != NULL && i < types_count(t->types); i++)
        if (types_at(t->types, i) == type)
            return i * TYPE_FIELDS_MAX + (size_t)(f - type->fields);
    return SIZE_MAX;
}

/* Before they are settled they lie by their heads. */
static int add(struct export_table *t, const struct record_type *type, const char *field,
               struct err *e)
{
    const char *head = export_column_name(type, field);
    size_t at = 0, rank = rank_of(t, type, field);
    struct export_column *more;

    if (head == NULL)
        return 0;
    while (at < t->count && strcmp(t->columns[at].head, head) < 0)
        at++;
    if (at < t->count && strcmp(t->columns[at].head, head) == 0) {
        if (rank < t->columns[at].rank)
            t->columns[at].rank = rank;
        return 0;
    }
    more = realloc(t->columns, (t->count + 1) * sizeof *more);
    if (more == NULL)
        return out_of_memory(e);
    t->columns = more;
    memmove(more + at + 1, more + at, (t->count - at) * sizeof *more);
    more[at] = (struct export_column){.head = strdup(head), .rank = rank};
    t->count++;
    buffer_init(&more[at].cell, t->cell_bytes_max);
    return more[at].head == NULL ? out_of_memory(e) : 0;
}

int export_table_add_type(struct export_table *t, const struct record_type *type,
                          struct err *e)
{
    for (size_t i = 0; i < type->fields_count; i++)
        if (add(t, type, type->fields[i].name, e) != 0)
            return -1;
    return 0;
}

static int add_document(struct export_table *t, sqlite3_stmt *s, uint64_t id,
                        struct err *e)
{
    int row;

    bind_id(statement_fresh(s), 1, id);
    while ((row = statement_step(s, e)) == 1) {
        const char *type = (const char *)sqlite3_column_text(s, 0);

        if (add(t, type == NULL ? NULL : types_find(t->types, type),
                (const char *)sqlite3_column_text(s, 1), e) != 0)
            return -1;
    }
    return row;
}

int export_table_add_used(struct export_table *t, struct box *b, const uint64_t *ids,
                          size_t count, struct err *e)
{
    sqlite3_stmt *s = NULL;
    int rc = statements_prepare(store_db(b->store), &s, &sql, 1, e);

    for (size_t i = 0; i < count && rc == 0; i++)
        rc = add_document(t, s, ids[i], e);
    statements_finalize(&s, 1);
    return rc;
}

static int compare_columns(const void *a, const void *b)
{
    const struct export_column *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return strcmp(x->head, y->head);
}

static int compare_places(const void *a, const void *b, void *arg)
{
    const struct export_column *columns = arg;

    return strcmp(columns[*(const size_t *)a].head, columns[*(const size_t *)b].head);
}

int export_table_settle(struct export_table *t, struct err *e)
{
    if (t->count == 0)
        return 0;
    t->by_head = calloc(t->count, sizeof *t->by_head);
    if (t->by_head == NULL)
        return out_of_memory(e);
    qsort(t->columns, t->count, sizeof *t->columns, compare_columns);
    for (size_t i = 0; i < t->count; i++)
        t->by_head[i] = i;
    qsort_r(t->by_head, t->count, sizeof *t->by_head, compare_places, t->columns);
    return 0;
}

/* ---------------------------------------------------------------------- a row */

static struct export_column *find(const struct export_table *t, const char *head)
{
    size_t from = 0, to = t->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        struct export_column *c = &t->columns[t->by_head[middle]];
        int order = strcmp(head, c->head);

        if (order == 0)
            return c;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

static int take_value(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct export_table *t = arg;
    const char *head = export_column_name(t->row, name);
    struct export_column *c = head == NULL ? NULL : find(t, head);

    (void)ordinal;
    (void)source;
    if (head == NULL)
        return 0;
    if (c == NULL)
        return err_set(e, ERR_FAILED, "export: a field came between");
    if (c->cell.count > 0)
        buffer_append_text(&c->cell, "; ");
    buffer_append_text(&c->cell, value);
    return buffer_check(&c->cell, e);
}

int export_table_fill(struct export_table *t, struct records *r, uint64_t document,
                      const struct record_type *type, struct err *e)
{
    for (size_t i = 0; i < t->count; i++)
        buffer_clear(&t->columns[i].cell);
    t->row = type;
    return record_each_field(r, document, take_value, t, e);
}

const char *export_table_cell(const struct export_table *t, size_t column)
{
    const struct buffer *cell = &t->columns[column].cell;

    return cell->count == 0 ? "" : (const char *)cell->bytes;
}
