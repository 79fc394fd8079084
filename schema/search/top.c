#include "schema/search/top.h"

#include <stdlib.h>
#include <string.h>

#define K1 1.2
#define B  0.75

void top_init(struct top *t, size_t terms)
{
    *t = (struct top){.terms = terms};
}

void top_release(struct top *t)
{
    free(t->hits);
    free(t->counts);
    *t = (struct top){0};
}

static bool grow(struct top *t)
{
    size_t capacity = t->capacity == 0 ? 1024 : 2 * t->capacity;
    struct match_hit *hits = realloc(t->hits, capacity * sizeof *hits);
    uint16_t *counts;

    if (hits == NULL)
        return false;
    t->hits = hits;
    counts = realloc(t->counts, capacity * (t->terms + 1) * sizeof *counts);
    if (counts == NULL)
        return false;
    t->counts = counts;
    t->capacity = capacity;
    return true;
}

uint16_t *top_add(struct top *t, uint64_t slot, uint16_t length)
{
    uint16_t *counts;

    if (t->count == t->capacity && !grow(t))
        return NULL;
    counts = t->counts + t->count * (t->terms + 1);
    counts[0] = length;
    t->hits[t->count++] = (struct match_hit){.slot = slot};
    t->total++;
    return counts + 1;
}

void top_score(struct top *t, const double *weights, double length_average)
{
    for (size_t i = 0; i < t->count; i++) {
        const uint16_t *counts = t->counts + i * (t->terms + 1);
        double norm = K1 * (1 - B + B * counts[0] / length_average), score = 0;

        for (size_t j = 0; j < t->terms; j++) {
            double times = counts[1 + j];

            score += weights[j] * (times * (K1 + 1)) / (times + norm);
        }
        t->hits[i].score = score;
    }
}

/* Whether a comes before b. */
static bool before(const struct match_hit *a, const struct match_hit *b, bool best)
{
    if (!best)
        return a->slot > b->slot;
    return a->score != b->score ? a->score > b->score : a->slot < b->slot;
}

static int by_best(const void *a, const void *b)
{
    return before(a, b, true) ? -1 : before(b, a, true);
}

static int by_newest(const void *a, const void *b)
{
    return before(a, b, false) ? -1 : before(b, a, false);
}

/* The heap's root is the last of those kept. */
static void sift(struct match_hit *heap, size_t count, size_t at, bool best)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        struct match_hit swap = heap[at];

        if (child + 1 < count && before(&heap[child], &heap[child + 1], best))
            child++;
        if (!before(&heap[at], &heap[child], best))
            return;
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

int top_take(struct top *t, bool best, size_t count, struct match_hit **out,
             size_t *out_count, struct err *e)
{
    size_t kept = t->count < count ? t->count : count;
    struct match_hit *heap = malloc((kept + 1) * sizeof *heap);

    if (heap == NULL)
        return err_set(e, ERR_MEMORY, "hits");
    if (kept > 0)
        memcpy(heap, t->hits, kept * sizeof *heap);
    for (size_t i = kept / 2; i-- > 0;)
        sift(heap, kept, i, best);
    for (size_t i = kept; kept > 0 && i < t->count; i++) {
        if (!before(&t->hits[i], &heap[0], best))
            continue;
        heap[0] = t->hits[i];
        sift(heap, kept, 0, best);
    }
    qsort(heap, kept, sizeof *heap, best ? by_best : by_newest);
    *out = heap;
    *out_count = kept;
    return 0;
}
