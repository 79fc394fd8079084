/* "fields": a list; then their conditions, which may name a field further down. */
#include <stdlib.h>
#include <string.h>

#include "schema/types/parse.h"

#define FIELD_KEYS "name label kind length codes required repeats find column mark source"

static const char *const kind_names[] = {
    [FIELD_TEXT] = "text",         [FIELD_NAME] = "name",
    [FIELD_PLACE] = "place",       [FIELD_NUMBER] = "number",
    [FIELD_DATE] = "date",         [FIELD_DATE_WORDS] = "date_words",
    [FIELD_IDENTITY] = "identity", [FIELD_CODE] = "code",
    [FIELD_FLAG] = "flag",         [FIELD_SYMBOL] = "symbol",
};
enum { KINDS = sizeof kind_names / sizeof *kind_names, FIELD_LENGTH_MAX = 1000000 };

const char *field_kind_name(enum field_kind kind)
{
    return kind_names[kind];
}

const char *fact_mark_name(enum fact_mark mark)
{
    static const char *const names[] = {"V", "V2", "U"};

    return names[mark];
}

static int take_kind(struct type_reader *r, const json_t *field, struct field_def *f)
{
    unsigned kind = FIELD_TEXT;

    if (json_object_get(field, "kind") == NULL)
        return reader_refuse(r, "\"kind\" is missing");
    if (reader_choice(r, field, "kind", kind_names, KINDS, &kind) != 0)
        return -1;
    f->kind = (enum field_kind)kind;
    return 0;
}

static int take_codes(struct type_reader *r, const json_t *field,
                      const struct record_type *t, struct field_def *f)
{
    const char *name;

    if (reader_text(r, field, "codes", f->kind == FIELD_CODE, &name) != 0)
        return -1;
    if (name == NULL)
        return 0;
    reader_enter(r, "codes");
    if (f->kind != FIELD_CODE)
        return reader_refuse(r, "is for fields of kind \"code\"");
    f->codes = type_codes(t, name);
    if (f->codes == NULL)
        return reader_refuse(r, "there is no code list \"%.60s\"", name);
    reader_leave(r);
    return 0;
}

static int take_length(struct type_reader *r, const json_t *field, struct field_def *f)
{
    const json_t *length = json_object_get(field, "length");

    if (length == NULL)
        return 0;
    if (!json_is_integer(length) || json_integer_value(length) < 1 ||
        json_integer_value(length) > FIELD_LENGTH_MAX) {
        reader_enter(r, "length");
        return reader_refuse(r, "must be a whole number, 1 to %d", FIELD_LENGTH_MAX);
    }
    f->length_max = (size_t)json_integer_value(length);
    return 0;
}

static int take_name(struct type_reader *r, const json_t *field,
                     const struct record_type *t, struct field_def *f)
{
    const char *name;

    if (reader_text(r, field, "name", true, &name) != 0)
        return -1;
    reader_enter(r, "name");
    if (!reader_is_name(name))
        return reader_refuse(r, "a field's name has letters, digits and _");
    if (type_field(t, name) != NULL)
        return reader_refuse(r, "field \"%s\" is there twice", name);
    reader_leave(r);
    f->name = name;
    return 0;
}

/* null: a field that is not exported. */
static int take_column(struct type_reader *r, const json_t *field,
                       const struct record_type *t, struct field_def *f)
{
    f->column = NULL;
    if (json_is_null(json_object_get(field, "column")))
        return 0;
    if (reader_text(r, field, "column", false, &f->column) != 0)
        return -1;
    if (f->column == NULL)
        f->column = f->name;
    for (const struct field_def *other = t->fields; other < f; other++)
        if (other->column != NULL && strcmp(other->column, f->column) == 0)
            return reader_refuse(r, "column \"%.60s\" is there twice", f->column);
    return 0;
}

/* The field is the type's from its first member on, so that it is released. */
static int take_field(struct type_reader *r, const json_t *field, struct record_type *t)
{
    struct field_def *f = &t->fields[t->fields_count];
    struct field_def unnamed = {0};

    if (reader_object(r, field, FIELD_KEYS) != 0 || take_name(r, field, t, &unnamed) != 0)
        return -1;
    *f = unnamed;
    t->fields_count++;
    if (reader_label(r, field, "label", true, &f->label) != 0 ||
        take_kind(r, field, f) != 0 || take_codes(r, field, t, f) != 0 ||
        take_length(r, field, f) != 0 ||
        reader_flag(r, field, "repeats", &f->repeats) != 0 ||
        reader_fact(r, field, &t->fact, &f->fact) != 0 ||
        take_column(r, field, t, f) != 0)
        return -1;
    return field_search_parse(r, field, &f->search);
}

/* {"field": "confidenceLevel", "is": ["02"]} */
static int take_when(struct type_reader *r, const json_t *when,
                     const struct record_type *t, struct field_def *f)
{
    const char *name;

    if (reader_object(r, when, "field is") != 0 ||
        reader_text(r, when, "field", true, &name) != 0 ||
        reader_texts(r, when, "is", &f->when.values, &f->when.values_count) != 0)
        return -1;
    if (f->when.values == NULL)
        return reader_refuse(r, "\"is\" is missing");
    f->when.field = type_field(t, name);
    if (f->when.field == NULL || f->when.field == f)
        return reader_refuse(r, "there is no other field \"%.60s\"", name);
    for (size_t i = 0; f->when.field->codes != NULL && i < f->when.values_count; i++)
        if (code_find(f->when.field->codes, f->when.values[i]) == NULL)
            return reader_refuse(r, "\"%.60s\" has no code \"%.60s\"", name,
                                 f->when.values[i]);
    f->need = FIELD_CONDITIONAL;
    return 0;
}

static int take_required(struct type_reader *r, const json_t *field,
                         const struct record_type *t, struct field_def *f)
{
    const json_t *required = json_object_get(field, "required");
    int rc;

    if (required == NULL || json_is_boolean(required)) {
        f->need = json_is_true(required) ? FIELD_REQUIRED : FIELD_OPTIONAL;
        return 0;
    }
    reader_enter(r, "required");
    rc = take_when(r, required, t, f);
    if (rc == 0)
        reader_leave(r);
    return rc;
}

int type_parse_fields(struct type_reader *r, const json_t *root, struct record_type *t)
{
    json_t *list, *field;
    size_t i;

    if (reader_list(r, root, "fields", TYPE_FIELDS_MAX, &list) != 0)
        return -1;
    if (list == NULL)
        return reader_refuse(r, "\"fields\" is missing");
    t->fields = calloc(json_array_size(list), sizeof *t->fields);
    if (t->fields == NULL)
        return reader_no_memory(r);
    reader_enter(r, "fields");
    json_array_foreach(list, i, field)
    {
        reader_enter_at(r, i);
        if (take_field(r, field, t) != 0)
            return -1;
        reader_leave(r);
    }
    json_array_foreach(list, i, field)
    {
        reader_enter_at(r, i);
        if (take_required(r, field, t, &t->fields[i]) != 0)
            return -1;
        reader_leave(r);
    }
    reader_leave(r);
    return 0;
}
