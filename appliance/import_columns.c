#include "appliance/import_columns.h"

#include <stdlib.h>
#include <string.h>

/* The field whose column this is; NULL: none, or a field is called so. */
static const struct field_def *field_of(const struct record_type *t, const char *column)
{
    if (type_field(t, column) != NULL)
        return NULL;
    for (size_t i = 0; i < t->fields_count; i++)
        if (t->fields[i].column != NULL && strcmp(t->fields[i].column, column) == 0)
            return &t->fields[i];
    return NULL;
}

static bool has_name(const struct import_record *r, const char *name)
{
    for (size_t i = 0; i < r->fields_count; i++)
        if (strcmp(r->fields[i].name, name) == 0)
            return true;
    return false;
}

static int rename_field(struct import_field *f, const char *name, struct err *e)
{
    char *copy = strdup(name);

    if (copy == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for fields");
    free(f->name);
    f->name = copy;
    return 0;
}

int import_columns(struct import_record *r, const struct record_types *types,
                   struct err *e)
{
    const struct record_type *t = r->type == NULL ? NULL : types_find(types, r->type);

    for (size_t i = 0; t != NULL && i < r->fields_count; i++) {
        const struct field_def *f = field_of(t, r->fields[i].name);

        if (f == NULL)
            continue;
        /* The first value of a list is looked at, the others follow it. */
        if (r->fields[i].ordinal == 0 && has_name(r, f->name))
            return err_set(e, ERR_REFUSED, "\"%.60s\" and \"%.60s\" are one field",
                           f->name, r->fields[i].name);
        if (rename_field(&r->fields[i], f->name, e) != 0)
            return -1;
    }
    return 0;
}
