#include "tests/bench/suspects/align.h"

#include <stdlib.h>
#include <string.h>

/* A word that took another's place is nearer than one too few and one too many, and
 * nearer still if both begin or end alike. */
#define GAP_COST     3
#define OTHER_COST   5
#define SIMILAR_COST 4

struct matrix {
    uint32_t *costs; /* owned; rows by what was read */
    size_t columns;
};

static uint32_t *cost_at(const struct matrix *m, size_t row, size_t column)
{
    return &m->costs[row * m->columns + column];
}

bool aligned_same(const struct aligned_word *a, const struct aligned_word *b)
{
    return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof *a->at) == 0;
}

static uint32_t other_cost(const struct aligned_word *a, const struct aligned_word *b)
{
    if (aligned_same(a, b))
        return 0;
    return a->at[0] == b->at[0] || a->at[a->count - 1] == b->at[b->count - 1]
               ? SIMILAR_COST
               : OTHER_COST;
}

int align_split(struct aligned_word **out, size_t *count, const struct points *p,
                struct err *e)
{
    struct aligned_word *words = calloc(p->count / 2 + 1, sizeof *words);
    size_t n = 0;

    *out = NULL;
    *count = 0;
    if (words == NULL)
        return err_set(e, ERR_MEMORY, "words");
    for (size_t at = 0; at < p->count; n++) {
        size_t end = at;

        while (end < p->count && p->at[end] != ' ')
            end++;
        words[n] = (struct aligned_word){p->at + at, end - at};
        at = end + 1;
    }
    *out = words;
    *count = n;
    return 0;
}

static void fill(const struct matrix *m, const struct aligned_word *read, size_t rows,
                 const struct aligned_word *truth)
{
    for (size_t j = 0; j < m->columns; j++)
        *cost_at(m, 0, j) = (uint32_t)j * GAP_COST;
    for (size_t i = 1; i <= rows; i++) {
        *cost_at(m, i, 0) = (uint32_t)i * GAP_COST;
        for (size_t j = 1; j < m->columns; j++) {
            uint32_t least =
                *cost_at(m, i - 1, j - 1) + other_cost(&read[i - 1], &truth[j - 1]);

            if (*cost_at(m, i - 1, j) + GAP_COST < least)
                least = *cost_at(m, i - 1, j) + GAP_COST;
            if (*cost_at(m, i, j - 1) + GAP_COST < least)
                least = *cost_at(m, i, j - 1) + GAP_COST;
            *cost_at(m, i, j) = least;
        }
    }
}

/* Back from the end: what each word came from. */
static void follow(struct aligned_word *out, const struct matrix *m,
                   const struct aligned_word *read, size_t rows,
                   const struct aligned_word *truth)
{
    size_t i = rows, j = m->columns - 1;

    while (i > 0) {
        if (j > 0 && *cost_at(m, i, j) == *cost_at(m, i - 1, j - 1) +
                                              other_cost(&read[i - 1], &truth[j - 1]))
            out[--i] = truth[--j];
        else if (*cost_at(m, i, j) == *cost_at(m, i - 1, j) + GAP_COST)
            out[--i] = (struct aligned_word){0};
        else
            j--;
    }
}

int align_words(struct aligned_word **out, size_t *count, const struct points *truth,
                const struct points *read, struct err *e)
{
    struct aligned_word *said = NULL, *heard = NULL, *aligned = NULL;
    struct matrix m = {0};
    size_t said_count;
    int rc = -1;

    *out = NULL;
    if (align_split(&said, &said_count, truth, e) != 0 ||
        align_split(&heard, count, read, e) != 0)
        goto out;
    m.columns = said_count + 1;
    m.costs = calloc((*count + 1) * m.columns, sizeof *m.costs);
    aligned = calloc(*count + 1, sizeof *aligned);
    if (m.costs == NULL || aligned == NULL) {
        (void)err_set(e, ERR_MEMORY, "words of a page");
        goto out;
    }
    fill(&m, heard, *count, said);
    follow(aligned, &m, heard, *count, said);
    *out = aligned;
    aligned = NULL; /* now the caller's */
    rc = 0;
out:
    free(m.costs);
    free(said);
    free(heard);
    free(aligned);
    return rc;
}
