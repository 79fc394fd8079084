/* The search index against the records: made from them, and compared with them. */
#include "schema/search/index.h"
#include "schema/statements.h"

#define BUILD_ROWS 1000 /* a transaction */

enum { OWNERS, INDEXED, INDEXED_COUNT, VERIFY_STATEMENTS };

static const char *const verify_sql[VERIFY_STATEMENTS] = {
    [OWNERS] = "SELECT id FROM page UNION ALL SELECT id FROM document",
    [INDEXED] = "SELECT 1 FROM search WHERE id = ?1",
    [INDEXED_COUNT] = "SELECT count(*) FROM search",
};

/* ---------------------------------------------------------------------- build */

struct building {
    struct records *records;
    sqlite3_stmt *rows, *find;
    uint64_t last, done, of;
    void (*progress)(void *arg, uint64_t done, uint64_t of);
    void *arg;
};

static const char *const build_sql[] = {
    "SELECT id FROM (SELECT id FROM page UNION ALL SELECT id FROM document)"
    " WHERE id > ?1 ORDER BY id LIMIT ?2",
    "SELECT 1 FROM search WHERE id = ?1",
};

static int put_row(struct building *b, uint64_t id, struct err *e)
{
    struct buffer text;
    int rc = -1, row;

    (void)statement_fresh(b->find);
    bind_id(b->find, 1, id);
    row = statement_step(b->find, e);
    (void)statement_fresh(b->find);
    if (row != 0)
        return row < 0 ? -1 : 0; /* an earlier start came as far as that */
    buffer_init(&text, RECORD_CURRENT_BYTES_MAX);
    if (record_search_text(b->records, id, &text, e) == 0)
        rc = search_put(records_store(b->records), id,
                        text.count == 0 ? "" : (const char *)text.bytes, e);
    buffer_release(&text);
    return rc;
}

static int put_rows(struct building *b, uint64_t *count, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(b->rows);
    uint64_t ids[BUILD_ROWS];
    int row;

    *count = 0;
    bind_id(s, 1, b->last);
    if (b->last == 0)
        (void)sqlite3_bind_int64(s, 1, 0);
    (void)sqlite3_bind_int(s, 2, BUILD_ROWS);
    while (*count < BUILD_ROWS && (row = statement_step(s, e)) == 1)
        ids[(*count)++] = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    if (*count < BUILD_ROWS && row < 0)
        return -1;
    for (uint64_t i = 0; i < *count; i++)
        if (put_row(b, ids[i], e) != 0)
            return -1;
    if (*count > 0)
        b->last = ids[*count - 1];
    return 0;
}

/* The local tables of one thousand rows; the last time, that it is done. */
static int build_some(struct building *b, bool *built, struct err *e)
{
    struct store *s = records_store(b->records);
    struct search_state state;
    uint64_t count;

    if (store_apply_begin(s, e) != 0)
        return -1;
    if (put_rows(b, &count, e) != 0 || search_state_read(store_db(s), &state, e) != 0)
        goto failed;
    *built = count == 0;
    state.building = !*built;
    if (*built && state.slot_next == 0)
        state.slot_next = 1; /* nothing has text yet: no need to look again */
    if (search_state_write(store_db(s), &state, e) != 0)
        goto failed;
    if (store_apply_commit(s, e) != 0)
        return -1;
    b->done += count;
    if (b->progress != NULL && !*built)
        b->progress(b->arg, b->done, b->of);
    return 0;
failed:
    store_apply_rollback(s);
    return -1;
}

int search_build(struct records *r,
                 void (*progress)(void *arg, uint64_t done, uint64_t of), void *arg,
                 struct err *e)
{
    struct building b = {.records = r, .progress = progress, .arg = arg};
    sqlite3 *db = store_db(records_store(r));
    sqlite3_stmt *statements[2] = {0};
    struct search_state state;
    bool built = false;
    int64_t rows;
    int rc = 0;

    if (search_state_read(db, &state, e) != 0 ||
        sql_number(db,
                   "SELECT (SELECT count(*) FROM page) + (SELECT count(*) FROM"
                   " document)",
                   &rows, e) != 0)
        return err_wrap(e, "search index");
    if (rows == 0 || (!state.building && state.slot_next > 0))
        return 0;
    b.of = (uint64_t)rows;
    if (statements_prepare(db, statements, build_sql, 2, e) != 0)
        rc = -1;
    b.rows = statements[0];
    b.find = statements[1];
    while (rc == 0 && !built)
        rc = build_some(&b, &built, e);
    statements_finalize(statements, 2);
    return rc == 0 ? 0 : err_wrap(e, "search index");
}

/* --------------------------------------------------------------------- verify */

/* Unless the caller has one. */
static int snapshot_begin(struct store *s, bool *begun, struct err *e)
{
    *begun = false;
    if (!sqlite3_get_autocommit(store_db(s)))
        return 0;
    if (store_read_begin(s, e) != 0)
        return -1;
    *begun = true;
    return 0;
}

/* 1 if the index has the row, 0 if not. */
static int is_indexed(sqlite3_stmt *s, uint64_t id, struct err *e)
{
    int rc;

    (void)statement_fresh(s);
    bind_id(s, 1, id);
    rc = statement_step(s, e);
    (void)statement_fresh(s);
    return rc;
}

static int owners_compare(struct records *r, sqlite3_stmt **statements, uint64_t *missing,
                          uint64_t *matched, struct err *e)
{
    struct buffer text;
    int rc;

    buffer_init(&text, RECORD_CURRENT_BYTES_MAX);
    while ((rc = statement_step(statements[OWNERS], e)) == 1) {
        uint64_t id = (uint64_t)sqlite3_column_int64(statements[OWNERS], 0);
        int indexed;

        buffer_clear(&text);
        rc = record_search_text(r, id, &text, e) != 0 ? -1 : buffer_check(&text, e);
        if (rc != 0)
            break;
        if (text.count == 0)
            continue;
        indexed = rc = is_indexed(statements[INDEXED], id, e);
        if (rc < 0)
            break;
        *(indexed ? matched : missing) += 1;
    }
    buffer_release(&text);
    return rc < 0 ? -1 : 0;
}

int search_verify(struct records *r, uint64_t *missing, uint64_t *surplus, struct err *e)
{
    struct store *s = records_store(r);
    sqlite3_stmt *statements[VERIFY_STATEMENTS] = {0};
    uint64_t matched = 0;
    bool begun = false;
    int rc = -1;

    *missing = *surplus = 0;
    if (snapshot_begin(s, &begun, e) != 0)
        return err_wrap(e, "search");
    if (statements_prepare(store_db(s), statements, verify_sql, VERIFY_STATEMENTS, e) !=
        0)
        goto out;
    if (owners_compare(r, statements, missing, &matched, e) != 0)
        goto out;
    if (statement_step(statements[INDEXED_COUNT], e) != 1)
        goto out;
    *surplus = (uint64_t)sqlite3_column_int64(statements[INDEXED_COUNT], 0) - matched;
    rc = 0;
out:
    statements_finalize(statements, VERIFY_STATEMENTS);
    if (begun)
        store_read_end(s);
    return rc == 0 ? 0 : err_wrap(e, "search");
}
