/* The search index compared with the records. */
#include "schema/search/index.h"
#include "schema/search/tags.h"
#include "schema/statements.h"

enum { OWNERS, INDEXED, INDEXED_COUNT, DAMAGED, LISTS, VERIFY_STATEMENTS };

static const char *const verify_sql[VERIFY_STATEMENTS] = {
    [OWNERS] = "SELECT id FROM page UNION ALL SELECT id FROM document",
    [INDEXED] = "SELECT 1 FROM search WHERE id = ?1",
    [INDEXED_COUNT] = "SELECT count(*) FROM search",
    [DAMAGED] =
        "SELECT (SELECT count(*) FROM search_block WHERE slots NOT BETWEEN 0 AND ?1"
        " OR length(words) <> 2 * slots) +"
        " (SELECT count(*) FROM search_tag WHERE length(tags) <> ?2)",
    [LISTS] = "SELECT pages, slots FROM search_list",
};

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

static bool is_sound(sqlite3_stmt *row)
{
    const void *slots = sqlite3_column_blob(row, 1);
    int64_t pages = 0;
    struct list_reader r;

    list_reader_init(&r, slots, (size_t)sqlite3_column_bytes(row, 1), NULL, 0);
    while (list_next(&r))
        pages++;
    return pages == sqlite3_column_int64(row, 0);
}

/* Rows of the index itself that are not what they must be. */
static int count_damaged(sqlite3_stmt **statements, uint64_t *count, struct err *e)
{
    sqlite3_stmt *s = statements[DAMAGED];
    int row;

    (void)sqlite3_bind_int64(s, 1, BLOCK_SLOTS_MAX);
    (void)sqlite3_bind_int64(s, 2, TAGS_CHUNK * TAGS_BYTES);
    if (statement_step(s, e) != 1)
        return -1;
    *count += (uint64_t)sqlite3_column_int64(s, 0);
    while ((row = statement_step(statements[LISTS], e)) == 1)
        *count += !is_sound(statements[LISTS]);
    return row;
}

int search_verify(struct records *r, uint64_t *missing, uint64_t *surplus, struct err *e)
{
    struct store *s = records_store(r);
    sqlite3_stmt *statements[VERIFY_STATEMENTS] = {0};
    uint64_t matched = 0;
    bool begun = false, building;
    unsigned per_cent;
    int rc = -1;

    *missing = *surplus = 0;
    if (snapshot_begin(s, &begun, e) != 0)
        return err_wrap(e, "search");
    if (search_building(s, &building, &per_cent, e) != 0)
        goto out;
    rc = 0;
    if (building)
        goto out;
    rc = -1;
    if (statements_prepare(store_db(s), statements, verify_sql, VERIFY_STATEMENTS, e) !=
        0)
        goto out;
    if (owners_compare(r, statements, missing, &matched, e) != 0)
        goto out;
    if (statement_step(statements[INDEXED_COUNT], e) != 1)
        goto out;
    *surplus = (uint64_t)sqlite3_column_int64(statements[INDEXED_COUNT], 0) - matched;
    rc = count_damaged(statements, missing, e);
out:
    statements_finalize(statements, VERIFY_STATEMENTS);
    if (begun)
        store_read_end(s);
    return rc == 0 ? 0 : err_wrap(e, "search");
}
