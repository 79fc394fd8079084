#include "appliance/export.h"

#include <stdlib.h>

#include "appliance/box_types.h"
#include "appliance/export_row.h"
#include "appliance/export_select.h"
#include "base/replacing.h"
#include "schema/statements.h"

#define FLUSH_BYTES (256u << 10)

static const char *const sql =
    "SELECT o.code, d.type, d.source, d.source_key,"
    " (SELECT count(*) FROM page WHERE document = d.id AND deleted = 0)"
    " FROM document d LEFT JOIN dossier o ON o.id = d.dossier AND o.deleted = 0"
    " WHERE d.id = ?1";

struct exporting {
    struct box *box;
    const struct export_options *o;
    struct export_counts *counts;
    const struct box_types *types;
    sqlite3_stmt *head;
    uint64_t *ids;
    size_t count;
    struct export_table table; /* of CSV */
    struct replacing to;
    uint64_t bytes; /* written */
    struct buffer row, out;
};

static int flush(struct exporting *x, struct err *e)
{
    if (buffer_check(&x->out, e) != 0 ||
        disk_file_write(x->to.file, x->out.bytes, x->out.count, x->bytes, e) != 0)
        return -1;
    x->bytes += x->out.count;
    buffer_clear(&x->out);
    return 0;
}

/* x->row: the document's. */
static int make_row(struct exporting *x, uint64_t id, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(x->head);
    struct export_head h = {.document = id};
    int row;

    buffer_clear(&x->row);
    bind_id(s, 1, id);
    row = statement_step(s, e);
    if (row != 1)
        return row < 0 ? -1 : err_set(e, ERR_CORRUPT, "it is gone");
    h.dossier = (const char *)sqlite3_column_text(s, 0);
    h.type = (const char *)sqlite3_column_text(s, 1);
    h.source = (const char *)sqlite3_column_text(s, 2);
    h.key = (const char *)sqlite3_column_text(s, 3);
    h.pages = (uint64_t)sqlite3_column_int64(s, 4);
    h.known = h.type == NULL ? NULL : types_find(x->types->types, h.type);
    row = x->o->format == EXPORT_CSV
              ? export_csv_row(&x->row, &x->table, x->box->records, &h, e)
              : export_json_line(&x->row, x->box->records, &h, e);
    (void)statement_fresh(s); /* lets go of the row */
    return row;
}

static int write_row(struct exporting *x, uint64_t id, struct err *e)
{
    if (make_row(x, id, e) != 0) {
        if (e->code != ERR_TOO_BIG)
            return err_wrap(e, "document %llu", (unsigned long long)id);
        x->counts->refused++;
        if (x->o->refused != NULL)
            x->o->refused(x->o->arg, id, e->text);
        return 0;
    }
    x->counts->documents++;
    buffer_append(&x->out, x->row.bytes, x->row.count);
    return x->out.count >= FLUSH_BYTES ? flush(x, e) : 0;
}

static int write_rows(struct exporting *x, struct err *e)
{
    if (x->o->format == EXPORT_CSV) {
        if (export_table_add_used(&x->table, x->box, x->ids, x->count, e) != 0 ||
            export_table_settle(&x->table, e) != 0)
            return -1;
        export_csv_heads(&x->out, &x->table);
    }
    for (size_t i = 0; i < x->count; i++) {
        if (x->o->progress != NULL && !x->o->progress(x->o->arg, i, x->count))
            return err_set(e, ERR_FAILED, "export: given up");
        if (write_row(x, x->ids[i], e) != 0)
            return -1;
    }
    return flush(x, e);
}

static void release(struct exporting *x)
{
    statements_finalize(&x->head, 1);
    export_table_release(&x->table);
    free(x->ids);
    buffer_release(&x->out);
    buffer_release(&x->row);
    replacing_release(&x->to);
}

static int select_and_write(struct exporting *x, const struct export_selection *what,
                            const char *path, struct err *e)
{
    if (statements_prepare(store_db(x->box->store), &x->head, &sql, 1, e) != 0 ||
        export_select(x->box, what, &x->ids, &x->count, e) != 0)
        return -1;
    if (x->count == 0)
        return 0;
    return replacing_begin(&x->to, x->box->disk, path, e) == 0 ? write_rows(x, e) : -1;
}

int export_write(struct box *b, const struct export_selection *what,
                 const struct export_options *o, const char *path,
                 struct export_counts *out, struct err *e)
{
    struct exporting x = {.box = b, .o = o, .counts = out};
    size_t bytes_max = o->row_bytes_max == 0 ? EXPORT_ROW_BYTES_MAX : o->row_bytes_max;
    int rc = -1;

    *out = (struct export_counts){0};
    buffer_init(&x.row, bytes_max);
    buffer_init(&x.out, bytes_max + FLUSH_BYTES);
    if (box_types(b, &x.types, e) != 0)
        goto out;
    export_table_init(&x.table, x.types->types, bytes_max);
    if (store_read_begin(b->store, e) != 0)
        goto out;
    rc = select_and_write(&x, what, path, e);
    store_read_end(b->store);
    if (rc == 0 && out->documents > 0)
        rc = replacing_commit(&x.to, e);
out:
    release(&x);
    return rc;
}
