/* Search tags: what hits may be narrowed and ordered by, one set a slot of the index: the
 * day, the kind and the issuer of the paper, and the site that it came from.
 *
 *   per slot: u32 day | u32 kind | u32 issuer | u16 site
 *
 * Little-endian, TAGS_CHUNK slots a row, so that the tags of fifty thousand hits are read
 * in milliseconds, where their records would take a second; and a row is one page of the
 * database. All derived: a page has its document's, and the document's come of its fields
 * (field.h says which). Kinds and issuers are numbered (search_name), by their folded
 * words: "QUYẾT ĐỊNH" and "Quyết định" are one. 0 is unknown. */
#ifndef TRAM_SCHEMA_SEARCH_TAGS_H
#define TRAM_SCHEMA_SEARCH_TAGS_H

#include "schema/search/search.h"

#define TAGS_CHUNK         256
#define TAGS_BYTES         14
#define TAG_NAME_BYTES_MAX SEARCH_NAME_BYTES_MAX /* a longer one is cut, at a letter */

struct tags {
    uint32_t day; /* year × 10000 + month × 100 + day; parts that are not said are 0 */
    uint32_t kind, issuer;
    uint16_t site;
};

/* Inside a write of the caller's, behind search_put(): the row's tags, and of a document
 * those of its pages. */
int tags_put(struct records *r, uint64_t id, struct err *e);

struct tags_reader;

int tags_reader_create(struct tags_reader **out, sqlite3 *db, struct err *e);
void tags_reader_destroy(struct tags_reader *r); /* NULL is fine */

/* Of one slot; quick if it is near the last one that was asked for. */
int tags_of(struct tags_reader *r, uint64_t slot, struct tags *out, struct err *e);

/* Each slot that has any, ascending. */
int tags_each(struct tags_reader *r,
              int (*each)(void *arg, uint64_t slot, const struct tags *t, struct err *e),
              void *arg, struct err *e);

/* The number of a kind or an issuer, however it is written; 0: nothing has it. */
int tags_number(struct tags_reader *r, const char *name, uint32_t *number, struct err *e);
/* As it was first written; '' for a number that nobody gave. */
int tags_name(struct tags_reader *r, uint32_t number, char out[TAG_NAME_BYTES_MAX + 1],
              struct err *e);

#endif
