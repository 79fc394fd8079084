#include "schema/search/group.h"

#include <string.h>

static void take_places(struct group *g, const struct places *p)
{
    for (size_t i = 0; i < p->count; i++) {
        uint32_t slot = (uint32_t)(p->at[i] >> 32);

        if (g->times != NULL && !bits_has(&g->bits, slot))
            g->times[slot] = 0;
        if (g->times != NULL && g->times[slot] < UINT16_MAX)
            g->times[slot]++;
        bits_set(&g->bits, slot);
    }
}

/* Words side by side, whose places are read. */
static void follow(struct group *g)
{
    for (size_t i = 1; i < g->count; i++)
        places_follow(&g->atoms[0].places, &g->atoms[i].places, (uint32_t)i);
    take_places(g, &g->atoms[0].places);
}

/* Words side by side, in a block: first which slots have all of them. */
static int read_phrase(struct group *g, sqlite3_stmt **statements, uint64_t block,
                       struct err *e)
{
    struct bits all;

    memset(&all, 0xff, sizeof all);
    for (size_t i = 0; i < g->count; i++) {
        struct bits has = {0};

        if (atom_read(&g->atoms[i], statements, block, &has, NULL, e) != 0)
            return -1;
        bits_and(&all, &has);
    }
    if (!bits_any(&all))
        return 0;
    for (size_t i = 0; i < g->count; i++)
        if (atom_read_places(&g->atoms[i], statements, block, &all, e) != 0)
            return -1;
    follow(g);
    return 0;
}

int group_read(struct group *g, sqlite3_stmt **statements, uint64_t block,
               const struct bits *dead, struct err *e)
{
    memset(&g->bits, 0, sizeof g->bits);
    if (block == 0)
        follow(g);
    else if (g->count > 1
                 ? read_phrase(g, statements, block, e) != 0
                 : atom_read(&g->atoms[0], statements, block, &g->bits, g->times, e) != 0)
        return -1;
    bits_but(&g->bits, dead);
    g->pages += bits_count(&g->bits);
    return 0;
}
