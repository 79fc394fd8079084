/* Identity prefixes: which province the first three digits of a 12-digit citizen identity
 * number stood for. Never the units' own codes: 24 is Bắc Ninh since 2025, while 024 was
 * Bắc Giang, and a number once given stays. So there is no way from here to units.h.
 *
 * A prefix that is not in the table may be a country's code or a newer one: it warns,
 * and refuses nothing. Comes with the program (identity_prefixes_tsv) and can be loaded
 * from the fleet's configuration: a line a prefix, three digits, tab, province. */
#ifndef TRAM_SCHEMA_UNITS_IDENTITY_PREFIXES_H
#define TRAM_SCHEMA_UNITS_IDENTITY_PREFIXES_H

#include <stddef.h>

#include "base/err.h"

#define IDENTITY_PLACE_BYTES_MAX 64 /* with the NUL */

struct identity_prefixes;

/* `name` is the file's, for messages. Copies what it needs. All or nothing: ERR_REFUSED
 * names file, line and reason, and *out is NULL. */
int identity_prefixes_create(struct identity_prefixes **out, const char *name,
                             const char *text, size_t bytes, struct err *e);
/* NULL is fine. */
void identity_prefixes_destroy(struct identity_prefixes *p);

/* The province ("Bắc Giang") of the number's first three digits; NULL when they are not
 * in the table or not digits. Owned by the table. */
const char *identity_prefixes_place(const struct identity_prefixes *p,
                                    const char *number);
size_t identity_prefixes_count(const struct identity_prefixes *p);

/* The table that comes with the program. */
extern const char identity_prefixes_tsv[];
extern const size_t identity_prefixes_tsv_bytes;

#endif
