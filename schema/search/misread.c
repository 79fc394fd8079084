#include "schema/search/misread.h"

#include <string.h>

#include "schema/search/near.h"

bool misreads_take(const struct misreads *m, const char *word, size_t bytes)
{
    return m->count < SEARCH_NEAR_WORDS_MAX && near_has(word, bytes);
}

void misreads_add(struct misreads *m, struct group *g, size_t at)
{
    m->all[m->count++] = (struct misread){.atom = {.kind = ATOM_NEAR,
                                                   .word = g->atoms[at].word,
                                                   .bytes = g->atoms[at].bytes},
                                          .group = g,
                                          .at = at};
}

void misreads_release(struct misreads *m)
{
    for (size_t i = 0; i < m->count; i++)
        atom_release(&m->all[i].atom);
}

/* Slots that have all the other words, but not this one. */
static void others_of(const struct misread *x, const struct group *groups, size_t count,
                      struct bits *common)
{
    for (size_t i = 0; i < count; i++) {
        const struct group *g = &groups[i];

        if (g == x->group)
            bits_but(common, &g->bits);
        else if (!g->negated)
            bits_and(common, &g->bits);
        for (size_t j = 0; g == x->group && j < g->count; j++)
            if (j != x->at)
                bits_and(common, &g->atoms[j].has);
    }
}

static void keep_times(const struct misreads *m, const struct misread *x)
{
    for (size_t i = 0; x->group->times != NULL && i < BITS_WORDS; i++)
        for (uint64_t left = x->hits.at[i]; left != 0; left &= left - 1) {
            size_t slot = i * 64 + (size_t)__builtin_ctzll(left);

            x->group->times[slot] = m->times[slot];
        }
}

static int read_alone(struct misreads *m, struct misread *x, sqlite3_stmt **statements,
                      uint64_t block, const struct bits *others, struct err *e)
{
    if (atom_read(&x->atom, statements, block, &x->hits, m->times, e) != 0)
        return -1;
    bits_and(&x->hits, others);
    keep_times(m, x);
    return 0;
}

/* Of words side by side: first where the others are, which is seldom anywhere. */
static int read_beside(struct misreads *m, struct misread *x, sqlite3_stmt **statements,
                       uint64_t block, struct bits *others, struct err *e)
{
    struct group *g = x->group;

    if (group_follow(g, statements, block, x->at, others, e) != 0)
        return -1;
    if (!bits_any(others))
        return 0;
    if (atom_read_places(&x->atom, statements, block, others, e) != 0)
        return -1;
    places_follow(&g->run, &x->atom.places, (uint32_t)x->at);
    places_tell(&g->run, &x->hits, m->times);
    keep_times(m, x);
    return 0;
}

int misreads_find(struct misreads *m, struct group *groups, size_t groups_count,
                  sqlite3_stmt **statements, uint64_t block, struct bits *common,
                  struct err *e)
{
    struct bits found = {0};

    for (size_t i = 0; i < m->count; i++) {
        struct misread *x = &m->all[i];
        struct bits others = *common;

        memset(&x->hits, 0, sizeof x->hits);
        others_of(x, groups, groups_count, &others);
        if (bits_any(&others) &&
            (x->group->count == 1
                 ? read_alone(m, x, statements, block, &others, e)
                 : read_beside(m, x, statements, block, &others, e)) != 0)
            return -1;
        bits_or(&found, &x->hits);
    }
    *common = found;
    return 0;
}
