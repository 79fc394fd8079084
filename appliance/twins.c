#include "appliance/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/subsequence.h"
#include "base/words.h"
#include "schema/tokenizer.h"

#define SURE          85 /* per cent */
#define GAP_WORDS_MAX 4 /* a longer stretch that differs is lost text, not another word */
#define WORDS_MIN     8 /* fewer say nothing */
#define AGREEING_MIN  0.7  /* of the shorter one's words */
#define WORDS_A_SLIP  150  /* a reader is sure of something wrong once in so many words */
#define SPELLING_PART 0.34 /* letters that differ: more, and it is another word */

/* --------------------------------------------------------------- a page's words */

struct taking {
    struct twin_text *out;
    const struct layout *layout;
    const char *text;
    size_t at, word_end, number; /* the word that the walk has come to */
};

/* The confidence of the word that holds this byte. */
static uint8_t confidence_at(struct taking *t, size_t byte)
{
    const char *word;
    size_t bytes;

    while (byte >= t->word_end && words_next(t->text, &t->at, &word, &bytes)) {
        t->word_end = t->at;
        t->number++;
    }
    if (t->layout == NULL || t->number == 0 || t->number > t->layout->words_count)
        return 100;
    return t->layout->words[t->number - 1].confidence;
}

static int take_token(void *arg, const struct token *token)
{
    struct taking *t = arg;
    struct twin_word *w = &t->out->words[t->out->count];

    if (t->out->count == TWIN_WORDS_MAX)
        return 1;
    (void)snprintf(w->folded, sizeof w->folded, "%s", token->folded);
    w->confidence = confidence_at(t, token->start);
    w->has_digit = strpbrk(token->folded, "0123456789") != NULL;
    t->out->count++;
    return 0;
}

int twin_text_init(struct twin_text *out, const char *text, const struct layout *layout,
                   struct err *e)
{
    struct taking t = {.out = out, .layout = layout, .text = text};

    *out = (struct twin_text){.words = calloc(TWIN_WORDS_MAX, sizeof *out->words)};
    if (out->words == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a page's words");
    (void)tokens_each(text, strlen(text), take_token, &t); /* stops where it is full */
    return 0;
}

void twin_text_release(struct twin_text *t)
{
    free(t->words);
    *t = (struct twin_text){0};
}

/* -------------------------------------------------------------------- two pages */

struct comparing {
    const struct twin_text *a, *b;
    struct subsequence common; /* words of both */
    struct twin_verdict *out;
};

static bool same(const void *arg, size_t i, size_t j)
{
    const struct comparing *c = arg;

    return strcmp(c->a->words[i].folded, c->b->words[j].folded) == 0;
}

/* Letters to be put in, left out or changed; of words this short a row is enough. */
static size_t distance(const char *a, const char *b)
{
    size_t row[TWIN_WORD_BYTES], na = strlen(a), nb = strlen(b);

    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t before = row[0];

        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t kept = before + (a[i - 1] != b[j - 1]);

            before = row[j];
            row[j] = row[j] + 1 < kept ? row[j] + 1 : kept;
            if (row[j - 1] + 1 < row[j])
                row[j] = row[j - 1] + 1;
        }
    }
    return row[nb];
}

/* How much these two speak against one paper: both sure, and no spelling of one another. A
 * number is never a matter of spelling, and two permits of one day differ in nothing else:
 * one is enough. */
static unsigned contradict(const struct twin_word *a, const struct twin_word *b)
{
    size_t na = strlen(a->folded), nb = strlen(b->folded);

    if (a->confidence < SURE || b->confidence < SURE)
        return 0;
    if (a->has_digit && b->has_digit)
        return 2;
    return (double)distance(a->folded, b->folded) >
           SPELLING_PART * (double)(na > nb ? na : nb);
}

/* What stands between two words that both hold: `na` words here, `nb` there. */
static void judge_gap(struct comparing *c, size_t i, size_t na, size_t j, size_t nb)
{
    size_t pairs = na < nb ? na : nb;

    if (na > GAP_WORDS_MAX || nb > GAP_WORDS_MAX)
        return;
    for (size_t k = 0; k < pairs; k++)
        c->out->contradicted += contradict(&c->a->words[i + k], &c->b->words[j + k]);
}

static void walk(struct comparing *c)
{
    size_t i = 0, j = 0, gap_i = 0, gap_j = 0;

    while (i < c->a->count && j < c->b->count) {
        if (same(c, i, j)) {
            judge_gap(c, gap_i, i - gap_i, gap_j, j - gap_j);
            c->out->agreeing++;
            gap_i = ++i;
            gap_j = ++j;
        } else if (subsequence_from(&c->common, i + 1, j) >=
                   subsequence_from(&c->common, i, j + 1)) {
            i++;
        } else {
            j++;
        }
    }
    judge_gap(c, gap_i, c->a->count - gap_i, gap_j, c->b->count - gap_j);
}

int twins_compare(const struct twin_text *a, const struct twin_text *b,
                  struct twin_verdict *out, struct err *e)
{
    struct comparing c = {.a = a, .b = b, .out = out};

    *out = (struct twin_verdict){.fewer = a->count < b->count ? a->count : b->count};
    if (subsequence_init(&c.common, a->count, b->count, same, &c, e) != 0)
        return -1;
    walk(&c);
    subsequence_release(&c.common);
    out->is_twin = out->fewer >= WORDS_MIN &&
                   (double)out->agreeing >= AGREEING_MIN * (double)out->fewer &&
                   out->contradicted <= 1 + out->fewer / WORDS_A_SLIP;
    return 0;
}
