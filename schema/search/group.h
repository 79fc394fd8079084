/* Search group: words of a question side by side, mostly one, and which slots of the
 * block at hand have them. */
#ifndef TRAM_SCHEMA_SEARCH_GROUP_H
#define TRAM_SCHEMA_SEARCH_GROUP_H

#include "schema/search/atom.h"

struct group {
    struct atom *atoms; /* its first; not owned */
    size_t count;
    bool negated;
    uint16_t *times;  /* owned; NULL: not ranked */
    uint64_t pages;   /* slots that have it, in the blocks so far */
    struct bits bits; /* in the block at hand, but for the dead */
};

/* Reads g->bits, and g->times of them. Block 0 is the fresh one, whose atoms' places are
 * read already. */
int group_read(struct group *g, sqlite3_stmt **atom_statements, uint64_t block,
               const struct bits *dead, struct err *e);

#endif
