#include "schema/types/types.h"

#include <stdlib.h>
#include <string.h>

#include "schema/types/embedded.h"
#include "schema/types/parse.h"

struct record_types {
    struct parsed_type *all; /* by name */
    size_t count;
};

const char *label_in(const struct label *l, enum language language)
{
    return language == LANGUAGE_EN ? l->en : l->vi;
}

void types_destroy(struct record_types *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        parsed_type_release(&t->all[i]);
    free(t->all);
    free(t);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct parsed_type *)a)->name,
                  ((const struct parsed_type *)b)->name);
}

static int check_names(const struct record_types *t, struct err *e)
{
    for (size_t i = 1; i < t->count; i++)
        if (strcmp(t->all[i - 1].name, t->all[i].name) == 0)
            return err_set(e, ERR_REFUSED, "%s.json is there twice", t->all[i].name);
    return 0;
}

int types_parse(struct record_types **out, const struct type_file *files, size_t count,
                struct err *e)
{
    struct record_types *t;

    *out = NULL;
    if (count == 0 || count > TYPE_FILES_MAX)
        return err_set(e, ERR_REFUSED, "%zu type files, not 1 to %d", count,
                       TYPE_FILES_MAX);
    t = calloc(1, sizeof *t);
    if (t == NULL || (t->all = calloc(count, sizeof *t->all)) == NULL) {
        free(t);
        return err_set(e, ERR_MEMORY, "out of memory for types");
    }
    for (; t->count < count; t->count++)
        if (type_parse(&t->all[t->count], &files[t->count], e) != 0)
            goto failed;
    qsort(t->all, t->count, sizeof *t->all, by_name);
    if (check_names(t, e) != 0)
        goto failed;
    *out = t;
    return 0;
failed:
    types_destroy(t);
    return -1;
}

int types_load(struct record_types **out, struct err *e)
{
    struct type_file files[TYPE_FILES_MAX];

    return types_parse(out, files, types_embedded(files), e);
}

size_t types_count(const struct record_types *t)
{
    return t->count;
}

const struct record_type *types_at(const struct record_types *t, size_t index)
{
    return &t->all[index].type;
}

const struct record_type *types_find(const struct record_types *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->all[i].name, name) == 0)
            return &t->all[i].type;
    return NULL;
}

const struct field_def *type_field(const struct record_type *t, const char *name)
{
    for (size_t i = 0; i < t->fields_count; i++)
        if (strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    return NULL;
}

const struct code_list *type_codes(const struct record_type *t, const char *name)
{
    for (size_t i = 0; i < t->codes_count; i++)
        if (strcmp(t->codes[i].name, name) == 0)
            return &t->codes[i];
    return NULL;
}

const struct code_value *code_find(const struct code_list *l, const char *code)
{
    for (size_t i = 0; i < l->values_count; i++)
        if (strcmp(l->values[i].code, code) == 0)
            return &l->values[i];
    return NULL;
}
