/* Fuzz: a query, then NUL, then a text. FTS5 takes every expression that we write;
 * what it finds, we find; and the snippet is one line of UTF-8 with paired marks. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>
#include <utf8proc.h>

#include "schema/search.h"
#include "schema/search_query.h"
#include "schema/snippet.h"
#include "schema/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static sqlite3 *db;

static void open_once(void)
{
    struct err e;
    int rc;

    if (db != NULL)
        return;
    rc = sqlite3_open(":memory:", &db);
    assert(rc == SQLITE_OK);
    rc = tokenizer_register(db, &e);
    assert(rc == 0);
    rc = sqlite3_exec(db,
                      "CREATE VIRTUAL TABLE search USING fts5(text, content = '',"
                      " contentless_delete = 1, tokenize = 'tram')",
                      NULL, NULL, NULL);
    assert(rc == SQLITE_OK);
}

static void run(const char *sql, const char *text, size_t count, int expected)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

    assert(rc == SQLITE_OK);
    (void)sqlite3_bind_text(s, 1, text, (int)count, SQLITE_STATIC);
    rc = sqlite3_step(s);
    assert(rc == expected);
    sqlite3_finalize(s);
}

/* FTS5 is asked whether the text has what the query asks for, and must agree. */
static void check_fts5(const struct search_query *q, const char *text, size_t count,
                       bool found)
{
    const char *expression = search_query_expression(q);

    run("INSERT OR REPLACE INTO search (rowid, text) VALUES (1, ?1)", text, count,
        SQLITE_DONE);
    run("SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rank, rowid", expression,
        strlen(expression), found ? SQLITE_ROW : SQLITE_DONE);
}

static void check_snippet(const char *text, size_t count,
                          const struct search_spans *spans)
{
    struct buffer b;
    struct err e;
    bool open = false;

    buffer_init(&b, SNIPPET_BYTES_MAX);
    buffer_append_text(&b, "");
    snippet_append(&b, text, count, spans);
    assert(buffer_check(&b, &e) == 0);
    for (size_t at = 0; at < b.count;) {
        utf8proc_int32_t code;
        utf8proc_ssize_t width =
            utf8proc_iterate(b.bytes + at, (utf8proc_ssize_t)(b.count - at), &code);

        assert(width > 0);
        assert(code >= ' ' || code == SEARCH_HIT_BEGIN[0] || code == SEARCH_HIT_END[0]);
        if (code < ' ')
            assert(open == (code == SEARCH_HIT_END[0]) && (open = !open, true));
        at += (size_t)width;
    }
    assert(!open);
    buffer_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *query = strndup((const char *)bytes, count);
    size_t skip = strlen(query) < count ? strlen(query) + 1 : count;
    const char *text = (const char *)bytes + skip;
    static struct search_spans spans;
    struct search_query *q = NULL;
    struct err e;

    open_once();
    if (search_query_create(&q, query, &e) == 0) {
        bool found = search_query_find(q, SEARCH_FOLDED, text, count - skip, &spans);

        if (search_query_expression(q)[0] != '\0')
            check_fts5(q, text, count - skip, found);
        check_snippet(text, count - skip, &spans);
        if (search_query_find(q, SEARCH_EXACT, text, count - skip, &spans))
            assert(found);
        check_snippet(text, count - skip, &spans);
    } else {
        assert(e.code == ERR_USAGE);
    }
    search_query_destroy(q);
    free((void *)query);
    return 0;
}
