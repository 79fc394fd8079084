/* Search group: words of a question side by side, mostly one, and which slots of the
 * block at hand have them. */
#ifndef TRAM_SCHEMA_SEARCH_GROUP_H
#define TRAM_SCHEMA_SEARCH_GROUP_H

#include "schema/search/atom.h"

struct group {
    struct atom *atoms; /* its first; not owned */
    size_t count;
    bool negated;
    uint16_t *times;   /* owned; NULL: not ranked */
    uint64_t pages;    /* slots that have it, in the blocks so far */
    struct bits bits;  /* in the block at hand, but for the dead */
    struct places run; /* where it begins, of words side by side */
};

void group_release(struct group *g);

/* Reads g->bits, g->times of them, and of words side by side what each of them has. */
int group_read(struct group *g, sqlite3_stmt **atom_statements, uint64_t block,
               const struct bits *dead, struct err *e);

/* Where its words are side by side, by their places, into g->run; `other` (may be NULL)
 * stands for the word number `at` of it. */
int group_follow(struct group *g, const struct atom *other, size_t at, struct err *e);

#endif
