#include "schema/migrations.h"
#include "schema/statements.h"
#include "schema/store.h"
#include "sync/bundle.h"
#include "sync/centre/down_encode.h"
#include "sync/centre/down_internal.h"

/* Rows in one frame of those that waited. */
#define WAITED_MAX (STORE_CHANGES_MAX / 4)

/* ---------------------------------------------------------------------- waiting */

static int waits(struct centre *c, uint16_t site, uint64_t subject, bool *out,
                 struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(
            c, &s, "SELECT 1 FROM down_waiting WHERE site = ?1 AND subject = ?2 LIMIT 1",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    bind_id(s, 2, subject);
    row = statement_step(s, e);
    *out = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* The row waits already, or refers to one that does. */
static int must_wait(struct centre *c, uint16_t site, const struct row_change *change,
                     bool *out, struct err *e)
{
    if (waits(c, site, change_subject(change), out, e) != 0)
        return -1;
    for (int i = 0; !*out && i < change->columns; i++) {
        sqlite3_value *v = change->table->is_reference[i] ? change_new(change, i) : NULL;

        if (v != NULL && sqlite3_value_type(v) == SQLITE_INTEGER &&
            waits(c, site, (uint64_t)sqlite3_value_int64(v), out, e) != 0)
            return -1;
    }
    return 0;
}

static int one_change(const struct row_change *change, void **bytes, int *count)
{
    sqlite3_changegroup *group = NULL;
    int rc = sqlite3changegroup_new(&group);

    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_add_change(group, change->iter);
    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_output(group, count, bytes);
    sqlite3changegroup_delete(group);
    return rc;
}

static int let_wait(struct centre *c, uint16_t site, const struct row_change *change,
                    struct err *e)
{
    sqlite3_stmt *s = NULL;
    void *bytes = NULL;
    int count = 0, rc = -1;
    size_t ours;

    (void)migrations_all(&ours);
    if (one_change(change, &bytes, &count) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "down: a row that waits");
    if (centre_statement(c, &s,
                         "INSERT INTO down_waiting (site, schema, subject, changeset)"
                         " VALUES (?1, ?2, ?3, ?4)",
                         e) == 0) {
        (void)sqlite3_bind_int(s, 1, site);
        (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)ours);
        bind_id(s, 3, change_subject(change));
        bind_blob(s, 4, bytes, (size_t)count);
        rc = statement_run(s, e);
    }
    statements_finalize(&s, 1);
    sqlite3_free(bytes);
    return rc;
}

/* ----------------------------------------------------------------------- encode */

struct encoding {
    struct centre *centre;
    const struct down *down;
    struct rows_tables tables;
    struct encoder encoder;
};

static void encoding_release(struct encoding *x)
{
    encoder_release(&x->encoder);
    rows_tables_release(&x->tables);
}

static int encoding_init(struct encoding *x, struct centre *c, const struct down *d,
                         struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(c->store, &names);

    *x = (struct encoding){.centre = c, .down = d};
    if (rows_tables_init(&x->tables, store_db(c->store), names, count, e) != 0)
        return -1;
    return encoder_init(&x->encoder, d->schema, e);
}

static int encode_change(struct encoding *x, sqlite3_changeset_iter *iter, struct err *e)
{
    struct row_change c;
    bool wait, fits = false;

    if (change_read(&c, iter, e) != 0 ||
        rows_table_find(&x->tables, c.name, &c.table, e) != 0)
        return -1;
    if (must_wait(x->centre, x->down->site, &c, &wait, e) != 0 ||
        (!wait && encoder_take(&x->encoder, &c, &fits, e) != 0))
        return -1;
    return fits ? 0 : let_wait(x->centre, x->down->site, &c, e);
}

int down_encode(struct centre *c, const struct down *d, const struct buffer *changeset,
                struct buffer *out, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct encoding x;
    size_t ours;
    int rc;

    (void)migrations_all(&ours);
    if (d->schema == ours) {
        buffer_append(out, changeset->bytes, changeset->count);
        return buffer_check(out, e);
    }
    rc = encoding_init(&x, c, d, e);
    if (rc == 0 && sqlite3changeset_start(&iter, (int)changeset->count,
                                          changeset->bytes) != SQLITE_OK)
        rc = err_set(e, ERR_MEMORY, "down");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW)
        rc = encode_change(&x, iter, e);
    (void)sqlite3changeset_finalize(iter); /* ours, made a moment ago; NULL is fine */
    if (rc == 0)
        rc = encoder_finish(&x.encoder, out, e);
    encoding_release(&x);
    return rc;
}

/* ---------------------------------------------------------------- waited enough */

/* The row that a waiting change names, as it is now. */
static int encode_row(struct encoding *x, sqlite3_stmt *s, bool *fits, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    sqlite3_stmt *row = NULL;
    int rc = -1, step = 0;

    *fits = false;
    if (sqlite3changeset_start(&iter, sqlite3_column_bytes(s, 1),
                               (void *)(uintptr_t)sqlite3_column_blob(s, 1)) !=
            SQLITE_OK ||
        sqlite3changeset_next(iter) != SQLITE_ROW) {
        (void)err_set(e, ERR_CORRUPT, "down: a row that waits is malformed");
        goto out;
    }
    if (change_read(&c, iter, e) != 0 ||
        rows_table_find(&x->tables, c.name, &c.table, e) != 0 || c.table == NULL)
        goto out;
    row = statement_fresh(c.table->select);
    for (int i = 0; i < c.columns; i++)
        if (c.table->is_key[i])
            (void)sqlite3_bind_value(row, i + 1, change_key(&c, i));
    step = statement_step(row, e);
    rc = step < 0    ? -1
         : step == 0 ? 0
                     : encoder_take_row(&x->encoder, c.table, row, fits, e);
    (void)statement_fresh(row); /* lets go of the row */
out:
    (void)sqlite3changeset_finalize(iter); /* what it met is told */
    return rc;
}

static int forget(struct centre *c, int64_t id, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s, "DELETE FROM down_waiting WHERE id = ?1", e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, id);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int encode_rows(struct encoding *x, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(x->centre, &s,
                         "SELECT id, changeset FROM down_waiting WHERE site = ?1"
                         " ORDER BY id",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, x->down->site);
    while (x->encoder.changes < WAITED_MAX &&
           x->encoder.bytes < STORE_CHANGESET_BYTES_MAX &&
           (row = statement_step(s, e)) != 0) {
        bool fits;

        if (row < 0 || encode_row(x, s, &fits, e) != 0 ||
            (fits && forget(x->centre, sqlite3_column_int64(s, 0), e) != 0)) {
            statements_finalize(&s, 1);
            return -1;
        }
    }
    statements_finalize(&s, 1);
    return 0;
}

int down_encode_waiting(struct centre *c, const struct down *d, struct buffer *out,
                        struct err *e)
{
    struct encoding x;
    int rc = encoding_init(&x, c, d, e);

    if (rc == 0)
        rc = encode_rows(&x, e);
    if (rc == 0)
        rc = encoder_finish(&x.encoder, out, e);
    encoding_release(&x);
    return rc;
}

static int send_waiting(struct centre *c, struct err *e)
{
    struct buffer encoded;
    uint64_t sequence;
    int rc = 0;

    buffer_init(&encoded, BUNDLE_PLAIN_MAX / 2);
    do {
        buffer_clear(&encoded);
        rc = down_encode_waiting(c, c->down, &encoded, e);
        if (rc == 0 && encoded.count > 0)
            rc = down_frame_add(c, c->down, &encoded, &sequence, e);
    } while (rc == 0 && encoded.count > 0);
    buffer_release(&encoded);
    return rc;
}

int down_send_waiting(struct centre *c, uint16_t site, struct err *e)
{
    int rc = down_open_applied(c, site, e);

    if (rc == 0)
        rc = send_waiting(c, e);
    down_close(c);
    return rc;
}
