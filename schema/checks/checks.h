/* Checks: what looks wrong in the values of a record, told to whoever asks. Pure, and
 * only warnings: a paper may be wrong itself, and what it says is kept. Nothing here
 * changes a value, and names are not looked at: Y, H', Đắk, Kpă are names.
 *
 * Which rules there are follows from the record's type: from a field's kind, length,
 * codes and need, and from the type's own checks. A warning carries the fact that it
 * stands on, and how sure that is. */
#ifndef TRAM_SCHEMA_CHECKS_H
#define TRAM_SCHEMA_CHECKS_H

#include <stdint.h>

#include "schema/types/types.h"
#include "schema/units/identity_prefixes.h"
#include "schema/units/units.h"

struct check_value {
    const char *field; /* its name; one that the type does not have is not checked */
    unsigned ordinal;
    const char *value; /* NULL or "": none */
};

#define COUNT_UNKNOWN (-1)

struct check_record {
    const struct record_type *type;
    const struct check_value *values;
    size_t values_count;
    const struct identity_prefixes *prefixes; /* NULL: their places are not looked at */
    const struct units *units;                /* NULL: places are not looked at */
    int64_t pages;                            /* of the document */
    int64_t documents;                        /* of the dossier */
    int64_t dossier_pages;                    /* of all its documents */
};

enum { WARNING_ARG_BYTES = 128, WARNING_ARGS_MAX = 3 };

struct warning {
    const char *rule;              /* "date_words": says which, for scripts too */
    const struct field_def *field; /* of which value */
    unsigned ordinal;
    const struct field_def *other;                  /* beside which value, or NULL */
    const struct fact *fact;                        /* what the rule stands on */
    char args[WARNING_ARGS_MAX][WARNING_ARG_BYTES]; /* of its sentence; "" is none */
};

/* In the order of the type's fields, then of its checks. The warning is valid during
 * the call. */
void checks_run(const struct check_record *r,
                void (*tell)(void *arg, const struct warning *w), void *arg);

/* Appends its sentence. */
void warning_append(struct buffer *out, const struct warning *w, enum language language);

#endif
