/* One line of an import, parsed and checked: outside bytes become a record here,
 * or a sentence that says what is wrong and what to do. Nothing is written yet. */
#ifndef TRAM_APPLIANCE_IMPORT_RECORD_H
#define TRAM_APPLIANCE_IMPORT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct import_field {
    char *name, *value;
    unsigned ordinal; /* of a field that repeats: 0, 1… */
};

/* Owns its strings: NFC, valid UTF-8. `has_…`: the line says something about it. */
struct import_record {
    char *key;
    char *source; /* NULL: the line names none */
    bool has_dossier, has_type, has_fields, has_pages, deleted;
    char *dossier, *type; /* NULL: none */
    struct import_field *fields;
    size_t fields_count;
    char **pages;
    size_t pages_count;
};

/* ERR_REFUSED with the sentence. On failure *out is zeroed. `source`: of every line; NULL:
 * the line says it, and must. */
int import_record_parse(struct import_record *out, const char *source, const char *line,
                        size_t bytes, struct err *e);
void import_record_release(struct import_record *r); /* a zeroed one is fine */

/* How much of a transaction it takes at most. */
void import_record_measure(const struct import_record *r, size_t *rows, size_t *bytes);

#endif
