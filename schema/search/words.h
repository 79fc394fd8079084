/* Search words: a set of words, each with the list that is being written of it. Hashed,
 * because a block's text names its few thousand words a hundred thousand times. */
#ifndef TRAM_SCHEMA_SEARCH_WORDS_H
#define TRAM_SCHEMA_SEARCH_WORDS_H

#include "schema/search/list.h"

struct words_entry {
    size_t at; /* of the word's bytes */
    size_t bytes;
    uint64_t number; /* the caller's */
    struct list_writer list;
};

struct words_set {
    struct buffer text; /* all words, one behind the other */
    struct words_entry
        *entries; /* owned, in the order of coming, until they are sorted */
    size_t count;
    uint32_t *places; /* owned: hashed, index + 1 of an entry; 0: free */
    size_t places_count;
};

void words_set_init(struct words_set *w);
void words_set_release(struct words_set *w);
/* The word's entry, made if need be; valid until the next call. NULL: no memory. */
struct words_entry *words_set_at(struct words_set *w, const char *word, size_t bytes);
/* By number. No word is looked up after it. */
void words_set_sort(struct words_set *w);

#endif
