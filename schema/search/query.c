#include "schema/search/query.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buffer.h"
#include "schema/legacy.h"
#include "schema/search/query_internal.h"
#include "schema/tokenizer.h"

/* Both forms of all words; decomposing makes a byte into at most four. */
#define WORDS_BYTES_MAX (16 * SEARCH_QUERY_BYTES_MAX)

static int word_add(void *arg, const struct token *t)
{
    struct search_query *q = arg;
    struct query_token *w = &q->tokens[q->tokens_count];

    if (q->tokens_count == TOKENS_MAX)
        return -1;
    *w = (struct query_token){.folded = q->words.count,
                              .folded_bytes = t->folded_bytes,
                              .exact_bytes = t->exact_bytes};
    buffer_append(&q->words, t->folded, t->folded_bytes + 1);
    w->exact = q->words.count;
    buffer_append(&q->words, t->exact, t->exact_bytes + 1);
    w->accented = t->accented;
    q->tokens_count++;
    return 0;
}

struct parser {
    struct search_query *q;
    const char *text;
    size_t bytes, at;
};

static bool is_quote(int32_t code)
{
    return code == '"' || code == 0x201c || code == 0x201d || code == 0x201e;
}

static bool is_blank(int32_t code)
{
    utf8proc_category_t category = utf8proc_category(code);

    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZS ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* The character at `at`, and its bytes; 0 at the end. The text is UTF-8: it was looked
 * through. */
static size_t peek(const struct parser *p, size_t at, utf8proc_int32_t *code)
{
    *code = 0;
    if (at >= p->bytes)
        return 0;
    return (size_t)utf8proc_iterate((const utf8proc_uint8_t *)p->text + at,
                                    (utf8proc_ssize_t)(p->bytes - at), code);
}

/* The piece from p->at: what is in quotes, or all up to a blank or a quote. */
static void take_piece(struct parser *p, size_t *start, size_t *end)
{
    utf8proc_int32_t code;
    size_t width = peek(p, p->at, &code);
    bool quoted = width > 0 && is_quote(code);

    if (quoted)
        p->at += width;
    *start = p->at;
    while ((width = peek(p, p->at, &code)) > 0 && !is_quote(code) &&
           (quoted || !is_blank(code)))
        p->at += width;
    *end = p->at;
    if (quoted)
        p->at += width;
}

/* What stands before the words: a minus, a field. */
static void take_lead(struct parser *p, struct query_group *g)
{
    utf8proc_int32_t next;
    size_t taken;

    if (p->text[p->at] == '-' && peek(p, p->at + 1, &next) > 0 && !is_blank(next) &&
        next != '-') {
        g->negated = true;
        p->at++;
    }
    g->field = search_field_begins(p->text + p->at, p->bytes - p->at, &taken);
    p->at += taken;
    while (taken > 0 && p->at < p->bytes && p->text[p->at] == ' ')
        p->at++;
}

static bool is_same_word(const struct search_query *q, const struct query_token *a,
                         const struct query_token *b)
{
    const unsigned char *words = q->words.bytes;

    return a->prefix == b->prefix && a->exact_bytes == b->exact_bytes &&
           memcmp(words + a->exact, words + b->exact, a->exact_bytes) == 0;
}

static bool is_same_group(const struct search_query *q, const struct query_group *a,
                          const struct query_group *b)
{
    bool same = a->field == b->field && a->negated == b->negated &&
                a->is_range == b->is_range && a->from == b->from && a->to == b->to &&
                a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
        same = is_same_word(q, &q->tokens[a->first + i], &q->tokens[b->first + i]);
    return same;
}

#define GROUPS_TWICE_MAX 32

/* What was said before finds nothing else a second time: a word said twice weighs twice,
 * but behind the first groups none has weight. */
static void add_group(struct search_query *q, const struct query_group *g)
{
    for (size_t i = 0; i < q->groups_count && q->groups_count >= GROUPS_TWICE_MAX; i++)
        if (is_same_group(q, &q->groups[i], g)) {
            q->tokens_count = g->first;
            return;
        }
    q->groups[q->groups_count++] = *g;
}

static int take_group(struct parser *p, struct err *e)
{
    struct search_query *q = p->q;
    struct query_group g = {.first = q->tokens_count};
    size_t start, end;

    take_lead(p, &g);
    take_piece(p, &start, &end);
    if (g.field == SEARCH_FIELD_DATE)
        g.is_range = search_days_range(p->text + start, end - start, &g.from, &g.to);
    if (!g.is_range && tokens_each(p->text + start, end - start, word_add, q) != 0)
        return err_set(e, ERR_USAGE, "the query has too many words");
    g.count = q->tokens_count - g.first;
    if (g.count > 0 && end > start && p->text[end - 1] == '*')
        q->tokens[q->tokens_count - 1].prefix = true;
    if (g.count == 0 && !g.is_range)
        return 0;
    add_group(q, &g);
    /* Of what was said twice, the second is there no more to go on. */
    q->open = end == p->bytes && p->at == p->bytes && q->tokens_count > g.first;
    return 0;
}

static int parse(struct search_query *q, const char *text, size_t bytes, struct err *e)
{
    struct parser p = {q, text, bytes, 0};
    utf8proc_int32_t code;
    size_t width;

    for (size_t at = 0; at < bytes; at += width) {
        utf8proc_ssize_t got = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                (utf8proc_ssize_t)(bytes - at), &code);

        if (got <= 0)
            return err_set(e, ERR_USAGE, "the query is not UTF-8 at byte %zu", at);
        width = (size_t)got;
    }
    while ((width = peek(&p, p.at, &code)) > 0) {
        if (is_blank(code))
            p.at += width;
        else if (take_group(&p, e) != 0)
            return -1;
    }
    return buffer_check(&q->words, e);
}

/* One letter alone would begin nearly everything. */
static bool may_begin(const struct query_token *t)
{
    return t->folded_bytes > 1;
}

static void settle(struct search_query *q, bool typing)
{
    if (typing && q->open && q->tokens_count > 0 &&
        q->groups[q->groups_count - 1].count > 0)
        q->tokens[q->tokens_count - 1].prefix = true;
    for (size_t i = 0; i < q->tokens_count; i++)
        q->tokens[i].prefix = q->tokens[i].prefix && may_begin(&q->tokens[i]);
    for (size_t g = 0; g < q->groups_count; g++) {
        const struct query_group *x = &q->groups[g];

        q->asks = q->asks || !x->negated;
        for (size_t i = 0; i < x->count && !x->negated && x->field == SEARCH_FIELD_NONE;
             i++)
            q->accented = q->accented || q->tokens[x->first + i].accented;
    }
}

/* Hundreds of lists are read for each beginning, and a centre answers boxes between two
 * questions: a few kilobytes of beginnings would keep them waiting. */
static int check_beginnings(const struct search_query *q, struct err *e)
{
    size_t count = 0;

    for (size_t i = 0; i < q->tokens_count; i++)
        count += q->tokens[i].prefix;
    return count <= SEARCH_BEGINNINGS_MAX
               ? 0
               : err_set(e, ERR_USAGE, "more than %d beginnings of words",
                         SEARCH_BEGINNINGS_MAX);
}

int search_query_create(struct search_query **out, const char *text, bool typing,
                        struct err *e)
{
    int rc = -1;
    size_t bytes = strnlen(text, SEARCH_QUERY_BYTES_MAX + 1);
    struct search_query *q = NULL;
    struct buffer decoded;

    *out = NULL;
    if (bytes > SEARCH_QUERY_BYTES_MAX)
        return err_set(e, ERR_USAGE, "the query is longer than %d bytes",
                       SEARCH_QUERY_BYTES_MAX);
    buffer_init(&decoded, 4 * SEARCH_QUERY_BYTES_MAX);
    q = calloc(1, sizeof *q);
    if (q == NULL) {
        (void)err_set(e, ERR_MEMORY, "out of memory");
        goto out;
    }
    buffer_init(&q->words, WORDS_BYTES_MAX);
    if (legacy_decode(text, bytes, &decoded) != LEGACY_NONE) {
        if (buffer_check(&decoded, e) != 0)
            goto out;
        text = (const char *)decoded.bytes;
        bytes = decoded.count;
    }
    if (parse(q, text, bytes, e) != 0)
        goto out;
    settle(q, typing);
    if (check_beginnings(q, e) != 0)
        goto out;
    *out = q;
    q = NULL;
    rc = 0;
out:
    buffer_release(&decoded);
    search_query_destroy(q);
    return rc;
}

void search_query_destroy(struct search_query *q)
{
    if (q == NULL)
        return;
    buffer_release(&q->words);
    free(q);
}

size_t search_query_groups(const struct search_query *q, const struct query_group **out)
{
    *out = q->groups;
    return q->groups_count;
}

struct query_word search_query_word(const struct search_query *q, size_t word)
{
    const struct query_token *t = &q->tokens[word];

    return (struct query_word){.folded = (const char *)q->words.bytes + t->folded,
                               .exact = (const char *)q->words.bytes + t->exact,
                               .folded_bytes = t->folded_bytes,
                               .exact_bytes = t->exact_bytes,
                               .prefix = t->prefix};
}

bool search_query_asks(const struct search_query *q)
{
    return q->asks;
}

bool search_query_asks_text(const struct search_query *q)
{
    for (size_t i = 0; i < q->groups_count; i++)
        if (q->groups[i].field == SEARCH_FIELD_NONE && !q->groups[i].negated)
            return true;
    return false;
}

bool search_query_accented(const struct search_query *q)
{
    return q->accented;
}
