#include "schema/search/group.h"

#include <stdlib.h>
#include <string.h>

int group_order(struct group *g, struct err *e)
{
    g->order = calloc(g->count + 1, sizeof *g->order);
    if (g->order == NULL)
        return err_set(e, ERR_MEMORY, "search");
    for (size_t i = 0; i < g->count; i++) {
        size_t at = i;

        for (; at > 0 && g->atoms[g->order[at - 1]].pages > g->atoms[i].pages; at--)
            g->order[at] = g->order[at - 1];
        g->order[at] = i;
    }
    return 0;
}

void group_release(struct group *g)
{
    free(g->times);
    free(g->order);
    free(g->run.at);
}

int group_follow(struct group *g, sqlite3_stmt **statements, uint64_t block, size_t but,
                 struct bits *only, struct err *e)
{
    bool begun = false;

    g->run.count = 0;
    for (size_t i = 0; i < g->count; i++) {
        size_t at = g->order[i];

        if (at == but)
            continue;
        if (!bits_any(only))
            return 0;
        if (atom_read_places(&g->atoms[at], statements, block, only, e) != 0)
            return -1;
        if (begun) {
            places_follow(&g->run, &g->atoms[at].places, (uint32_t)at);
            memset(only, 0, sizeof *only);
            places_tell(&g->run, only, NULL);
        } else if (places_begin(&g->run, &g->atoms[at].places, only, (uint32_t)at, e) !=
                   0)
            return -1;
        begun = true;
    }
    return 0;
}

/* Slots that lack one word at most, when there was `all` that lacks none. */
static void lack_one(struct bits *one, const struct bits *all, const struct bits *has)
{
    for (size_t i = 0; i < BITS_WORDS; i++)
        one->at[i] = (one->at[i] & has->at[i]) | (all->at[i] & ~has->at[i]);
}

/* First which slots have all of the words, then where. A word's list is not read when no
 * slot is left. */
static int read_phrase(struct group *g, sqlite3_stmt **statements, uint64_t block,
                       struct err *e)
{
    struct bits all, one;

    memset(&all, 0xff, sizeof all);
    memset(&one, g->near ? 0xff : 0, sizeof one);
    for (size_t i = 0; i < g->count; i++) {
        struct atom *a = &g->atoms[g->order[i]];

        memset(&a->has, 0, sizeof a->has);
        if (!bits_any(g->near ? &one : &all))
            continue;
        if (atom_read(a, statements, block, &a->has, NULL, e) != 0)
            return -1;
        if (g->near)
            lack_one(&one, &all, &a->has);
        bits_and(&all, &a->has);
    }
    if (group_follow(g, statements, block, SIZE_MAX, &all, e) != 0)
        return -1;
    places_tell(&g->run, &g->bits, g->times);
    return 0;
}

int group_read(struct group *g, sqlite3_stmt **statements, uint64_t block,
               const struct bits *dead, struct err *e)
{
    memset(&g->bits, 0, sizeof g->bits);
    if (g->count > 1
            ? read_phrase(g, statements, block, e) != 0
            : atom_read(&g->atoms[0], statements, block, &g->bits, g->times, e) != 0)
        return -1;
    bits_but(&g->bits, dead);
    g->pages += bits_count(&g->bits);
    return 0;
}
