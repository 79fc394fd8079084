/* Pressing: the words of search_fresh, turned into the lists of a block. */
#include <stdlib.h>
#include <string.h>

#include "schema/search/index.h"
#include "schema/search/words.h"
#include "schema/statements.h"

enum { FRESH, FRESH_GONE, WORD, LIST, BLOCK, STATEMENTS };

static const char *const press_sql[STATEMENTS] = {
    [FRESH] = "SELECT slot, folded FROM search_fresh ORDER BY slot",
    [FRESH_GONE] = "DELETE FROM search_fresh",
    [WORD] = "INSERT INTO search_word (word, number, pages) VALUES (?1, ?2, ?3)"
             " ON CONFLICT (word) DO UPDATE SET pages = pages + excluded.pages"
             " RETURNING number",
    [LIST] = "INSERT INTO search_list (key, pages, slots, places)"
             " VALUES (?1, ?2, ?3, ?4)",
    [BLOCK] = "INSERT INTO search_block (first, number, slots, level, dead, words)"
              " VALUES (?1, ?2, ?3, 0, 0, ?4)",
};

struct press {
    sqlite3_stmt *statements[STATEMENTS];
    struct words_set words;
    uint64_t first; /* slot */
    uint32_t slots;
    struct buffer lengths;
    bool any;
};

/* The words of one slot. */
static int take_folded(struct press *p, uint32_t slot, const char *text, size_t bytes,
                       struct err *e)
{
    const char *end = text + bytes, *blank;
    uint32_t place = 0;

    for (; text < end && (blank = memchr(text, ' ', (size_t)(end - text))) != NULL;
         text = blank + 1) {
        struct words_entry *w = words_set_at(&p->words, text, (size_t)(blank - text));

        if (w == NULL)
            return err_set(e, ERR_MEMORY, "the words of a block");
        list_writer_add(&w->list, slot, place++);
    }
    while (p->slots <= slot) { /* those that are not there any more have none */
        uint32_t words = p->slots == slot ? place : 0;

        buffer_append_u16(&p->lengths, words > UINT16_MAX ? UINT16_MAX : (uint16_t)words);
        p->slots++;
    }
    return 0;
}

static int take_all(struct press *p, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(p->statements[FRESH]);
    int row;

    while ((row = statement_step(s, e)) == 1) {
        uint64_t slot = (uint64_t)sqlite3_column_int64(s, 0);
        const char *text = (const char *)sqlite3_column_blob(s, 1);
        size_t bytes = (size_t)sqlite3_column_bytes(s, 1);

        if (!p->any)
            p->first = slot;
        p->any = true;
        if (slot - p->first >= BLOCK_SLOTS_MAX)
            return err_set(e, ERR_CORRUPT, "a fresh slot out of its row");
        if (take_folded(p, (uint32_t)(slot - p->first), text == NULL ? "" : text, bytes,
                        e) != 0)
            return -1;
    }
    if (row == 0)
        row = buffer_check(&p->lengths, e);
    return row;
}

/* Each word's number in the vocabulary, which it enters if it is new. */
static int number_words(struct press *p, struct search_state *st, struct err *e)
{
    sqlite3_stmt *s = p->statements[WORD];

    for (size_t i = 0; i < p->words.count; i++) {
        struct words_entry *w = &p->words.entries[i];

        list_writer_end(&w->list);
        (void)statement_fresh(s);
        (void)sqlite3_bind_text(s, 1, (const char *)p->words.text.bytes + w->at,
                                (int)w->bytes, SQLITE_STATIC);
        (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)st->word_last + 1);
        (void)sqlite3_bind_int64(s, 3, w->list.pages);
        if (statement_step(s, e) != 1)
            return -1;
        w->number = (uint64_t)sqlite3_column_int64(s, 0);
        if (w->number > st->word_last)
            st->word_last = w->number;
        (void)statement_fresh(s);
    }
    return 0;
}

int search_list_write(sqlite3_stmt *s, uint64_t block, uint64_t word,
                      const struct list_writer *list, struct err *e)
{
    static const char nothing;

    if (buffer_check(&list->slots, e) != 0 || buffer_check(&list->places, e) != 0)
        return -1;
    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)(block << 32 | word));
    (void)sqlite3_bind_int64(s, 2, list->pages);
    (void)sqlite3_bind_blob64(
        s, 3, list->slots.count > 0 ? list->slots.bytes : (const void *)&nothing,
        list->slots.count, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(
        s, 4, list->places.count > 0 ? list->places.bytes : (const void *)&nothing,
        list->places.count, SQLITE_STATIC);
    return statement_run(s, e);
}

static int write_block(struct press *p, struct search_state *st, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(p->statements[BLOCK]);
    uint64_t number = ++st->block_last;

    words_set_sort(&p->words); /* in the order of their keys: pages fill up */
    for (size_t i = 0; i < p->words.count; i++)
        if (search_list_write(p->statements[LIST], number, p->words.entries[i].number,
                              &p->words.entries[i].list, e) != 0)
            return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)p->first);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)number);
    (void)sqlite3_bind_int64(s, 3, p->slots);
    bind_blob(s, 4, p->lengths.bytes, p->lengths.count);
    if (statement_run(s, e) != 0)
        return -1;
    return statement_run(statement_fresh(p->statements[FRESH_GONE]), e);
}

int search_press(sqlite3 *db, struct search_state *st, struct err *e)
{
    struct press p = {0};
    int rc = -1;

    words_set_init(&p.words);
    buffer_init(&p.lengths, 2 * BLOCK_SLOTS_MAX);
    if (statements_prepare(db, p.statements, press_sql, STATEMENTS, e) != 0 ||
        take_all(&p, e) != 0)
        goto out;
    if (p.any && (number_words(&p, st, e) != 0 || write_block(&p, st, e) != 0))
        goto out;
    st->fresh_bytes = 0;
    rc = search_merge_due(db, st, e);
out:
    statements_finalize(p.statements, STATEMENTS);
    words_set_release(&p.words);
    buffer_release(&p.lengths);
    return rc == 0 ? 0 : err_wrap(e, "press");
}
