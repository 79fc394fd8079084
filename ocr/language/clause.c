#include "ocr/language/clause.h"

#include <float.h>

#include "ocr/language/bigram.h"

struct step {
    float cost;   /* of the way to here */
    uint8_t from; /* candidate of the word before */
};

struct lattice {
    struct step steps[CLAUSE_WORDS_MAX][CANDIDATES_MAX + 1];
};

static void step_to(struct lattice *l, const struct clause *c, size_t at, size_t which)
{
    const struct candidates *before = at > 0 ? &c->words[at - 1].candidates : NULL;
    const struct candidate *to = &c->words[at].candidates.all[which];
    struct step *s = &l->steps[at][which];

    if (before == NULL) {
        *s = (struct step){bigram_cost(c->before, to->place) + to->cost, 0};
        return;
    }
    *s = (struct step){FLT_MAX, 0};
    for (size_t i = 0; i < before->count; i++) {
        float cost =
            l->steps[at - 1][i].cost + bigram_cost(before->all[i].place, to->place);

        if (cost < s->cost)
            *s = (struct step){cost, (uint8_t)i};
    }
    s->cost += to->cost;
}

static uint8_t cheapest_end(const struct lattice *l, const struct clause *c, bool ends)
{
    size_t last = c->count - 1;
    float best = FLT_MAX;
    uint8_t which = 0;

    for (size_t i = 0; i < c->words[last].candidates.count; i++) {
        uint16_t place = c->words[last].candidates.all[i].place;
        float cost = l->steps[last][i].cost;

        if (ends && place != BIGRAM_NO_WORD)
            cost += bigram_cost(place, bigram_edge());
        if (cost < best) {
            best = cost;
            which = (uint8_t)i;
        }
    }
    return which;
}

void clause_choose(const struct clause *c, bool ends, uint8_t *chosen)
{
    struct lattice l = {0};

    if (c->count == 0)
        return;
    for (size_t at = 0; at < c->count; at++)
        for (size_t i = 0; i < c->words[at].candidates.count; i++)
            step_to(&l, c, at, i);
    chosen[c->count - 1] = cheapest_end(&l, c, ends);
    for (size_t at = c->count - 1; at > 0; at--)
        chosen[at - 1] = l.steps[at][chosen[at]].from;
}
