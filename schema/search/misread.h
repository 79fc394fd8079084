/* Search misread: what a question would find if one letter of one of its words were
 * wrong, in the block at hand. One in all: else every short word would be near to every
 * other. What is found as it is written is not told again. */
#ifndef TRAM_SCHEMA_SEARCH_MISREAD_H
#define TRAM_SCHEMA_SEARCH_MISREAD_H

#include "schema/search/group.h"
#include "schema/search/search.h"

struct misread {
    struct atom atom;    /* ATOM_NEAR */
    struct group *group; /* it stands for the word number `at` of that one */
    size_t at;
    struct bits hits; /* in the block at hand */
};

struct misreads {
    struct misread all[SEARCH_NEAR_WORDS_MAX];
    size_t count;
    uint16_t times[BLOCK_SLOTS_MAX];
};

/* The word has neighbours, and there is room for it. */
bool misreads_take(const struct misreads *m, const char *word, size_t bytes);
void misreads_add(struct misreads *m, struct group *g, size_t at);
void misreads_release(struct misreads *m);

/* Of the slots in `common`, with the groups read: leaves in `common` what is found, and
 * in the groups' times how often. */
int misreads_find(struct misreads *m, struct group *groups, size_t groups_count,
                  sqlite3_stmt **atom_statements, uint64_t block, struct bits *common,
                  struct err *e);

#endif
