/* Finding a query's groups in a text. */
#include <stdlib.h>
#include <string.h>

#include "schema/search/near.h"
#include "schema/search/query_internal.h"
#include "schema/tokenizer.h"

#define MASK_WORDS ((TOKENS_MAX + 63) / 64)
#define TONE_BYTES 2 /* a combining tone in UTF-8 */

/* The last words of the text, by which of the query's they are: a ring, because a group
 * looks back at most over the query's own count of words. */
struct finder {
    const struct search_query *q;
    enum search_form form;
    struct search_spans *spans;
    size_t only; /* this group and no other; SIZE_MAX: all of the text's */
    size_t starts[TOKENS_MAX];
    uint64_t masks[TOKENS_MAX][MASK_WORDS];
    size_t seen;
    bool found[2 * TOKENS_MAX]; /* by group */
    size_t wanted, found_count;
};

static bool begins(const char *word, size_t bytes, const char *with, size_t with_bytes)
{
    return bytes >= with_bytes && memcmp(word, with, with_bytes) == 0;
}

static bool equals(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    return a_bytes == b_bytes && memcmp(a, b, b_bytes) == 0;
}

/* The exact form ends with its tone, U+0300, 0301, 0303, 0309 or 0323. */
static size_t tone_bytes(const char *exact, size_t bytes)
{
    const unsigned char *tone = (const unsigned char *)exact + bytes - TONE_BYTES;

    if (bytes <= TONE_BYTES || tone[0] != 0xcc)
        return 0;
    return tone[1] == 0x80 || tone[1] == 0x81 || tone[1] == 0x83 || tone[1] == 0x89 ||
                   tone[1] == 0xa3
               ? TONE_BYTES
               : 0;
}

/* What was typed of a word, as it was typed: the tone may stand on a later letter. */
static bool begins_exactly(const struct token *t, const char *typed, size_t bytes)
{
    size_t tone = tone_bytes(typed, bytes);

    return begins(t->exact, t->exact_bytes, typed, bytes - tone) &&
           (tone == 0 ||
            (tone_bytes(t->exact, t->exact_bytes) == tone &&
             memcmp(t->exact + t->exact_bytes - tone, typed + bytes - tone, tone) == 0));
}

static bool matches(const struct finder *f, const struct query_token *w,
                    const struct token *t)
{
    const char *folded = (const char *)f->q->words.bytes + w->folded;
    const char *exact = (const char *)f->q->words.bytes + w->exact;

    switch (f->form) {
    case SEARCH_EXACT:
        return w->prefix ? begins_exactly(t, exact, w->exact_bytes)
                         : equals(t->exact, t->exact_bytes, exact, w->exact_bytes);
    case SEARCH_NEAR:
        if (near_is(folded, w->folded_bytes, t->folded, t->folded_bytes))
            return true;
        /* fall through */
    case SEARCH_FOLDED:
        return w->prefix ? begins(t->folded, t->folded_bytes, folded, w->folded_bytes)
                         : equals(t->folded, t->folded_bytes, folded, w->folded_bytes);
    }
    return false;
}

static bool counts(const struct finder *f, size_t group)
{
    const struct query_group *g = &f->q->groups[group];

    if (f->only != SIZE_MAX)
        return group == f->only && g->count > 0;
    return g->field == SEARCH_FIELD_NONE;
}

/* Whether the group is what the text's last words say; its start in *start. */
static bool ends_here(const struct finder *f, const struct query_group *g, size_t *start)
{
    if (f->seen < g->count)
        return false;
    for (size_t i = 0; i < g->count; i++) {
        size_t at = (f->seen - 1 - i) % TOKENS_MAX;
        size_t token = g->first + g->count - 1 - i;

        if ((f->masks[at][token / 64] >> token % 64 & 1) == 0)
            return false;
        *start = f->starts[at];
    }
    return true;
}

static void found_add(struct finder *f, size_t group, size_t start, size_t end)
{
    const struct query_group *g = &f->q->groups[group];
    struct search_spans *spans = f->spans;

    if (!f->found[group]) {
        f->found[group] = true;
        f->found_count += !g->negated || f->only != SIZE_MAX;
    }
    if (spans != NULL && spans->count < SEARCH_SPANS_MAX && !g->negated)
        spans->at[spans->count++] =
            (struct search_span){start, end, group, f->seen - g->count, g->count};
}

static int finder_each(void *arg, const struct token *t)
{
    struct finder *f = arg;
    const struct search_query *q = f->q;
    size_t at = f->seen % TOKENS_MAX;
    bool any = false;

    f->starts[at] = t->start;
    memset(f->masks[at], 0, sizeof f->masks[at]);
    for (size_t i = 0; i < q->tokens_count; i++)
        if (matches(f, &q->tokens[i], t)) {
            f->masks[at][i / 64] |= (uint64_t)1 << i % 64;
            any = true;
        }
    f->seen++;
    for (size_t i = 0; any && i < q->groups_count; i++) {
        size_t start = 0;

        if (counts(f, i) && q->groups[i].count > 0 && ends_here(f, &q->groups[i], &start))
            found_add(f, i, start, t->end);
    }
    /* Nothing more to learn? */
    return f->form == SEARCH_EXACT && f->spans == NULL && f->found_count == f->wanted;
}

static int by_start(const void *one, const void *other)
{
    const struct search_span *a = one, *b = other;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? 1 : a->end > b->end ? -1 : 0;
}

/* As search_query_find(), of all groups or one. NULL from calloc(): found nothing. */
static bool find(const struct search_query *q, enum search_form form, size_t only,
                 const char *text, size_t bytes, struct search_spans *spans)
{
    struct finder *f = calloc(1, sizeof *f);
    bool all;

    if (spans != NULL)
        spans->count = 0;
    if (f == NULL)
        return false;
    f->q = q;
    f->form = form;
    f->only = only;
    f->spans = spans;
    for (size_t i = 0; i < q->groups_count; i++)
        f->wanted += counts(f, i) && (only != SIZE_MAX || !q->groups[i].negated);
    (void)tokens_each(text, bytes, finder_each, f); /* it only stops early */
    all = f->found_count == f->wanted;
    for (size_t i = 0; i < q->groups_count && form != SEARCH_EXACT && only == SIZE_MAX;
         i++)
        all = all && !(q->groups[i].negated && f->found[i]);
    if (spans != NULL)
        qsort(spans->at, spans->count, sizeof spans->at[0], by_start);
    free(f);
    return all;
}

bool search_query_find(const struct search_query *q, enum search_form form,
                       const char *text, size_t bytes, struct search_spans *spans)
{
    return find(q, form, SIZE_MAX, text, bytes, spans);
}

bool search_query_find_group(const struct search_query *q, size_t group, const char *text,
                             size_t bytes)
{
    return find(q, SEARCH_FOLDED, group, text, bytes, NULL);
}
