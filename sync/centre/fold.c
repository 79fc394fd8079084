#include "sync/centre/fold.h"

#include <stdlib.h>

#include "schema/chain.h"
#include "schema/empty.h"
#include "schema/statements.h"

struct fold {
    sqlite3 *db;
    struct rows_fold rows;
    struct centre *centre;
    uint16_t site;
    uint64_t down;          /* our last frame that is in it */
    struct hash down_chain; /* after it */
};

static int open_database(struct fold *f, struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(f->centre->store, &names);

    if (empty_open(&f->db, EMPTY_NEWEST, e) != 0)
        return -1;
    return rows_fold_init(&f->rows, f->db, names, count, f->site, true, e);
}

int fold_create(struct fold **out, struct centre *c, uint16_t site, struct err *e)
{
    struct fold *f = calloc(1, sizeof *f);

    *out = NULL;
    if (f == NULL)
        return err_set(e, ERR_MEMORY, "fold: out of memory");
    f->centre = c;
    f->site = site;
    chain_start_down(&f->down_chain, site);
    if (open_database(f, e) != 0) {
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
    rows_fold_release(&f->rows);
    (void)sqlite3_close(f->db); /* everything on it is finalised */
    free(f);
}

/* ---------------------------------------------------------------------- history */

static int check_chain(struct fold *f, const struct own_frame *own, uint32_t schema,
                       sqlite3_stmt *s, struct err *e)
{
    struct hash kept;

    chain_next(&f->down_chain, &f->down_chain, own->sequence, schema, own->changeset,
               own->changeset_bytes);
    if (own->sequence == f->down + 1 && column_hash(s, 5, &kept) &&
        hash_equal(&kept, &f->down_chain))
        return 0;
    return err_set(e, ERR_CORRUPT, "the chain of what goes down breaks at frame %llu",
                   (unsigned long long)own->sequence);
}

static struct own_frame own_of(sqlite3_stmt *s)
{
    return (struct own_frame){
        .epoch = (uint8_t)sqlite3_column_int(s, 0),
        .sequence = (uint64_t)sqlite3_column_int64(s, 1),
        .seen = (uint64_t)sqlite3_column_int64(s, 2),
        .changeset = sqlite3_column_blob(s, 3),
        .changeset_bytes = (size_t)sqlite3_column_bytes(s, 3),
        .seen_epoch = (uint8_t)sqlite3_column_int(s, 6),
    };
}

/* What was given was here already: it counts as ours, and changes no row. */
static int add_down(struct fold *f, sqlite3_stmt *s, struct err *e)
{
    const struct own_frame own = own_of(s);
    bool given = sqlite3_column_type(s, 7) != SQLITE_NULL;

    if (check_chain(f, &own, (uint32_t)sqlite3_column_int64(s, 4), s, e) != 0)
        return -1;
    if (given ? rows_own_add(&f->rows.rows.own, &f->rows.rows.tables, &own, e) != 0
              : rows_fold_own(&f->rows, &own, e) != 0)
        return -1;
    f->down = own.sequence;
    return 0;
}

/* Our frames that were made having seen less than this of the site's. */
static int add_downs(struct fold *f, uint8_t epoch, uint64_t seen, uint64_t before,
                     struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(f->centre, &s,
                         "SELECT centre_epoch, sequence, seen, changeset, schema, chain,"
                         " seen_epoch, given FROM down_frame WHERE site = ?1"
                         " AND sequence > ?2 AND (seen_epoch, seen) < (?4, ?3)"
                         " AND sequence < ?5 ORDER BY sequence",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, f->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)f->down);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)seen);
    (void)sqlite3_bind_int(s, 4, epoch);
    (void)sqlite3_bind_int64(s, 5, (sqlite3_int64)before);
    while ((row = statement_step(s, e)) == 1)
        if (add_down(f, s, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    return row;
}

int fold_add(struct fold *f, const struct rows_frame *frame, struct err *e)
{
    if (add_downs(f, frame->epoch, frame->frame->sequence, INT64_MAX, e) != 0)
        return -1;
    return rows_fold_came(&f->rows, frame, e);
}

int fold_add_late(struct fold *f, const struct rows_frame *frame,
                  struct late_place *place, uint64_t before, struct err *e)
{
    if (add_downs(f, UINT8_MAX, INT64_MAX, before, e) != 0 ||
        late_bring_newer(&f->rows.rows, place, frame, e) != 0)
        return -1;
    return rows_fold_came(&f->rows, frame, e);
}

int fold_finish(struct fold *f, struct err *e)
{
    return add_downs(f, UINT8_MAX, INT64_MAX, INT64_MAX, e);
}

uint64_t fold_conflicts(const struct fold *f)
{
    return f->rows.conflicts;
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

int fold_compare(struct fold *f, const char *table, bool *equal, struct err *e)
{
    struct centre *c = f->centre;
    struct hash here, folded;
    struct buffer sql;
    int rc = -1;

    buffer_init(&sql, 1024);
    if (select_sql(c, table, &sql, e) != 0)
        goto out;
    if (digest(store_db(c->store), (const char *)sql.bytes, f->site, &here, e) != 0 ||
        digest(f->db, (const char *)sql.bytes, f->site, &folded, e) != 0)
        goto out;
    *equal = hash_equal(&here, &folded);
    rc = 0;
out:
    buffer_release(&sql);
    return rc;
}
