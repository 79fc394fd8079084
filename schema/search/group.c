#include "schema/search/group.h"

#include <stdlib.h>
#include <string.h>

void group_release(struct group *g)
{
    free(g->times);
    free(g->run.at);
}

int group_follow(struct group *g, const struct atom *other, size_t at, struct err *e)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct atom *a = other != NULL && i == at ? other : &g->atoms[i];

        if (i > 0)
            places_follow(&g->run, &a->places, (uint32_t)i);
        else if (places_copy(&g->run, &a->places, e) != 0)
            return -1;
    }
    return 0;
}

/* First which slots have all of the words, then where. */
static int read_phrase(struct group *g, sqlite3_stmt **statements, uint64_t block,
                       struct err *e)
{
    struct bits all;

    memset(&all, 0xff, sizeof all);
    for (size_t i = 0; i < g->count; i++) {
        struct bits *has = &g->atoms[i].has;

        memset(has, 0, sizeof *has);
        if (atom_read(&g->atoms[i], statements, block, has, NULL, e) != 0)
            return -1;
        bits_and(&all, has);
    }
    if (!bits_any(&all))
        return 0;
    for (size_t i = 0; i < g->count; i++)
        if (atom_read_places(&g->atoms[i], statements, block, &all, e) != 0)
            return -1;
    if (group_follow(g, NULL, 0, e) != 0)
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
