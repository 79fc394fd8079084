/* Fuzz: a query, then NUL, then a text. What is found in the text the index finds, fresh
 * or pressed; and the snippet is one line of UTF-8 with paired marks. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>
#include <utf8proc.h>

#include "schema/migrations.h"
#include "schema/search/match.h"
#include "schema/search/snippet.h"
#include "schema/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static sqlite3 *db;

static void run(const char *sql)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

    assert(rc == SQLITE_OK);
}

static void open_once(void)
{
    size_t count;
    const char *const *migrations = migrations_all(&count);
    struct err e;
    int rc;

    if (db != NULL)
        return;
    rc = sqlite3_open(":memory:", &db);
    assert(rc == SQLITE_OK);
    rc = tokenizer_register(db, &e);
    assert(rc == 0);
    for (size_t i = 0; i < count; i++)
        run(migrations[i]);
}

static int fold(void *arg, const struct token *t)
{
    buffer_append(arg, t->folded, t->folded_bytes);
    buffer_append_byte(arg, ' ');
    return 0;
}

/* The text as the only fresh row, or as the only one of a block. */
static void put_text(const char *text, size_t count, bool pressed)
{
    struct search_state state = {.slot_next = 1, .rows = 1, .words = 1};
    struct buffer folded;
    sqlite3_stmt *s;
    struct err e;
    int rc;

    run("BEGIN; DELETE FROM search_fresh; DELETE FROM search_block;"
        "DELETE FROM search_list; DELETE FROM search_word");
    buffer_init(&folded, 1 << 24);
    buffer_append_text(&folded, "");
    (void)tokens_each(text, count, fold, &folded);
    rc = sqlite3_prepare_v2(db, "INSERT INTO search_fresh VALUES (0, ?1)", -1, &s, NULL);
    assert(rc == SQLITE_OK);
    (void)sqlite3_bind_text(s, 1, (const char *)folded.bytes, (int)folded.count,
                            SQLITE_STATIC);
    rc = sqlite3_step(s);
    assert(rc == SQLITE_DONE);
    sqlite3_finalize(s);
    buffer_release(&folded);
    if (pressed && search_press(db, &state, &e) != 0)
        abort();
    run("COMMIT");
}

/* The index is asked whether the text has what the query asks for, and must agree. */
static void check_index(const struct search_query *q, bool found)
{
    struct match_wish wish = {.query = q, .count = 1, .field_group = SIZE_MAX};
    struct match m;
    struct err e;
    int rc = match_run(&m, db, &wish, &e);

    assert(rc == 0);
    assert(m.total == found);
    match_release(&m);
}

/* Whether some group is to be found in the text, and none in a field. */
static bool is_of_text(const struct search_query *q)
{
    const struct query_group *groups;
    size_t count = search_query_groups(q, &groups);
    bool asks = false;

    for (size_t i = 0; i < count; i++) {
        if (groups[i].field != SEARCH_FIELD_NONE)
            return false;
        asks = asks || !groups[i].negated;
    }
    return asks;
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

static void check(const struct search_query *q, const char *text, size_t count)
{
    static struct search_spans spans;
    bool found = search_query_find(q, SEARCH_FOLDED, text, count, &spans);
    const struct query_group *groups;
    bool negated = false;

    for (size_t i = search_query_groups(q, &groups); i-- > 0;)
        negated = negated || groups[i].negated;
    check_snippet(text, count, &spans);
    if (is_of_text(q)) {
        put_text(text, count, false);
        check_index(q, found);
        put_text(text, count, true);
        check_index(q, found);
    }
    if (search_query_find(q, SEARCH_EXACT, text, count, &spans))
        assert(found || negated);
    check_snippet(text, count, &spans);
    if (found)
        assert(search_query_find(q, SEARCH_NEAR, text, count, &spans) || negated);
    check_snippet(text, count, &spans);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *query = strndup((const char *)bytes, count);
    size_t skip = strlen(query) < count ? strlen(query) + 1 : count;
    const char *text = (const char *)bytes + skip;
    struct search_query *q = NULL;
    struct err e;

    open_once();
    if (search_query_create(&q, query, (count & 1) != 0, &e) == 0)
        check(q, text, count - skip);
    else
        assert(e.code == ERR_USAGE);
    search_query_destroy(q);
    free((void *)query);
    return 0;
}
