/* Search narrow: which slots a person's filters leave, and in the order of their papers'
 * days. */
#ifndef TRAM_SCHEMA_SEARCH_NARROW_H
#define TRAM_SCHEMA_SEARCH_NARROW_H

#include "schema/search/match.h"
#include "schema/search/tags.h"

struct narrow {
    struct tags_reader *tags; /* owned */
    bool any;                 /* something is left out */
    bool nothing;             /* nobody has what is asked for */
    struct tags wanted;       /* 0: any; of the day only the year */
};

/* The caller ends it, after failure too. Inside a snapshot. */
int narrow_begin(struct narrow *n, sqlite3 *db, const struct search_filter *f,
                 struct err *e);
void narrow_end(struct narrow *n); /* a zeroed one is fine */

/* All slots that are left, ascending; the caller frees *slots, never NULL: none is a list
 * too. */
int narrow_slots(struct narrow *n, uint64_t **slots, size_t *count, struct err *e);

/* Keeps of these those that are left, in their order. */
int narrow_keep(struct narrow *n, uint64_t *slots, size_t *count, struct err *e);

/* Sorts them: the latest day first, what has none last; of equals the newest slot first.
 * Scores are written over. */
int narrow_by_day(struct narrow *n, struct match_hit *hits, size_t count, struct err *e);

#endif
