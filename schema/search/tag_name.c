#include "schema/search/tag_name.h"

#include <string.h>

#include "schema/statements.h"
#include "schema/tokenizer.h"

/* Folding makes no letter longer than it was by more than this. */
#define FOLDED_BYTES_MAX (4 * TAG_NAME_BYTES_MAX)

enum { FIND, ADD, READ, STATEMENTS };

static const char *const name_sql[STATEMENTS] = {
    [FIND] = "SELECT number FROM search_name WHERE folded = ?1",
    [ADD] = "INSERT INTO search_name (number, folded, shown) SELECT"
            " coalesce(max(number), 0) + 1, ?1, ?2 FROM search_name RETURNING number",
    [READ] = "SELECT shown FROM search_name WHERE number = ?1",
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

void tag_name_cut(char out[TAG_NAME_BYTES_MAX + 1], const char *text)
{
    size_t bytes;

    while (is_blank(*text) || *text == '\n')
        text++;
    bytes = strcspn(text, "\n");
    if (bytes > TAG_NAME_BYTES_MAX) {
        bytes = TAG_NAME_BYTES_MAX;
        while (bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80)
            bytes--;
    }
    while (bytes > 0 && is_blank(text[bytes - 1]))
        bytes--;
    memcpy(out, text, bytes);
    out[bytes] = '\0';
}

static int fold_each(void *arg, const struct token *t)
{
    struct buffer *b = arg;

    if (b->count > 0)
        buffer_append_byte(b, ' ');
    buffer_append(b, t->folded, t->folded_bytes);
    return 0;
}

/* A statement's one number, with up to two texts; 0: no row. */
static int ask_number(sqlite3 *db, int statement, const struct buffer *folded,
                      const char *shown, uint32_t *number, struct err *e)
{
    sqlite3_stmt *s = NULL;
    int row;

    if (statements_prepare(db, &s, &name_sql[statement], 1, e) != 0)
        return -1;
    (void)sqlite3_bind_text(s, 1, (const char *)folded->bytes, (int)folded->count,
                            SQLITE_STATIC);
    if (shown != NULL)
        bind_text(s, 2, shown);
    row = statement_step(s, e);
    *number = row == 1 ? (uint32_t)sqlite3_column_int64(s, 0) : 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int look_up(sqlite3 *db, const char *name, bool give, uint32_t *number,
                   struct err *e)
{
    char cut[TAG_NAME_BYTES_MAX + 1];
    struct buffer folded;
    int rc = -1;

    *number = 0;
    tag_name_cut(cut, name);
    buffer_init(&folded, FOLDED_BYTES_MAX);
    (void)tokens_each(cut, strlen(cut), fold_each, &folded); /* it never stops */
    if (buffer_check(&folded, e) != 0)
        goto out;
    rc = folded.count == 0 ? 0 : ask_number(db, FIND, &folded, NULL, number, e);
    if (rc == 0 && give && folded.count > 0 && *number == 0)
        rc = ask_number(db, ADD, &folded, cut, number, e);
out:
    buffer_release(&folded);
    return rc;
}

int tag_name_give(sqlite3 *db, const char *name, uint32_t *number, struct err *e)
{
    return look_up(db, name, true, number, e);
}

int tag_name_find(sqlite3 *db, const char *name, uint32_t *number, struct err *e)
{
    return look_up(db, name, false, number, e);
}

int tag_name_read(sqlite3 *db, uint32_t number, char out[TAG_NAME_BYTES_MAX + 1],
                  struct err *e)
{
    sqlite3_stmt *s = NULL;
    int row;

    out[0] = '\0';
    if (statements_prepare(db, &s, &name_sql[READ], 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, number);
    row = statement_step(s, e);
    if (row == 1)
        tag_name_cut(out, (const char *)sqlite3_column_text(s, 0));
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}
