/* Search field: what a person may write before a colon, and which fields of records that
 * means; and days, as papers and people write them. Pure. */
#ifndef TRAM_SCHEMA_SEARCH_FIELD_H
#define TRAM_SCHEMA_SEARCH_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum search_field {
    SEARCH_FIELD_NONE,
    SEARCH_FIELD_NUMBER,
    SEARCH_FIELD_DATE,
    SEARCH_FIELD_KIND, /* the document's type counts too */
    SEARCH_FIELD_SIGNER,
    SEARCH_FIELD_SUBJECT,
    SEARCH_FIELD_ISSUER,
    SEARCH_FIELD_DOSSIER, /* the code of the dossier that the document is in */
    SEARCH_FIELDS
};

/* "số:12": which field the text begins with, and how many bytes name and colon take;
 * SEARCH_FIELD_NONE and 0: no field. Case and accents do not matter. */
enum search_field search_field_begins(const char *text, size_t bytes, size_t *taken);

/* Whether the record's field of that name is one of these. */
bool search_field_is(enum search_field f, const char *name);

/* The days that a text means: 2019, 03/2019, 12/03/2019, 2019-03-12, with any marks
 * between; false: none. As year × 10000 + month × 100 + day, the first and the last. */
bool search_days(const char *text, size_t bytes, uint32_t *from, uint32_t *to);

/* The same of a range: 2019..2021, 2019.., ..03/2021, or of days without "..". */
bool search_days_range(const char *text, size_t bytes, uint32_t *from, uint32_t *to);

#endif
