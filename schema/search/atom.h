/* Search atom: one word of a question as a set of words of the vocabulary, and where
 * those are in the block at hand: as bits, and if asked for with their places. */
#ifndef TRAM_SCHEMA_SEARCH_ATOM_H
#define TRAM_SCHEMA_SEARCH_ATOM_H

#include <sqlite3.h>

#include "schema/search/places.h"

enum atom_kind {
    ATOM_WORD,
    ATOM_PREFIX, /* any that begins with it */
    ATOM_NEAR,   /* any that one letter makes it: near.h */
    ATOM_YEARS,  /* any number of four digits within a range */
};

struct atom {
    enum atom_kind kind;
    const char *word; /* the query's */
    size_t bytes;
    uint32_t year_from, year_to;
    uint32_t *numbers; /* owned: of the vocabulary */
    size_t numbers_count;
    uint64_t pages; /* in so many slots of the blocks, about */
    bool narrowed;  /* there were more */
    uint64_t work;  /* bytes of lists that were read */
    struct places places;
    struct bits has; /* slots of the block at hand; of words side by side only */
};

/* Looks the words up. The statements of atom_statements(). */
int atom_look_up(struct atom *a, sqlite3_stmt **statements, struct err *e);
void atom_release(struct atom *a);

/* Whether a word of a text is one of them. */
bool atom_is(const struct atom *a, const char *word, size_t bytes);

enum { ATOM_FIND, ATOM_RANGE, ATOM_SLOTS, ATOM_PLACES, ATOM_STATEMENTS };
extern const char *const atom_sql[ATOM_STATEMENTS];

/* Where it is in the block of that number; 0: the fresh one, whose places are read
 * already. `times` (may be NULL) gets how often, for the bits that are set. */
int atom_read(struct atom *a, sqlite3_stmt **statements, uint64_t block,
              struct bits *bits, uint16_t *times, struct err *e);
/* Into a->places, of the slots in `only`. */
int atom_read_places(struct atom *a, sqlite3_stmt **statements, uint64_t block,
                     const struct bits *only, struct err *e);

#endif
