#include "schema/search/index.h"

#include <string.h>

#include "schema/statements.h"
#include "schema/tokenizer.h"

#define FOLDED_BYTES_MAX (4 * RECORD_CURRENT_BYTES_MAX)

enum {
    STATE,
    STATE_WRITE,
    FIND,
    REMOVE,
    REMOVE_FRESH,
    ADD_DEAD,
    COUNT_DEAD,
    ADD,
    ADD_FRESH,
    FIRST_FRESH,
    STATEMENTS
};

static const char *const put_sql[STATEMENTS] = {
    [STATE] =
        "SELECT building, slot_next, rows, words, fresh_bytes, block_last, word_last"
        " FROM search_state",
    [STATE_WRITE] = "INSERT OR REPLACE INTO search_state (one, building, slot_next, rows,"
                    " words, fresh_bytes, block_last, word_last)"
                    " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [FIND] = "SELECT slot, words FROM search WHERE id = ?1",
    [REMOVE] = "DELETE FROM search WHERE slot = ?1",
    [REMOVE_FRESH] = "DELETE FROM search_fresh WHERE slot = ?1",
    [ADD_DEAD] = "INSERT INTO search_dead (slot) VALUES (?1)",
    [COUNT_DEAD] = "UPDATE search_block SET dead = dead + 1 WHERE first ="
                   " (SELECT max(first) FROM search_block WHERE first <= ?1)",
    [ADD] = "INSERT INTO search (slot, id, words) VALUES (?1, ?2, ?3)",
    [ADD_FRESH] = "INSERT INTO search_fresh (slot, folded) VALUES (?1, ?2)",
    [FIRST_FRESH] = "SELECT min(slot) FROM search_fresh",
};

static uint64_t column_u64(sqlite3_stmt *s, int column)
{
    return (uint64_t)sqlite3_column_int64(s, column);
}

static int state_read(sqlite3_stmt *s, struct search_state *out, struct err *e)
{
    int row = statement_step(statement_fresh(s), e);

    *out = (struct search_state){0};
    if (row == 1)
        *out = (struct search_state){column_u64(s, 0), column_u64(s, 1), column_u64(s, 2),
                                     column_u64(s, 3), column_u64(s, 4), column_u64(s, 5),
                                     column_u64(s, 6)};
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

static int state_write(sqlite3_stmt *s, const struct search_state *st, struct err *e)
{
    const uint64_t values[] = {st->building,    st->slot_next,  st->rows,     st->words,
                               st->fresh_bytes, st->block_last, st->word_last};

    (void)statement_fresh(s);
    for (int i = 0; i < 7; i++)
        (void)sqlite3_bind_int64(s, i + 1, (sqlite3_int64)values[i]);
    return statement_run(s, e);
}

int search_state_read(sqlite3 *db, struct search_state *out, struct err *e)
{
    sqlite3_stmt *s = NULL;
    int rc;

    if (statements_prepare(db, &s, &put_sql[STATE], 1, e) != 0)
        return -1;
    rc = state_read(s, out, e);
    statements_finalize(&s, 1);
    return rc;
}

int search_state_write(sqlite3 *db, const struct search_state *st, struct err *e)
{
    sqlite3_stmt *s = NULL;
    int rc;

    if (statements_prepare(db, &s, &put_sql[STATE_WRITE], 1, e) != 0)
        return -1;
    rc = state_write(s, st, e);
    statements_finalize(&s, 1);
    return rc;
}

int search_block_check(int64_t slots, size_t words_bytes, struct err *e)
{
    if (slots < 0 || slots > BLOCK_SLOTS_MAX || words_bytes != (size_t)slots * 2)
        return err_set(e, ERR_CORRUPT, "a block of the index is not what it must be");
    return 0;
}

static int run_with(sqlite3_stmt *s, uint64_t value, struct err *e)
{
    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)value);
    return statement_run(s, e);
}

/* Takes the row out, if it is in. */
static int remove_row(sqlite3 *db, sqlite3_stmt **s, struct search_state *st, uint64_t id,
                      struct err *e)
{
    sqlite3_stmt *find = statement_fresh(s[FIND]);
    uint64_t slot, words;
    int row;

    bind_id(find, 1, id);
    row = statement_step(find, e);
    if (row != 1)
        return row;
    slot = column_u64(find, 0);
    words = column_u64(find, 1);
    (void)statement_fresh(find); /* lets go of the row */
    st->rows--;
    st->words -= words;
    if (run_with(s[REMOVE], slot, e) != 0 || run_with(s[REMOVE_FRESH], slot, e) != 0)
        return -1;
    if (sqlite3_changes(db) > 0)
        return 0;
    /* It was in a block, which does not change. */
    if (run_with(s[ADD_DEAD], slot, e) != 0)
        return -1;
    return run_with(s[COUNT_DEAD], slot, e);
}

struct folding {
    struct buffer text;
    uint64_t words;
};

static int fold_each(void *arg, const struct token *t)
{
    struct folding *f = arg;

    buffer_append(&f->text, t->folded, t->folded_bytes);
    buffer_append_byte(&f->text, ' ');
    f->words++;
    return 0;
}

static int add_folded(sqlite3_stmt **s, struct search_state *st, uint64_t id,
                      const struct folding *f, struct err *e)
{
    sqlite3_stmt *add = statement_fresh(s[ADD]), *fresh = statement_fresh(s[ADD_FRESH]);
    uint64_t slot = st->slot_next++;

    (void)sqlite3_bind_int64(add, 1, (sqlite3_int64)slot);
    bind_id(add, 2, id);
    (void)sqlite3_bind_int64(add, 3, (sqlite3_int64)f->words);
    (void)sqlite3_bind_int64(fresh, 1, (sqlite3_int64)slot);
    (void)sqlite3_bind_text(fresh, 2, (const char *)f->text.bytes, (int)f->text.count,
                            SQLITE_STATIC);
    st->rows++;
    st->words += f->words;
    st->fresh_bytes += f->text.count;
    if (statement_run(add, e) != 0)
        return -1;
    return statement_run(fresh, e);
}

static int add_row(sqlite3 *db, sqlite3_stmt **s, struct search_state *st, uint64_t id,
                   const char *text, struct err *e)
{
    struct folding f = {0};
    uint64_t first;
    int rc = -1, row;

    buffer_init(&f.text, FOLDED_BYTES_MAX);
    buffer_append_text(&f.text, "");
    (void)tokens_each(text, strlen(text), fold_each, &f); /* it never stops */
    if (buffer_check(&f.text, e) != 0 || add_folded(s, st, id, &f, e) != 0)
        goto out;
    row = statement_step(statement_fresh(s[FIRST_FRESH]), e);
    first = row == 1 ? column_u64(s[FIRST_FRESH], 0) : st->slot_next;
    (void)statement_fresh(s[FIRST_FRESH]);
    if (row < 0)
        goto out;
    if (st->slot_next - first >= BLOCK_SLOTS || st->fresh_bytes >= FRESH_BYTES_MAX)
        rc = search_press(db, st, e);
    else
        rc = 0;
out:
    buffer_release(&f.text);
    return rc;
}

int search_put(struct store *s, uint64_t id, const char *text, struct err *e)
{
    sqlite3 *db = store_db(s);
    sqlite3_stmt *statements[STATEMENTS] = {0};
    struct search_state st;
    int rc = -1;

    /* From the shelf each time: there is nothing here to keep them in. */
    if (statements_prepare(db, statements, put_sql, STATEMENTS, e) != 0)
        goto out;
    if (state_read(statements[STATE], &st, e) != 0 ||
        remove_row(db, statements, &st, id, e) != 0)
        goto out;
    if (text[0] != '\0' && add_row(db, statements, &st, id, text, e) != 0)
        goto out;
    rc = state_write(statements[STATE_WRITE], &st, e);
out:
    statements_finalize(statements, STATEMENTS);
    return rc == 0 ? 0 : err_wrap(e, "search index");
}
