/* Tag name: the kinds and issuers that papers name, by number. Two that fold to the same
 * words (schema/tokenizer.h) have one number, and are shown as the first was written. */
#ifndef TRAM_SCHEMA_SEARCH_TAG_NAME_H
#define TRAM_SCHEMA_SEARCH_TAG_NAME_H

#include "schema/search/tags.h"

/* Of the first line, without blanks around it. */
void tag_name_cut(char out[TAG_NAME_BYTES_MAX + 1], const char *text);

/* 0 for a name without a letter or digit. tag_name_give() makes a number if need be, and
 * is called inside a write; tag_name_find() gives 0 then. */
int tag_name_give(sqlite3 *db, const char *name, uint32_t *number, struct err *e);
int tag_name_find(sqlite3 *db, const char *name, uint32_t *number, struct err *e);

/* '' for a number that nobody gave. */
int tag_name_read(sqlite3 *db, uint32_t number, char out[TAG_NAME_BYTES_MAX + 1],
                  struct err *e);

#endif
