/* The parts of a run of checks, for this room alone. */
#ifndef TRAM_SCHEMA_CHECKS_RUN_H
#define TRAM_SCHEMA_CHECKS_RUN_H

#include "schema/checks/checks.h"

struct check_run {
    const struct check_record *record;
    void (*tell)(void *arg, const struct warning *w);
    void *arg;
};

/* The field's first value, or NULL. */
const char *check_value_of(const struct check_run *c, const struct field_def *f);

/* `args` ends with NULL or has WARNING_ARGS_MAX; it may be NULL. */
void check_warn(const struct check_run *c, const char *rule, const struct field_def *f,
                unsigned ordinal, const struct fact *fact, const struct field_def *other,
                const char *const *args);

/* One value by what its field is (value.c); a check over several fields (several.c). */
void check_one(const struct check_run *c, const struct field_def *f, unsigned ordinal,
               const char *value);
void check_several(const struct check_run *c, const struct check_def *check);

#endif
