/* Type files, as a configuration brings them: what comes out is whole, or there is a
 * sentence that names the file. What a set says is then read from end to end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/types/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check_field(const struct record_type *t, const struct field_def *f)
{
    struct span value;

    if (type_field(t, f->name) != f || f->label.vi == NULL || f->label.en == NULL ||
        f->fact.source == NULL || field_kind_name(f->kind) == NULL ||
        (f->kind == FIELD_CODE) != (f->codes != NULL) ||
        (f->need == FIELD_CONDITIONAL) != (f->when.field != NULL))
        abort();
    for (size_t i = 0; i < f->search.patterns_count; i++)
        if (pattern_find(f->search.patterns[i], "Số: 5/QĐ-UBND", 15, 0, &value) &&
            (value.from > value.to || value.to > 15))
            abort();
}

static void check_type(const struct record_type *t)
{
    if (t->label.vi == NULL || t->fields_count == 0 || t->fact.source == NULL)
        abort();
    for (size_t i = 0; i < t->fields_count; i++)
        check_field(t, &t->fields[i]);
    for (size_t i = 0; i < t->checks_count; i++)
        if (t->checks[i].fields_count == 0 ||
            (t->checks[i].rule == CHECK_FORM) != (t->checks[i].pattern != NULL))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct type_file file = {"fuzz.json", (const char *)bytes, count};
    struct record_types *types;
    struct err e = {0};

    if (types_parse(&types, &file, 1, &e) == 0)
        check_type(types_at(types, 0));
    else if (types != NULL || e.code != ERR_REFUSED ||
             strncmp(e.text, "fuzz.json:", 10) != 0)
        abort();
    types_destroy(types);
    return 0;
}
