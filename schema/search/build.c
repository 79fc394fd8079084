/* The search index made from the records that are there. */
#include "schema/search/index.h"
#include "schema/statements.h"

#define BUILD_ROWS 1000 /* a transaction */

enum { ROWS, FIND, ROWS_COUNT, STATEMENTS };

static const char *const build_sql[STATEMENTS] = {
    [ROWS] = "SELECT id FROM (SELECT id FROM page UNION ALL SELECT id FROM document)"
             " WHERE id > ?1 ORDER BY id LIMIT ?2",
    [FIND] = "SELECT 1 FROM search WHERE id = ?1",
    [ROWS_COUNT] = "SELECT (SELECT count(*) FROM page WHERE id <= ?1) +"
                   " (SELECT count(*) FROM document WHERE id <= ?1)",
};

struct building {
    struct records *records;
    sqlite3_stmt *statements[STATEMENTS];
    uint64_t last; /* it is made up to this id */
};

static int rows_count(sqlite3_stmt *s, uint64_t last, uint64_t *count, struct err *e)
{
    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)last);
    if (statement_step(s, e) != 1)
        return -1;
    *count = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    return 0;
}

static int put_row(struct building *b, uint64_t id, struct err *e)
{
    sqlite3_stmt *find = statement_fresh(b->statements[FIND]);
    int row;

    bind_id(find, 1, id);
    row = statement_step(find, e);
    (void)statement_fresh(find);
    if (row != 0)
        return row < 0 ? -1 : 0; /* it was written since */
    return records_refresh(b->records, id, e);
}

static int put_rows(struct building *b, uint64_t *count, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(b->statements[ROWS]);
    uint64_t ids[BUILD_ROWS];
    int row = 0;

    *count = 0;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)b->last);
    (void)sqlite3_bind_int(s, 2, BUILD_ROWS);
    while (*count < BUILD_ROWS && (row = statement_step(s, e)) == 1)
        ids[(*count)++] = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    if (row < 0)
        return -1;
    for (uint64_t i = 0; i < *count; i++)
        if (put_row(b, ids[i], e) != 0)
            return -1;
    if (*count > 0)
        b->last = ids[*count - 1];
    return 0;
}

/* A thousand rows; after the last, that it is made. Somebody else may build too. */
static int build_some(struct building *b, bool *built, struct err *e)
{
    struct store *s = records_store(b->records);
    struct search_state state;
    uint64_t count = 0;

    if (store_apply_begin(s, e) != 0)
        return -1;
    if (search_state_read(store_db(s), &state, e) != 0)
        goto failed;
    b->last = state.building == 0 ? 0 : state.building - 1;
    if (state.building != 0 &&
        (put_rows(b, &count, e) != 0 || search_state_read(store_db(s), &state, e) != 0))
        goto failed;
    *built = count == 0;
    state.building = *built ? 0 : b->last + 1;
    if (search_state_write(store_db(s), &state, e) != 0)
        goto failed;
    return store_apply_commit(s, e);
failed:
    store_apply_rollback(s);
    return -1;
}

/* There are rows and no index; or one that was made before there were tags, which its old
 * rows would never get: then its oldest slot has none; or a block of it is damaged, and
 * every question and merge that comes to it would fail (search_block_check). */
static int is_due(sqlite3 *db, int64_t *due, struct err *e)
{
    return sql_number(
        db,
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM search) THEN NOT EXISTS"
        " (SELECT 1 FROM search_tag WHERE chunk = (SELECT min(slot) FROM search) / 256)"
        " OR EXISTS (SELECT 1 FROM search_block WHERE slots NOT BETWEEN 0 AND 65536"
        " OR length(words) <> 2 * slots)"
        " ELSE NOT EXISTS (SELECT 1 FROM search_state WHERE slot_next <> 0) AND"
        " (EXISTS (SELECT 1 FROM page) OR EXISTS (SELECT 1 FROM document)) END",
        due, e);
}

static int begin_anew(sqlite3 *db, struct err *e)
{
    static const char *const forget =
        "DELETE FROM search; DELETE FROM search_state; DELETE FROM search_fresh;"
        "DELETE FROM search_block; DELETE FROM search_list; DELETE FROM search_word;"
        "DELETE FROM search_dead; DELETE FROM search_tag";
    const struct search_state state = {.building = 1, .slot_next = 1};

    return sql_run(db, forget, e) != 0 ? -1 : search_state_write(db, &state, e);
}

int search_begin(struct records *r, struct err *e)
{
    struct store *s = records_store(r);
    int64_t due;

    if (is_due(store_db(s), &due, e) != 0)
        return err_wrap(e, "search index");
    if (due == 0)
        return 0;
    if (store_apply_begin(s, e) != 0)
        return err_wrap(e, "search index");
    /* Another process may have begun since, and put rows in: their slots would be given a
     * second time. */
    if (is_due(store_db(s), &due, e) != 0 ||
        (due != 0 && begin_anew(store_db(s), e) != 0)) {
        store_apply_rollback(s);
        return err_wrap(e, "search index");
    }
    return store_apply_commit(s, e);
}

int search_building(struct store *s, bool *building, unsigned *per_cent, struct err *e)
{
    sqlite3_stmt *count = NULL;
    struct search_state state;
    uint64_t done = 0, all = 0;
    int rc = -1;

    *building = false;
    *per_cent = 100;
    if (search_state_read(store_db(s), &state, e) != 0)
        return -1;
    if (state.building == 0)
        return 0;
    if (statements_prepare(store_db(s), &count, &build_sql[ROWS_COUNT], 1, e) == 0 &&
        rows_count(count, state.building - 1, &done, e) == 0 &&
        rows_count(count, INT64_MAX, &all, e) == 0)
        rc = 0;
    statements_finalize(&count, 1);
    *building = true;
    *per_cent = all == 0 ? 0 : (unsigned)(100 * done / all);
    return rc;
}

int search_build(struct records *r, bool (*more)(void *arg, unsigned per_cent), void *arg,
                 struct err *e)
{
    struct store *s = records_store(r);
    struct building b = {.records = r};
    bool building, built = false;
    unsigned per_cent;
    int rc = 0;

    if (search_building(s, &building, &per_cent, e) != 0)
        return err_wrap(e, "search index");
    if (!building)
        return 0;
    if (statements_prepare(store_db(s), b.statements, build_sql, STATEMENTS, e) != 0)
        rc = -1;
    while (rc == 0 && !built && (more == NULL || more(arg, per_cent))) {
        rc = build_some(&b, &built, e);
        if (rc == 0 && !built)
            rc = search_building(s, &building, &per_cent, e);
    }
    statements_finalize(b.statements, STATEMENTS);
    return rc == 0 ? 0 : err_wrap(e, "search index");
}
