#include "schema/search_query.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buffer.h"
#include "schema/search.h"
#include "schema/tokenizer.h"

/* Two tokens have at least one byte between them. */
#define TOKENS_MAX (SEARCH_QUERY_BYTES_MAX / 2 + 1)

/* Both forms of all tokens; decomposing makes a byte into at most four. */
#define WORDS_BYTES_MAX      (16 * SEARCH_QUERY_BYTES_MAX)
#define EXPRESSION_BYTES_MAX (WORDS_BYTES_MAX + 8 * TOKENS_MAX)

#define FORMS 2

struct query_word {
    size_t start, bytes; /* in words */
    size_t same;         /* the first token with this form: the form's number */
};

struct query_phrase {
    size_t first, count; /* tokens */
};

struct search_query {
    struct buffer words;
    struct buffer expression;
    struct query_word tokens[TOKENS_MAX][FORMS];
    size_t tokens_count;
    struct query_phrase phrases[TOKENS_MAX];
    size_t phrases_count;
    bool accented;
};

/* ------------------------------------------------------------------- reading */

/* The number of a form: its first token's index, or tokens_count if it is new. */
static size_t form_number(const struct search_query *q, enum search_form form,
                          const char *word, size_t bytes)
{
    size_t i = 0;

    for (; i < q->tokens_count; i++) {
        const struct query_word *w = &q->tokens[i][form];

        if (w->bytes == bytes && memcmp(q->words.bytes + w->start, word, bytes) == 0)
            break;
    }
    return i;
}

static void word_add(struct search_query *q, enum search_form form, const char *word,
                     size_t bytes)
{
    q->tokens[q->tokens_count][form] =
        (struct query_word){q->words.count, bytes, form_number(q, form, word, bytes)};
    buffer_append(&q->words, word, bytes);
}

static int token_add(void *arg, const struct token *t)
{
    struct search_query *q = arg;

    if (q->tokens_count == TOKENS_MAX)
        return -1;
    word_add(q, SEARCH_FOLDED, t->folded, t->folded_bytes);
    word_add(q, SEARCH_EXACT, t->exact, t->exact_bytes);
    q->tokens_count++;
    q->accented = q->accented || t->accented;
    return 0;
}

/* A word between blanks, or what stood in quotes: one phrase, if it has a token. */
static int phrase_add(struct search_query *q, const char *text, size_t bytes)
{
    struct query_phrase phrase = {.first = q->tokens_count};

    if (tokens_each(text, bytes, token_add, q) != 0)
        return -1;
    phrase.count = q->tokens_count - phrase.first;
    if (phrase.count > 0)
        q->phrases[q->phrases_count++] = phrase;
    return 0;
}

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

static int parse(struct search_query *q, const char *text, size_t bytes, struct err *e)
{
    size_t at = 0, phrase = 0;
    bool quoted = false;

    while (at < bytes) {
        utf8proc_int32_t code;
        utf8proc_ssize_t width = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                  (utf8proc_ssize_t)(bytes - at), &code);

        if (width <= 0)
            return err_set(e, ERR_USAGE, "the query is not UTF-8 at byte %zu", at);
        if (is_quote(code) || (!quoted && is_blank(code))) {
            if (phrase_add(q, text + phrase, at - phrase) != 0)
                return err_set(e, ERR_USAGE, "the query has too many words");
            phrase = at + (size_t)width;
            quoted = quoted != is_quote(code);
        }
        at += (size_t)width;
    }
    if (phrase_add(q, text + phrase, bytes - phrase) != 0)
        return err_set(e, ERR_USAGE, "the query has too many words");
    return 0;
}

/* ------------------------------------------------------------------- writing */

/* Tokens are letters and digits only: in quotes there is nothing left to escape. */
static void write_phrase(struct search_query *q, const struct query_phrase *phrase)
{
    for (size_t i = 0; i < phrase->count; i++) {
        const struct query_word *w = &q->tokens[phrase->first + i][SEARCH_FOLDED];

        buffer_append_text(&q->expression, i == 0 ? "\"" : " + \"");
        buffer_append(&q->expression, q->words.bytes + w->start, w->bytes);
        buffer_append_text(&q->expression, "\"");
    }
}

static int write_expression(struct search_query *q, struct err *e)
{
    if (buffer_check(&q->words, e) != 0)
        return -1;
    buffer_append_text(&q->expression, "");
    for (size_t i = 0; i < q->phrases_count; i++) {
        if (i > 0)
            buffer_append_text(&q->expression, " AND ");
        write_phrase(q, &q->phrases[i]);
    }
    return buffer_check(&q->expression, e);
}

int search_query_create(struct search_query **out, const char *text, struct err *e)
{
    int rc = -1;
    size_t bytes = strnlen(text, SEARCH_QUERY_BYTES_MAX + 1);
    struct search_query *q = NULL;

    *out = NULL;
    if (bytes > SEARCH_QUERY_BYTES_MAX)
        return err_set(e, ERR_USAGE, "the query is longer than %d bytes",
                       SEARCH_QUERY_BYTES_MAX);
    q = calloc(1, sizeof *q);
    if (q == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    buffer_init(&q->words, WORDS_BYTES_MAX);
    buffer_init(&q->expression, EXPRESSION_BYTES_MAX);
    if (parse(q, text, bytes, e) != 0)
        goto out;
    if (write_expression(q, e) != 0)
        goto out;
    *out = q;
    q = NULL;
    rc = 0;
out:
    search_query_destroy(q);
    return rc;
}

void search_query_destroy(struct search_query *q)
{
    if (q == NULL)
        return;
    buffer_release(&q->words);
    buffer_release(&q->expression);
    free(q);
}

const char *search_query_expression(const struct search_query *q)
{
    return (const char *)q->expression.bytes;
}

bool search_query_accented(const struct search_query *q)
{
    return q->accented;
}

/* ------------------------------------------------------------------- finding */

/* The last tokens of the text, by the number of their form: a ring, because a
 * phrase looks back at most over the query's own count of tokens. */
struct finder {
    const struct search_query *q;
    enum search_form form;
    struct search_spans *spans;
    size_t starts[TOKENS_MAX];
    size_t numbers[TOKENS_MAX];
    size_t seen;
    bool found[TOKENS_MAX]; /* by phrase */
    size_t found_count;
};

/* Whether the phrase is what the text's last tokens say; its start in *start. */
static bool ends_here(const struct finder *f, const struct query_phrase *phrase,
                      size_t *start)
{
    if (f->seen < phrase->count)
        return false;
    for (size_t i = 0; i < phrase->count; i++) {
        size_t at = (f->seen - 1 - i) % TOKENS_MAX;
        size_t token = phrase->first + phrase->count - 1 - i;

        if (f->numbers[at] != f->q->tokens[token][f->form].same)
            return false;
        *start = f->starts[at];
    }
    return true;
}

static void found_add(struct finder *f, size_t phrase, size_t start, size_t end)
{
    struct search_spans *spans = f->spans;

    if (!f->found[phrase]) {
        f->found[phrase] = true;
        f->found_count++;
    }
    if (spans != NULL && spans->count < SEARCH_SPANS_MAX)
        spans->at[spans->count++] = (struct search_span){start, end, phrase};
}

static int finder_each(void *arg, const struct token *t)
{
    struct finder *f = arg;
    const struct search_query *q = f->q;
    bool exact = f->form == SEARCH_EXACT;
    size_t number = form_number(q, f->form, exact ? t->exact : t->folded,
                                exact ? t->exact_bytes : t->folded_bytes);

    f->starts[f->seen % TOKENS_MAX] = t->start;
    f->numbers[f->seen % TOKENS_MAX] = number;
    f->seen++;
    for (size_t i = 0; number < q->tokens_count && i < q->phrases_count; i++) {
        size_t start = 0;

        if (ends_here(f, &q->phrases[i], &start))
            found_add(f, i, start, t->end);
    }
    /* Nothing more to learn? */
    return f->found_count == q->phrases_count &&
           (f->spans == NULL || f->spans->count == SEARCH_SPANS_MAX);
}

static int by_start(const void *one, const void *other)
{
    const struct search_span *a = one, *b = other;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? 1 : a->end > b->end ? -1 : 0;
}

bool search_query_find(const struct search_query *q, enum search_form form,
                       const char *text, size_t bytes, struct search_spans *spans)
{
    struct finder f = {.q = q, .form = form, .spans = spans};

    if (spans != NULL)
        spans->count = 0;
    (void)tokens_each(text, bytes, finder_each, &f); /* it only stops early */
    if (spans != NULL)
        qsort(spans->at, spans->count, sizeof spans->at[0], by_start);
    return f.found_count == q->phrases_count;
}
