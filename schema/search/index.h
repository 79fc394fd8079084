/* Search index: the words of pages and documents, and where they are.
 *
 *   search_put ─► search_fresh ──press──► block ──merge──► block ──merge──► … block
 *                 256 slots               256              2,048          16,384, 65,536
 *
 * A row gets a slot, the next number, and its folded words lie in search_fresh, which a
 * question reads through. When the slots there span BLOCK_SLOTS, their words are turned
 * into lists (list.h): a block. Eight blocks of a level become one of the next.
 * Written once they never change; a slot whose row went is noted in search_dead, and its
 * words go at the next merge, or when a quarter of a block is dead. So putting a page in
 * writes a few hundred bytes in one place, and a question reads some thirty lists a word.
 *
 * Why not FTS5, which does all of this: it goes through the pages one by one, behind a
 * function call each. With a million pages three common words or a phrase of them take it
 * more than a second (tests/bench/search); with lists of 65,536 slots they become bits,
 * and some milliseconds. */
#ifndef TRAM_SCHEMA_SEARCH_INDEX_H
#define TRAM_SCHEMA_SEARCH_INDEX_H

#include "schema/search/search.h"
#include "schema/search/list.h"

#define BLOCK_SLOTS     256
#define BLOCK_FANOUT    8
#define BLOCK_LEVEL_MAX 3
#define FRESH_BYTES_MAX (8 * 1024 * 1024)

struct search_state {
    uint64_t building; /* 0: made; else up to the id before it */
    uint64_t slot_next, rows, words, fresh_bytes, block_last, word_last;
};

/* Zeroes if nothing was ever put in. */
int search_state_read(sqlite3 *db, struct search_state *out, struct err *e);
int search_state_write(sqlite3 *db, const struct search_state *st, struct err *e);

/* ERR_CORRUPT: a row of search_block that says so many slots, with so many bytes of words,
 * is none of ours. */
int search_block_check(int64_t slots, size_t words_bytes, struct err *e);

/* Turns all of search_fresh into a block, and merges what is due. */
int search_press(sqlite3 *db, struct search_state *st, struct err *e);

/* Merges what is due: BLOCK_FANOUT of one level, or a block too much of which is dead. */
int search_merge_due(sqlite3 *db, struct search_state *st, struct err *e);

/* One list's row. */
int search_list_write(sqlite3_stmt *s, uint64_t block, uint64_t word,
                      const struct list_writer *list, struct err *e);

#endif
