#include "sync/rows/own.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

#define ALL_COLUMNS (-1) /* an insert: the row and every column of it */

struct own_touch {
    struct hash row; /* of table and key */
    int column;
    uint8_t epoch, seen_epoch;
    uint64_t sequence, seen;
    size_t order;
};

void rows_own_release(struct rows_own *o)
{
    free(o->list);
    *o = (struct rows_own){0};
}

void rows_own_clear(struct rows_own *o)
{
    o->count = 0;
}

/* Length before bytes, so that no two keys run together. */
static void row_hash(const struct row_change *c, struct hash *out)
{
    struct hasher h;

    hasher_init(&h);
    hasher_add(&h, c->table->name, strlen(c->table->name) + 1);
    for (int i = 0; i < c->columns; i++) {
        sqlite3_value *v = c->table->is_key[i] ? change_key(c, i) : NULL;
        int64_t number;

        if (v == NULL)
            continue;
        number = sqlite3_value_type(v) == SQLITE_INTEGER ? sqlite3_value_int64(v)
                                                         : -1 - sqlite3_value_bytes(v);
        hasher_add(&h, &number, sizeof number); /* compared in this process only */
        if (sqlite3_value_type(v) != SQLITE_INTEGER && sqlite3_value_bytes(v) > 0)
            hasher_add(&h, sqlite3_value_blob(v), (size_t)sqlite3_value_bytes(v));
    }
    hasher_finish(&h, out);
}

static int add(struct rows_own *o, const struct own_touch *t, struct err *e)
{
    if (o->count == o->capacity) {
        size_t capacity = o->capacity == 0 ? 256 : 2 * o->capacity;
        struct own_touch *list = realloc(o->list, capacity * sizeof *list);

        if (list == NULL)
            return err_set(e, ERR_MEMORY, "rows: %zu changes of our own", capacity);
        o->list = list;
        o->capacity = capacity;
    }
    o->list[o->count] = *t;
    o->list[o->count].order = o->count;
    o->count++;
    o->sorted = false;
    return 0;
}

static int add_change(struct rows_own *o, const struct row_change *c,
                      const struct own_frame *f, struct err *e)
{
    struct own_touch t = {.epoch = f->epoch,
                          .sequence = f->sequence,
                          .seen = f->seen,
                          .seen_epoch = f->seen_epoch,
                          .column = ALL_COLUMNS};
    int rc = 0;

    row_hash(c, &t.row);
    if (c->verb == SQLITE_INSERT)
        return add(o, &t, e);
    for (int i = 0; rc == 0 && i < c->columns; i++) {
        t.column = i;
        if (!c->table->is_key[i] && change_new(c, i) != NULL)
            rc = add(o, &t, e);
    }
    return rc;
}

int rows_own_add(struct rows_own *o, struct rows_tables *t, const struct own_frame *f,
                 struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    int rc = 0;

    if (f->changeset_bytes > INT32_MAX ||
        sqlite3changeset_start(&iter, (int)f->changeset_bytes,
                               (void *)(uintptr_t)f->changeset) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&c, iter, e);
        if (rc == 0)
            rc = rows_table_find(t, c.name, &c.table, e);
        if (rc == 0 && c.table != NULL && c.columns <= c.table->columns)
            rc = add_change(o, &c, f, e);
    }
    if (sqlite3changeset_finalize(iter) != SQLITE_OK && rc == 0)
        return err_set(e, ERR_CORRUPT, "a frame of our own is malformed");
    return rc;
}

int rows_own_read(struct rows_own *o, struct rows_tables *t, sqlite3_stmt *s,
                  uint64_t *to, struct err *e)
{
    int row;

    while ((row = statement_step(s, e)) == 1) {
        const struct own_frame f = {
            .epoch = (uint8_t)sqlite3_column_int(s, 0),
            .sequence = (uint64_t)sqlite3_column_int64(s, 1),
            .seen = (uint64_t)sqlite3_column_int64(s, 2),
            .changeset = sqlite3_column_blob(s, 3),
            .changeset_bytes = (size_t)sqlite3_column_bytes(s, 3),
            .seen_epoch = (uint8_t)sqlite3_column_int(s, 4),
        };

        if (rows_own_add(o, t, &f, e) != 0)
            return -1;
        *to = f.sequence;
    }
    return row;
}

/* ------------------------------------------------------------------------- ask */

static int compare_place(const struct own_touch *x, const struct own_touch *y)
{
    int order = memcmp(x->row.bytes, y->row.bytes, HASH_BYTES);

    return order != 0 ? order : (x->column > y->column) - (x->column < y->column);
}

static int compare(const void *a, const void *b)
{
    const struct own_touch *x = a, *y = b;
    int order = compare_place(x, y);

    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* Of each place the last touch only: whoever has not seen an earlier one has not seen
 * that one either. */
static void sort(struct rows_own *o)
{
    size_t kept = 0;

    if (o->sorted)
        return;
    if (o->count > 1)
        qsort(o->list, o->count, sizeof *o->list, compare);
    for (size_t i = 0; i < o->count; i++) {
        if (i + 1 < o->count && compare_place(&o->list[i], &o->list[i + 1]) == 0)
            continue;
        o->list[kept] = o->list[i];
        o->list[kept].order = kept; /* what is added now comes after all of them */
        kept++;
    }
    o->count = kept;
    o->sorted = true;
}

static int compare_to_place(const void *a, const void *b)
{
    return compare_place(a, b);
}

/* A number says something only with its epoch: a later line counts from an older frame. */
static bool had_seen(const struct own_touch *t, const struct own_question *q)
{
    return t->seen_epoch != q->epoch ? t->seen_epoch > q->epoch : t->seen >= q->sequence;
}

static enum own_relation relation(const struct rows_own *o, const struct own_touch *key,
                                  const struct own_question *q)
{
    const struct own_touch *t =
        bsearch(key, o->list, o->count, sizeof *o->list, compare_to_place);

    if (t == NULL || (t->epoch <= q->seen_epoch && t->sequence <= q->seen))
        return OWN_BEFORE;
    return had_seen(t, q) ? OWN_AFTER : OWN_CONCURRENT;
}

enum own_relation rows_own_ask(struct rows_own *o, const struct row_change *c, int column,
                               const struct own_question *q)
{
    struct own_touch key = {.column = column};
    enum own_relation of_column, of_row;

    if (o->count == 0)
        return OWN_BEFORE;
    sort(o);
    row_hash(c, &key.row);
    of_column = column == ALL_COLUMNS ? OWN_BEFORE : relation(o, &key, q);
    key.column = ALL_COLUMNS;
    of_row = relation(o, &key, q);
    return of_column > of_row ? of_column : of_row;
}
