#include "sync/centre/fold.h"

#include <stdlib.h>

#include "schema/migrations.h"
#include "schema/statements.h"
#include "schema/tokenizer.h"

struct fold {
    sqlite3 *db;
    uint64_t conflicts;
};

int fold_create(struct fold **out, struct err *e)
{
    struct fold *f = calloc(1, sizeof *f);
    const char *const *migrations;
    size_t count;

    *out = NULL;
    if (f == NULL ||
        sqlite3_open_v2(":memory:", &f->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        fold_destroy(f);
        return err_set(e, ERR_MEMORY, "fold: out of memory");
    }
    migrations = migrations_all(&count);
    if (tokenizer_register(f->db, e) != 0 ||
        migrations_run(f->db, migrations, count, e) != 0) {
        fold_destroy(f);
        return err_wrap(e, "fold");
    }
    *out = f;
    return 0;
}

void fold_destroy(struct fold *f)
{
    if (f == NULL)
        return;
    (void)sqlite3_close(f->db); /* everything on it is finalised */
    free(f);
}

static int on_conflict(void *arg, int kind, sqlite3_changeset_iter *iter)
{
    struct fold *f = arg;

    (void)kind;
    (void)iter;
    f->conflicts++;
    return SQLITE_CHANGESET_OMIT;
}

int fold_add(struct fold *f, const struct frame *frame, struct err *e)
{
    int rc = sqlite3changeset_apply_v2(f->db, (int)frame->changeset_bytes,
                                       (void *)(uintptr_t)frame->changeset, NULL,
                                       on_conflict, f, NULL, NULL, 0);

    if (rc == SQLITE_NOMEM)
        return err_set(e, ERR_MEMORY, "fold: out of memory");
    if (rc != SQLITE_OK)
        f->conflicts++;
    return 0;
}

uint64_t fold_conflicts(const struct fold *f)
{
    return f->conflicts;
}

/* --------------------------------------------------------------------- compare */

/* "SELECT * FROM t WHERE k BETWEEN ?1 AND ?2 ORDER BY k, …": the key's first column
 * is an id, which begins with the site. */
static int select_sql(struct centre *c, const char *table, struct buffer *out,
                      struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(
            c, &s,
            "SELECT group_concat('\"' || name || '\"'), min(name) FILTER (WHERE pk = 1)"
            " FROM (SELECT name, pk FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk)",
            e) != 0)
        return -1;
    bind_text(s, 1, table);
    row = statement_step(s, e);
    if (row == 1)
        buffer_append_format(
            out, "SELECT * FROM \"%s\" WHERE \"%s\" BETWEEN ?1 AND ?2 ORDER BY %s", table,
            (const char *)sqlite3_column_text(s, 1),
            (const char *)sqlite3_column_text(s, 0));
    statements_finalize(&s, 1);
    return row < 0 ? -1 : buffer_check(out, e);
}

static void add_number(struct hasher *h, uint64_t number)
{
    hasher_add(h, &number, sizeof number); /* compared in this process only */
}

static void add_value(struct hasher *h, sqlite3_stmt *s, int column)
{
    int type = sqlite3_column_type(s, column);

    add_number(h, (uint64_t)type);
    if (type == SQLITE_INTEGER) {
        add_number(h, (uint64_t)sqlite3_column_int64(s, column));
    } else if (type != SQLITE_NULL) {
        const void *bytes = sqlite3_column_blob(s, column);
        int count = sqlite3_column_bytes(s, column);

        add_number(h, (uint64_t)count);
        if (count > 0)
            hasher_add(h, bytes, (size_t)count);
    }
}

/* All values of all rows that the statement gives. */
static int digest(sqlite3 *db, const char *sql, uint16_t site, struct hash *out,
                  struct err *e)
{
    struct hasher h;
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(db, &s, &sql, 1, e) != 0)
        return -1;
    bind_id(s, 1, id_make(site, 0, 0));
    bind_id(s, 2, id_make((uint16_t)(site + 1), 0, 0) - 1);
    hasher_init(&h);
    while ((row = statement_step(s, e)) == 1)
        for (int i = 0; i < sqlite3_column_count(s); i++)
            add_value(&h, s, i);
    statements_finalize(&s, 1);
    hasher_finish(&h, out);
    return row;
}

int fold_compare(struct fold *f, struct centre *c, uint16_t site, const char *table,
                 bool *equal, struct err *e)
{
    struct hash here, folded;
    struct buffer sql;
    int rc = -1;

    buffer_init(&sql, 1024);
    if (select_sql(c, table, &sql, e) != 0)
        goto out;
    if (digest(store_db(c->store), (const char *)sql.bytes, site, &here, e) != 0 ||
        digest(f->db, (const char *)sql.bytes, site, &folded, e) != 0)
        goto out;
    *equal = hash_equal(&here, &folded);
    rc = 0;
out:
    buffer_release(&sql);
    return rc;
}
