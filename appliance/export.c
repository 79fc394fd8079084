#include "appliance/export.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/export_cell.h"
#include "appliance/export_select.h"
#include "base/replacing.h"
#include "base/web/json_text.h"
#include "schema/statements.h"

#define FLUSH_BYTES   (256u << 10)
#define ROW_BYTES_MAX (64u << 20)

enum { HEAD, COLUMNS, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [HEAD] = "SELECT o.code, d.type, d.source, d.source_key,"
             " (SELECT count(*) FROM page WHERE document = d.id AND deleted = 0)"
             " FROM document d LEFT JOIN dossier o ON o.id = d.dossier AND o.deleted = 0"
             " WHERE d.id = ?1",
    [COLUMNS] = "SELECT DISTINCT name FROM field WHERE document = ?1 AND deleted = 0"
                " AND value IS NOT NULL",
};

static const char *const fixed[] = {"document", "dossier", "type",
                                    "source",   "key",     "pages"};

#define FIXED (sizeof fixed / sizeof *fixed)

struct names {
    char **items; /* owned */
    size_t count;
};

struct exporting {
    struct box *box;
    const struct export_options *o;
    sqlite3_stmt *statements[STATEMENTS];
    uint64_t *ids;
    size_t count;
    struct names columns; /* sorted */
    struct buffer *cells; /* a field's values, one a column */
    json_t *fields, *list;
    struct replacing to;
    uint64_t bytes; /* written */
    struct buffer out, text;
};

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "export: out of memory");
}

/* -------------------------------------------------------------------- columns */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_name(const struct names *n, const char *name, size_t *at)
{
    char **found = n->count == 0 ? NULL
                                 : bsearch(&name, n->items, n->count, sizeof *n->items,
                                           compare_names);

    if (found != NULL)
        *at = (size_t)(found - n->items);
    return found != NULL;
}

static int add_name(struct names *n, const char *name, struct err *e)
{
    char **more;
    size_t at;

    if (has_name(n, name, &at))
        return 0;
    more = realloc(n->items, (n->count + 1) * sizeof *more);
    if (more == NULL)
        return out_of_memory(e);
    n->items = more;
    more[n->count] = strdup(name);
    if (more[n->count] == NULL)
        return out_of_memory(e);
    n->count++;
    qsort(n->items, n->count, sizeof *n->items, compare_names); /* there are few */
    return 0;
}

static int find_columns(struct exporting *x, struct err *e)
{
    sqlite3_stmt *s = x->statements[COLUMNS];
    int row = 0;

    for (size_t i = 0; i < x->count && row == 0; i++) {
        bind_id(statement_fresh(s), 1, x->ids[i]);
        while ((row = statement_step(s, e)) == 1)
            if (add_name(&x->columns, (const char *)sqlite3_column_text(s, 0), e) != 0) {
                row = -1;
                break;
            }
    }
    (void)statement_fresh(s);
    if (row == 0 && x->columns.count > 0) {
        x->cells = calloc(x->columns.count, sizeof *x->cells);
        if (x->cells == NULL)
            return out_of_memory(e);
        for (size_t i = 0; i < x->columns.count; i++)
            buffer_init(&x->cells[i], ROW_BYTES_MAX);
    }
    return row;
}

/* ------------------------------------------------------------------------ CSV */

static void csv_row_end(struct exporting *x)
{
    x->out.bytes[x->out.count - 1] = '\r'; /* the last comma */
    buffer_append_byte(&x->out, '\n');
}

static void csv_cell(struct exporting *x, const char *text)
{
    export_cell(&x->out, text == NULL ? "" : text);
    buffer_append_byte(&x->out, ',');
}

static void csv_head(struct exporting *x)
{
    buffer_append_text(&x->out, "\xef\xbb\xbf");
    for (size_t i = 0; i < FIXED; i++)
        csv_cell(x, fixed[i]);
    for (size_t i = 0; i < x->columns.count; i++)
        csv_cell(x, x->columns.items[i]);
    if (x->out.failed == ERR_NONE)
        csv_row_end(x);
}

static int take_value(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct exporting *x = arg;
    size_t at;

    (void)ordinal;
    (void)source;
    if (!has_name(&x->columns, name, &at))
        return err_set(e, ERR_FAILED, "export: a field came between");
    if (x->cells[at].count > 0)
        buffer_append_text(&x->cells[at], "; ");
    buffer_append_text(&x->cells[at], value);
    return buffer_check(&x->cells[at], e);
}

static int csv_row(struct exporting *x, uint64_t id, sqlite3_stmt *head, struct err *e)
{
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, id);
    csv_cell(x, number);
    for (int i = 0; i < 5; i++)
        csv_cell(x, (const char *)sqlite3_column_text(head, i));
    for (size_t i = 0; i < x->columns.count; i++)
        buffer_clear(&x->cells[i]);
    if (record_each_field(x->box->records, id, take_value, x, e) != 0)
        return -1;
    for (size_t i = 0; i < x->columns.count; i++)
        csv_cell(x, x->cells[i].count == 0 ? "" : (const char *)x->cells[i].bytes);
    if (x->out.failed == ERR_NONE)
        csv_row_end(x);
    return 0;
}

/* ----------------------------------------------------------------- JSON Lines */

static json_t *column_json(sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);

    return text == NULL ? json_null() : json_any_text(text);
}

/* A field that repeats becomes a list. */
static int json_value(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct exporting *x = arg;
    json_t *there = json_object_get(x->fields, name), *list;

    (void)ordinal;
    (void)source;
    if (there == NULL)
        return json_object_set_new(x->fields, name, json_any_text(value)) == 0
                   ? 0
                   : out_of_memory(e);
    if (!json_is_array(there)) {
        list = json_pack("[O]", there);
        if (list == NULL || json_object_set_new(x->fields, name, list) != 0)
            return out_of_memory(e);
        there = list;
    }
    return json_array_append_new(there, json_any_text(value)) == 0 ? 0 : out_of_memory(e);
}

static int json_page(void *arg, const struct page_row *p, struct err *e)
{
    struct exporting *x = arg;

    buffer_clear(&x->text);
    if (record_page_text(x->box->records, p->id, &x->text, e) != 0)
        return -1;
    return json_array_append_new(
               x->list,
               json_pack("{s:o}", "text",
                         json_any_text(
                             x->text.count == 0 ? "" : (const char *)x->text.bytes))) == 0
               ? 0
               : out_of_memory(e);
}

static int json_original(void *arg, const struct original_row *o, struct err *e)
{
    struct exporting *x = arg;

    return json_array_append_new(x->list, json_any_text(o->name)) == 0 ? 0
                                                                       : out_of_memory(e);
}

static int json_row(struct exporting *x, uint64_t id, sqlite3_stmt *head, struct err *e)
{
    struct records *r = x->box->records;
    json_t *j = json_pack("{s:I, s:o, s:o, s:o, s:o, s:{}, s:[], s:[]}", "document",
                          (json_int_t)id, "dossier", column_json(head, 0), "type",
                          column_json(head, 1), "source", column_json(head, 2), "key",
                          column_json(head, 3), "fields", "pages", "originals");
    char *line = NULL;
    int rc = -1;

    if (j == NULL)
        return out_of_memory(e);
    x->fields = json_object_get(j, "fields");
    x->list = json_object_get(j, "pages");
    if (record_each_field(r, id, json_value, x, e) != 0 ||
        record_each_page(r, id, json_page, x, e) != 0)
        goto out;
    x->list = json_object_get(j, "originals");
    if (record_each_original(r, id, json_original, x, e) != 0)
        goto out;
    line = json_dumps(j, JSON_COMPACT);
    if (line == NULL) {
        (void)out_of_memory(e); /* told by rc */
        goto out;
    }
    buffer_append_text(&x->out, line);
    buffer_append_byte(&x->out, '\n');
    rc = 0;
out:
    free(line);
    json_decref(j);
    return rc;
}

/* ------------------------------------------------------------------- the file */

static int flush(struct exporting *x, struct err *e)
{
    if (buffer_check(&x->out, e) != 0 ||
        disk_file_write(x->to.file, x->out.bytes, x->out.count, x->bytes, e) != 0)
        return -1;
    x->bytes += x->out.count;
    buffer_clear(&x->out);
    return 0;
}

static int write_row(struct exporting *x, uint64_t id, struct err *e)
{
    sqlite3_stmt *head = statement_fresh(x->statements[HEAD]);
    int row;

    bind_id(head, 1, id);
    row = statement_step(head, e);
    if (row == 1)
        row = x->o->format == EXPORT_CSV ? csv_row(x, id, head, e)
                                         : json_row(x, id, head, e);
    (void)statement_fresh(head); /* lets go of the row */
    return row;
}

static int write_rows(struct exporting *x, struct err *e)
{
    if (x->o->format == EXPORT_CSV) {
        if (find_columns(x, e) != 0)
            return -1;
        csv_head(x);
    }
    for (size_t i = 0; i < x->count; i++) {
        if (x->o->progress != NULL && !x->o->progress(x->o->arg, i, x->count))
            return err_set(e, ERR_FAILED, "export: given up");
        if (write_row(x, x->ids[i], e) != 0 ||
            (x->out.count >= FLUSH_BYTES && flush(x, e) != 0))
            return -1;
    }
    return flush(x, e);
}

static void release(struct exporting *x)
{
    statements_finalize(x->statements, STATEMENTS);
    for (size_t i = 0; i < x->columns.count; i++) {
        free(x->columns.items[i]);
        if (x->cells != NULL)
            buffer_release(&x->cells[i]);
    }
    free(x->columns.items);
    free(x->cells);
    free(x->ids);
    buffer_release(&x->out);
    buffer_release(&x->text);
    replacing_release(&x->to);
}

int export_write(struct box *b, const struct export_selection *what,
                 const struct export_options *o, const char *path, uint64_t *documents,
                 struct err *e)
{
    struct exporting x = {.box = b, .o = o};
    int rc = -1;

    *documents = 0;
    buffer_init(&x.out, ROW_BYTES_MAX);
    buffer_init(&x.text, RECORD_CURRENT_BYTES_MAX);
    if (store_read_begin(b->store, e) != 0)
        goto out;
    if (statements_prepare(store_db(b->store), x.statements, sql, STATEMENTS, e) == 0 &&
        export_select(b, what, &x.ids, &x.count, e) == 0)
        rc = x.count == 0                                    ? 0
             : replacing_begin(&x.to, b->disk, path, e) != 0 ? -1
                                                             : write_rows(&x, e);
    store_read_end(b->store);
    if (rc == 0 && x.count > 0)
        rc = replacing_commit(&x.to, e);
    if (rc == 0)
        *documents = x.count;
out:
    release(&x);
    return rc;
}
