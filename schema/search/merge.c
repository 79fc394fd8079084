/* Merging: blocks of the index become one, without what is dead. */
#include <stdlib.h>
#include <string.h>

#include "schema/search/index.h"
#include "schema/statements.h"

#define DEAD_SHARE 4 /* one in so many: the block is written again */

enum {
    LEVEL_DUE,
    OF_LEVEL,
    DEAD_DUE,
    RAISE,
    DEAD,
    DEAD_GONE,
    BLOCK_GONE,
    LISTS_GONE,
    BLOCK,
    LIST,
    STATEMENTS
};

static const char *const merge_sql[STATEMENTS] = {
    [LEVEL_DUE] = "SELECT count(*) FROM search_block WHERE level = ?1",
    [OF_LEVEL] = "SELECT first, number, slots, words FROM search_block WHERE level = ?1"
                 " ORDER BY first LIMIT ?2",
    [DEAD_DUE] = "SELECT first, number, slots, words FROM search_block"
                 " WHERE level = ?1 AND dead * ?2 > slots ORDER BY first LIMIT 1",
    [RAISE] = "UPDATE search_block SET level = level + 1 WHERE first = ?1",
    [DEAD] = "SELECT slot FROM search_dead WHERE slot >= ?1 AND slot < ?2",
    [DEAD_GONE] = "DELETE FROM search_dead WHERE slot >= ?1 AND slot < ?2",
    [BLOCK_GONE] = "DELETE FROM search_block WHERE first = ?1",
    [LISTS_GONE] = "DELETE FROM search_list WHERE key >= ?1 AND key < ?2",
    [BLOCK] = "INSERT INTO search_block (first, number, slots, level, dead, words)"
              " VALUES (?1, ?2, ?3, ?4, 0, ?5)",
    [LIST] = "INSERT INTO search_list (key, pages, slots, places)"
             " VALUES (?1, ?2, ?3, ?4)",
};

static const char *const source_sql =
    "SELECT key, slots, places FROM search_list WHERE key >= ?1 AND key < ?2"
    " ORDER BY key";

struct source {
    uint64_t first, number;
    uint32_t slots;
    sqlite3_stmt *lists; /* at `word`, if there is one left */
    uint64_t word;       /* UINT64_MAX: none left */
};

struct merge {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    struct source sources[BLOCK_FANOUT];
    size_t count;
    uint64_t first, number;
    uint32_t slots;
    struct buffer lengths;
    uint8_t dead[BLOCK_SLOTS_MAX];
    struct list_writer list;
};

/* --------------------------------------------------------------- what is merged */

/* 1: the block, a row at hand, belongs to those before it, and there is room for more. */
static int take_source(struct merge *m, sqlite3_stmt *s, struct err *e)
{
    struct source x = {.first = (uint64_t)sqlite3_column_int64(s, 0),
                       .number = (uint64_t)sqlite3_column_int64(s, 1)};
    const void *words = sqlite3_column_blob(s, 3);
    size_t bytes = (size_t)sqlite3_column_bytes(s, 3);

    if (search_block_check(sqlite3_column_int64(s, 2), bytes, e) != 0)
        return -1;
    x.slots = (uint32_t)sqlite3_column_int64(s, 2);
    if (m->count == 0)
        m->first = x.first;
    if (x.first - m->first < m->slots)
        return err_set(e, ERR_CORRUPT, "two blocks of the index have the same slots");
    if (x.first - m->first > BLOCK_SLOTS_MAX - x.slots)
        return 0;
    for (; m->slots < x.first - m->first; m->slots++)
        buffer_append_u16(&m->lengths, 0); /* slots between two blocks */
    buffer_append(&m->lengths, words, bytes);
    m->slots += x.slots;
    m->sources[m->count++] = x;
    return m->count < BLOCK_FANOUT;
}

static int take_sources(struct merge *m, sqlite3_stmt *s, struct err *e)
{
    int row = 0, more = 1;

    m->count = m->slots = 0;
    buffer_clear(&m->lengths);
    while (more == 1 && (row = statement_step(s, e)) == 1)
        more = take_source(m, s, e);
    (void)statement_fresh(s);
    return row < 0 || more < 0 ? -1 : buffer_check(&m->lengths, e);
}

static void bind_two(sqlite3_stmt *s, uint64_t one, uint64_t other)
{
    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)one);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)other);
}

static int read_dead(struct merge *m, struct err *e)
{
    sqlite3_stmt *s = m->statements[DEAD];
    int row;

    memset(m->dead, 0, sizeof m->dead);
    bind_two(s, m->first, m->first + m->slots);
    while ((row = statement_step(s, e)) == 1) {
        uint64_t slot = (uint64_t)sqlite3_column_int64(s, 0) - m->first;

        m->dead[slot] = 1;
        if (2 * slot + 1 < m->lengths.count)
            m->lengths.bytes[2 * slot] = m->lengths.bytes[2 * slot + 1] = 0;
    }
    if (row != 0)
        return -1;
    bind_two(m->statements[DEAD_GONE], m->first, m->first + m->slots);
    return statement_run(m->statements[DEAD_GONE], e);
}

/* ---------------------------------------------------------------------- lists */

static int source_next(struct source *x, struct err *e)
{
    int row = statement_step(x->lists, e);

    x->word =
        row == 1 ? (uint64_t)sqlite3_column_int64(x->lists, 0) & UINT32_MAX : UINT64_MAX;
    return row < 0 ? -1 : 0;
}

static void append_list(struct merge *m, const struct source *x)
{
    uint32_t offset = (uint32_t)(x->first - m->first), place;
    const void *slots = sqlite3_column_blob(x->lists, 1);
    size_t slots_bytes = (size_t)sqlite3_column_bytes(x->lists, 1);
    const void *places = sqlite3_column_blob(x->lists, 2);
    size_t places_bytes = (size_t)sqlite3_column_bytes(x->lists, 2);
    struct list_reader r;

    list_reader_init(&r, slots, slots_bytes, places, places_bytes);
    while (list_next(&r) && offset + r.slot < BLOCK_SLOTS_MAX)
        while (list_place(&r, &place))
            if (!m->dead[offset + r.slot])
                list_writer_add(&m->list, offset + r.slot, place);
}

/* The list of the least word that any source has next. */
static int merge_word(struct merge *m, bool *more, struct err *e)
{
    uint64_t word = UINT64_MAX;

    for (size_t i = 0; i < m->count; i++)
        if (m->sources[i].word < word)
            word = m->sources[i].word;
    *more = word != UINT64_MAX;
    list_writer_clear(&m->list);
    for (size_t i = 0; *more && i < m->count; i++) {
        if (m->sources[i].word != word)
            continue;
        append_list(m, &m->sources[i]);
        if (source_next(&m->sources[i], e) != 0)
            return -1;
    }
    list_writer_end(&m->list);
    if (m->list.pages == 0)
        return 0;
    return search_list_write(m->statements[LIST], m->number, word, &m->list, e);
}

static int merge_lists(struct merge *m, struct err *e)
{
    bool more = true;

    for (size_t i = 0; i < m->count; i++) {
        struct source *x = &m->sources[i];

        if (statements_prepare(m->db, &x->lists, &source_sql, 1, e) != 0)
            return -1;
        bind_two(x->lists, x->number << 32, (x->number + 1) << 32);
        if (source_next(x, e) != 0)
            return -1;
    }
    while (more)
        if (merge_word(m, &more, e) != 0)
            return -1;
    return 0;
}

static void sources_release(struct merge *m)
{
    for (size_t i = 0; i < m->count; i++)
        statements_finalize(&m->sources[i].lists, 1);
}

static int remove_sources(struct merge *m, struct err *e)
{
    for (size_t i = 0; i < m->count; i++) {
        sqlite3_stmt *gone = m->statements[BLOCK_GONE];

        (void)statement_fresh(gone);
        (void)sqlite3_bind_int64(gone, 1, (sqlite3_int64)m->sources[i].first);
        bind_two(m->statements[LISTS_GONE], m->sources[i].number << 32,
                 (m->sources[i].number + 1) << 32);
        if (statement_run(gone, e) != 0 ||
            statement_run(m->statements[LISTS_GONE], e) != 0)
            return -1;
    }
    return 0;
}

/* All of m->sources, as one block of that level. */
static int merge_sources(struct merge *m, struct search_state *st, int level,
                         struct err *e)
{
    sqlite3_stmt *block = m->statements[BLOCK];
    int rc = -1;

    m->number = ++st->block_last;
    if (read_dead(m, e) == 0)
        rc = merge_lists(m, e);
    sources_release(m);
    if (rc != 0 || remove_sources(m, e) != 0)
        return -1;
    bind_two(block, m->first, m->number);
    (void)sqlite3_bind_int64(block, 3, m->slots);
    (void)sqlite3_bind_int(block, 4, level);
    bind_blob(block, 5, m->lengths.bytes, m->lengths.count);
    return statement_run(block, e);
}

/* --------------------------------------------------------------------- when */

static int merge_level(struct merge *m, struct search_state *st, int level, struct err *e)
{
    sqlite3_stmt *s = m->statements[OF_LEVEL];

    bind_two(s, (uint64_t)level, BLOCK_FANOUT);
    if (take_sources(m, s, e) != 0)
        return -1;
    if (m->count > 1)
        return merge_sources(m, st, level + 1, e);
    /* The next one lies too far behind it. */
    (void)statement_fresh(m->statements[RAISE]);
    (void)sqlite3_bind_int64(m->statements[RAISE], 1, (sqlite3_int64)m->first);
    return statement_run(m->statements[RAISE], e);
}

static int merge_levels(struct merge *m, struct search_state *st, struct err *e)
{
    for (int level = 0; level < BLOCK_LEVEL_MAX; level++) {
        sqlite3_stmt *s = m->statements[LEVEL_DUE];
        int64_t blocks;

        (void)statement_fresh(s);
        (void)sqlite3_bind_int(s, 1, level);
        if (statement_step(s, e) != 1)
            return -1;
        blocks = sqlite3_column_int64(s, 0);
        (void)statement_fresh(s);
        if (blocks >= BLOCK_FANOUT && merge_level(m, st, level, e) != 0)
            return -1;
    }
    return 0;
}

/* Of the blocks that merge with no other any more. */
static int merge_dead(struct merge *m, struct search_state *st, struct err *e)
{
    sqlite3_stmt *s = m->statements[DEAD_DUE];

    bind_two(s, BLOCK_LEVEL_MAX, DEAD_SHARE);
    if (take_sources(m, s, e) != 0)
        return -1;
    return m->count == 0 ? 0 : merge_sources(m, st, BLOCK_LEVEL_MAX, e);
}

int search_merge_due(sqlite3 *db, struct search_state *st, struct err *e)
{
    struct merge *m = calloc(1, sizeof *m);
    int rc = -1;

    if (m == NULL)
        return err_set(e, ERR_MEMORY, "merge");
    m->db = db;
    buffer_init(&m->lengths, 2 * BLOCK_SLOTS_MAX);
    list_writer_init(&m->list);
    if (statements_prepare(db, m->statements, merge_sql, STATEMENTS, e) == 0 &&
        merge_levels(m, st, e) == 0)
        rc = merge_dead(m, st, e);
    statements_finalize(m->statements, STATEMENTS);
    buffer_release(&m->lengths);
    list_writer_release(&m->list);
    free(m);
    return rc == 0 ? 0 : err_wrap(e, "merge");
}
