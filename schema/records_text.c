/* Current text: what a page or document says now, derived from its rows. */
#include "schema/records_internal.h"

#include <string.h>

#include "base/words.h"
#include "schema/statements.h"

/* White space between two words of the original text. */
struct gap {
    const char *at;
    size_t bytes;
};

/* How far apart it keeps: a paragraph more than a line, a line more than a table's
 * cell, and that more than a blank. */
static size_t gap_weight(const struct gap *g)
{
    size_t weight = 0;

    for (size_t i = 0; i < g->bytes; i++)
        weight += g->at[i] == '\n' ? 2 : g->at[i] == '\t';
    return weight;
}

/* Of the gaps on both sides of a removed word, the one that keeps more apart. */
static struct gap gap_joined(struct gap before, struct gap after)
{
    return gap_weight(&after) > gap_weight(&before) ? after : before;
}

/* Corrections of one reading in the order of their words. */
struct corrections {
    sqlite3_stmt *statement;
    int row; /* of the statement: 1 while `word` is to come */
    size_t word;
};

static int corrections_next(struct corrections *c, struct err *e)
{
    c->row = statement_step(c->statement, e);
    if (c->row == 1)
        c->word = (size_t)sqlite3_column_int64(c->statement, 0);
    return c->row < 0 ? -1 : 0;
}

/* Appends gap and word, or what the word was corrected to. *empty: it was removed.
 * Of several corrections of a word the last is true. */
static int append_word(struct corrections *c, struct buffer *out, size_t number,
                       struct gap gap, const char *word, size_t bytes, bool *empty,
                       struct err *e)
{
    struct buffer now;
    int rc = 0;

    buffer_init(&now, RECORD_CURRENT_BYTES_MAX);
    buffer_append(&now, word, bytes);
    while (rc == 0 && c->row == 1 && c->word <= number) {
        if (c->word == number) {
            buffer_clear(&now);
            buffer_append(&now, sqlite3_column_blob(c->statement, 1),
                          (size_t)sqlite3_column_bytes(c->statement, 1));
        }
        rc = corrections_next(c, e);
    }
    if (rc == 0)
        rc = buffer_check(&now, e);
    *empty = now.count == 0;
    if (rc == 0 && !*empty) {
        buffer_append(out, gap.at, gap.bytes);
        buffer_append(out, now.bytes, now.count);
    }
    buffer_release(&now);
    return rc;
}

static int append_corrected(struct corrections *c, const char *text, struct buffer *out,
                            struct err *e)
{
    size_t at = 0, end = 0, number = 0, bytes;
    struct gap gap = {text, 0};
    bool removed = false, first = true;
    const char *word;

    for (; words_next(text, &at, &word, &bytes); number++) {
        struct gap before = {text + end, (size_t)(word - text) - end};

        end = at;
        gap = removed ? gap_joined(gap, before) : before;
        if (first && removed)
            gap.bytes = 0; /* nothing stands before it any more */
        if (append_word(c, out, number, gap, word, bytes, &removed, e) != 0)
            return -1;
        first = first && removed;
    }
    return buffer_check(out, e);
}

static int append_reading(struct records *r, uint64_t reading, const char *text,
                          struct buffer *out, struct err *e)
{
    struct corrections c = {
        .statement = statement_fresh(r->reads[READ_CORRECTIONS]),
    };
    int rc;

    bind_id(c.statement, 1, reading);
    if (corrections_next(&c, e) != 0)
        return -1;
    if (c.row == 0) {
        buffer_append_text(out, text);
        return buffer_check(out, e);
    }
    rc = append_corrected(&c, text, out, e);
    (void)sqlite3_reset(c.statement); /* only read: nothing can fail */
    return rc;
}

int record_page_text(struct records *r, uint64_t page, struct buffer *out, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->reads[READ_NEWEST_READING]);
    const char *text;
    int row, rc;

    bind_id(s, 1, page);
    row = statement_step(s, e);
    if (row != 1)
        return row;
    text = (const char *)sqlite3_column_text(s, 1);
    rc = append_reading(r, (uint64_t)sqlite3_column_int64(s, 0), text == NULL ? "" : text,
                        out, e);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return rc;
}

static void append_line(struct buffer *out, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    if (out->count > 0)
        buffer_append_byte(out, '\n');
    buffer_append_text(out, text);
}

static int append_value(void *arg, const char *name, unsigned ordinal, const char *source,
                        const char *value, struct err *e)
{
    (void)name;
    (void)ordinal;
    (void)source;
    append_line(arg, value);
    return buffer_check(arg, e);
}

static int append_document(struct records *r, uint64_t document, struct buffer *out,
                           struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->reads[READ_DOCUMENT_HEAD]);
    int row;

    bind_id(s, 1, document);
    row = statement_step(s, e);
    if (row != 1)
        return row;
    append_line(out, (const char *)sqlite3_column_text(s, 0));
    append_line(out, (const char *)sqlite3_column_text(s, 1));
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return record_each_field(r, document, append_value, out, e);
}

int record_search_text(struct records *r, uint64_t id, struct buffer *out, struct err *e)
{
    uint64_t document, page;

    if (record_find(r, id, &document, &page, e) != 0)
        return -1;
    if (page != 0)
        return record_page_text(r, page, out, e);
    if (document != 0)
        return append_document(r, document, out, e);
    return 0;
}
