/* Search group: words of a question side by side, mostly one, and which slots of the
 * block at hand have them. */
#ifndef TRAM_SCHEMA_SEARCH_GROUP_H
#define TRAM_SCHEMA_SEARCH_GROUP_H

#include "schema/search/atom.h"

struct group {
    struct atom *atoms; /* its first; not owned */
    size_t count;
    bool negated;
    bool near;         /* slots that lack one of its words are looked for too */
    size_t *order;     /* owned: its words, the rarest first */
    uint16_t *times;   /* owned; NULL: not ranked */
    uint64_t pages;    /* slots that have it, in the blocks so far */
    struct bits bits;  /* in the block at hand, but for the dead */
    struct places run; /* where it begins, of words side by side */
};

/* Once its atoms are looked up. */
int group_order(struct group *g, struct err *e);
void group_release(struct group *g);

/* Reads g->bits, g->times of them, and of words side by side what each of them has. */
int group_read(struct group *g, sqlite3_stmt **atom_statements, uint64_t block,
               const struct bits *dead, struct err *e);

/* Where its words are side by side, of the slots in `only`, into g->run; the word number
 * `but` (SIZE_MAX: none) may be any. Leaves in `only` the slots that are left: a list is
 * not read when there are none. */
int group_follow(struct group *g, sqlite3_stmt **atom_statements, uint64_t block,
                 size_t but, struct bits *only, struct err *e);

#endif
