#include "schema/fork_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/order.h"
#include "schema/id_text.h"

/* Columns are only ever added at the end, so a number stays what it is. Those of local
 * tables are never in a changeset. */
const struct fork_column fork_columns[] = {
    {"fonds", "id", 0},
    {"dossier", "id", 0},
    {"dossier", "fonds", 1},
    {"document", "id", 0},
    {"document", "dossier", 1},
    {"original", "id", 0},
    {"page", "id", 0},
    {"page", "document", 1},
    {"page", "original", 3},
    {"reading", "id", 0},
    {"reading", "page", 1},
    {"correction", "id", 0},
    {"correction", "reading", 1},
    {"field", "document", 0},
    {"field", "page", 6},
    {"event", "id", 0},
    {"event", "subject", 1},
    {"image", "page", 0},
    {"parked", "id", 0},
    {"parked", "subject", 1},
    {"parked", "waits_for", 7},
    {"parked_change", "parked", 0},
    {"intake", "document", 10},
    {"job", "page", 0},
    {"proposal", "page", 0},
    {"likeness", "page", 0},
    {"twin", "page", 0},
    {"twin", "other", 1},
    {"proposal", "reading", 1},
    {"alternative", "reading", 0},
    {"document_frame", "document", 0},
    {"image_refused", "page", 0},
};
const size_t fork_columns_count = sizeof fork_columns / sizeof *fork_columns;

void fork_ids_release(struct fork_ids *f)
{
    free(f->ids);
    *f = (struct fork_ids){0};
}

static int reserve(struct fork_ids *f, struct err *e)
{
    size_t capacity = f->capacity == 0 ? 256 : 2 * f->capacity;
    struct fork_id *ids;

    if (f->count < f->capacity)
        return 0;
    ids = realloc(f->ids, capacity * sizeof *ids);
    if (ids == NULL)
        return err_set(e, ERR_MEMORY, "fork: %zu ids", capacity);
    f->ids = ids;
    f->capacity = capacity;
    return 0;
}

static int add(struct fork_ids *f, uint64_t id, struct err *e)
{
    if (reserve(f, e) != 0)
        return -1;
    if (f->counter == FORK_COUNTER_MAX)
        return err_set(e, ERR_FAILED, "epoch %u has no room for more ids", f->epoch);
    f->ids[f->count++] =
        (struct fork_id){id, id_make(id_site(id), f->epoch, ++f->counter)};
    return 0;
}

/* Rows of this table have an id of their own, in the first column. */
static bool has_ids(const char *table)
{
    for (size_t i = 0; i < fork_columns_count; i++)
        if (sqlite3_stricmp(fork_columns[i].table, table) == 0)
            return strcmp(fork_columns[i].column, "id") == 0;
    return false;
}

static int add_made(struct fork_ids *f, uint8_t epoch, uint64_t id, struct err *e)
{
    uint64_t before = id_make(f->site, epoch, 0);

    return id > before && id - before <= FORK_COUNTER_MAX ? add(f, id, e) : 0;
}

int fork_ids_collect(struct fork_ids *f, uint8_t epoch, const void *changeset,
                     size_t count, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    int rc = 0;

    if (count > INT32_MAX ||
        sqlite3changeset_start(&iter, (int)count, (void *)(uintptr_t)changeset) !=
            SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        const char *table = NULL;
        int columns, verb = 0, indirect;
        sqlite3_value *id = NULL;

        if (sqlite3changeset_op(iter, &table, &columns, &verb, &indirect) != SQLITE_OK ||
            verb != SQLITE_INSERT || !has_ids(table))
            continue;
        if (sqlite3changeset_new(iter, 0, &id) == SQLITE_OK && id != NULL)
            rc = add_made(f, epoch, (uint64_t)sqlite3_value_int64(id), e);
    }
    if (sqlite3changeset_finalize(iter) != SQLITE_OK && rc == 0)
        rc = err_set(e, ERR_CORRUPT, "changeset is cut off or malformed");
    return rc;
}

/* By id; of one that was met twice its first name first. */
static int in_order(const void *a, const void *b)
{
    const struct fork_id *x = a, *y = b;

    if (x->id != y->id)
        return order_u64(&x->id, &y->id);
    return order_u64(&x->name, &y->name);
}

void fork_ids_sort(struct fork_ids *f)
{
    size_t kept = 0;

    if (f->count > 1)
        qsort(f->ids, f->count, sizeof *f->ids, in_order);
    for (size_t i = 0; i < f->count; i++)
        if (kept == 0 || f->ids[kept - 1].id != f->ids[i].id)
            f->ids[kept++] = f->ids[i];
    f->count = kept;
}

static int by_id(const void *a, const void *b)
{
    const struct fork_id *x = a, *y = b;

    return order_u64(&x->id, &y->id);
}

uint64_t fork_ids_rename(const struct fork_ids *f, uint64_t id)
{
    const struct fork_id wanted = {.id = id};
    const struct fork_id *at =
        f->count == 0 ? NULL : bsearch(&wanted, f->ids, f->count, sizeof *f->ids, by_id);

    return at == NULL ? id : at->name;
}

static uint64_t rename_one(const void *arg, uint64_t id)
{
    return fork_ids_rename(arg, id);
}

void fork_ids_rename_in(const struct fork_ids *f, void *detail, size_t count)
{
    id_text_rename(detail, count, rename_one, f);
}

/* --------------------------------------------------------------------- patching */

#define DETAIL 4 /* event.detail */

#define VALUES_MAX 2048 /* columns of a table, as SQLite allows */

struct walk {
    const struct fork_ids *ids;
    unsigned char *at, *end;
    const char *table; /* within the changeset */
    int columns;
};

static int cut_off(struct err *e)
{
    return err_set(e, ERR_CORRUPT, "changeset is cut off or malformed");
}

/* SQLite's own varint: seven bits a byte, the highest first, the ninth byte whole. */
static int take_varint(struct walk *w, uint64_t *out, struct err *e)
{
    *out = 0;
    for (int i = 0; i < 9; i++) {
        unsigned char byte;

        if (w->at == w->end)
            return cut_off(e);
        byte = *w->at++;
        if (i == 8) {
            *out = *out << 8 | byte;
            return 0;
        }
        *out = *out << 7 | (byte & 0x7f);
        if ((byte & 0x80) == 0)
            return 0;
    }
    return cut_off(e);
}

static int skip(struct walk *w, uint64_t count, struct err *e)
{
    if (count > (uint64_t)(w->end - w->at))
        return cut_off(e);
    w->at += count;
    return 0;
}

static bool holds_ids(const struct walk *w, int column)
{
    for (size_t i = 0; i < fork_columns_count; i++)
        if (fork_columns[i].number == column &&
            sqlite3_stricmp(fork_columns[i].table, w->table) == 0)
            return true;
    return false;
}

static int patch_integer(struct walk *w, int column, struct err *e)
{
    uint64_t value = 0;
    unsigned char *from = w->at;

    if (skip(w, 8, e) != 0)
        return -1;
    if (!holds_ids(w, column))
        return 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | from[i];
    value = fork_ids_rename(w->ids, value);
    for (int i = 7; i >= 0; i--, value >>= 8)
        from[i] = (unsigned char)value;
    return 0;
}

static int patch_text(struct walk *w, int column, struct err *e)
{
    unsigned char *text;
    uint64_t bytes;

    if (take_varint(w, &bytes, e) != 0)
        return -1;
    text = w->at;
    if (skip(w, bytes, e) != 0)
        return -1;
    if (column == DETAIL && sqlite3_stricmp(w->table, "event") == 0)
        fork_ids_rename_in(w->ids, text, (size_t)bytes);
    return 0;
}

static int patch_value(struct walk *w, int column, struct err *e)
{
    uint64_t bytes;
    unsigned char type;

    if (w->at == w->end)
        return cut_off(e);
    type = *w->at++;
    switch (type) {
    case 0:
    case SQLITE_NULL:
        return 0;
    case SQLITE_INTEGER:
        return patch_integer(w, column, e);
    case SQLITE_FLOAT:
        return skip(w, 8, e);
    case SQLITE_TEXT:
        return patch_text(w, column, e);
    case SQLITE_BLOB:
        return take_varint(w, &bytes, e) == 0 ? skip(w, bytes, e) : -1;
    default:
        return cut_off(e);
    }
}

static int patch_record(struct walk *w, struct err *e)
{
    for (int i = 0; i < w->columns; i++)
        if (patch_value(w, i, e) != 0)
            return -1;
    return 0;
}

static int enter_table(struct walk *w, struct err *e)
{
    uint64_t columns;
    unsigned char *zero;

    if (take_varint(w, &columns, e) != 0)
        return -1;
    if (columns == 0 || columns > VALUES_MAX)
        return cut_off(e);
    if (skip(w, columns, e) != 0)
        return -1;
    w->table = (const char *)w->at;
    zero = memchr(w->at, 0, (size_t)(w->end - w->at));
    if (zero == NULL)
        return cut_off(e);
    w->at = zero + 1;
    w->columns = (int)columns;
    return 0;
}

static int patch_change(struct walk *w, unsigned char verb, struct err *e)
{
    if (w->table == NULL || skip(w, 1, e) != 0 || patch_record(w, e) != 0)
        return w->table == NULL ? cut_off(e) : -1;
    return verb == SQLITE_UPDATE ? patch_record(w, e) : 0;
}

int fork_ids_patch(const struct fork_ids *f, unsigned char *changeset, size_t count,
                   struct err *e)
{
    struct walk w = {.ids = f, .at = changeset, .end = changeset + count};

    while (w.at < w.end) {
        unsigned char what = *w.at++;
        int rc;

        if (what == 'T')
            rc = enter_table(&w, e);
        else if (what == SQLITE_INSERT || what == SQLITE_UPDATE || what == SQLITE_DELETE)
            rc = patch_change(&w, what, e);
        else
            rc = cut_off(e);
        if (rc != 0)
            return -1;
    }
    return 0;
}

int fork_ids_mark(uint8_t epoch, unsigned char *changeset, size_t count, struct err *e)
{
    struct walk w = {.at = changeset, .end = changeset + count};

    while (w.at < w.end)
        if (*w.at++ != 'T') {
            if (w.at == w.end)
                return cut_off(e);
            *w.at = epoch;
            return 0;
        } else if (enter_table(&w, e) != 0) {
            return -1;
        }
    return 0; /* no change at all */
}
