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

/* What has a neighbour of the word and all others; of words side by side, somewhere. */
static int read_one(struct misreads *m, struct misread *x, sqlite3_stmt **statements,
                    uint64_t block, const struct bits *others, struct err *e)
{
    memset(&x->hits, 0, sizeof x->hits);
    if (!bits_any(others))
        return 0;
    if (atom_read(&x->atom, statements, block, &x->hits,
                  x->group->count == 1 ? m->times : NULL, e) != 0)
        return -1;
    bits_and(&x->hits, others);
    if (x->group->count == 1)
        keep_times(m, x);
    return 0;
}

/* Of the words side by side of x's group: those that are. */
static int follow_one(struct misreads *m, struct misread *x, sqlite3_stmt **statements,
                      uint64_t block, struct err *e)
{
    struct bits found = {0};

    if (!bits_any(&x->hits))
        return 0;
    if (atom_read_places(&x->atom, statements, block, &x->hits, e) != 0 ||
        group_follow(x->group, &x->atom, x->at, e) != 0)
        return -1;
    places_tell(&x->group->run, &found, m->times);
    bits_and(&x->hits, &found);
    keep_times(m, x);
    return 0;
}

/* Those of one group, which begin at `first`. */
static int follow(struct misreads *m, size_t first, size_t end, sqlite3_stmt **statements,
                  uint64_t block, struct err *e)
{
    struct group *g = m->all[first].group;
    struct bits any = {0};

    for (size_t i = first; i < end; i++)
        bits_or(&any, &m->all[i].hits);
    if (g->count == 1 || !bits_any(&any))
        return 0;
    for (size_t i = 0; i < g->count; i++)
        if (atom_read_places(&g->atoms[i], statements, block, &any, e) != 0)
            return -1;
    for (size_t i = first; i < end; i++)
        if (follow_one(m, &m->all[i], statements, block, e) != 0)
            return -1;
    return 0;
}

int misreads_find(struct misreads *m, struct group *groups, size_t groups_count,
                  sqlite3_stmt **statements, uint64_t block, struct bits *common,
                  struct err *e)
{
    for (size_t i = 0; i < m->count; i++) {
        struct bits others = *common;

        others_of(&m->all[i], groups, groups_count, &others);
        if (read_one(m, &m->all[i], statements, block, &others, e) != 0)
            return -1;
    }
    memset(common, 0, sizeof *common);
    for (size_t i = 0, end; i < m->count; i = end) {
        end = i + 1;
        while (end < m->count && m->all[end].group == m->all[i].group)
            end++;
        if (follow(m, i, end, statements, block, e) != 0)
            return -1;
        for (size_t j = i; j < end; j++)
            bits_or(common, &m->all[j].hits);
    }
    return 0;
}
