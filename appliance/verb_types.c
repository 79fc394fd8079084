#include "appliance/verbs.h"

#include <stdio.h>

#include "appliance/box_types.h"
#include "appliance/verb_io.h"

static json_t *label_json(const struct label *l)
{
    return json_pack("{s:s, s:s}", "vi", l->vi, "en", l->en);
}

static json_t *codes_json(const struct code_list *l)
{
    json_t *values = json_array();

    for (size_t i = 0; i < l->values_count; i++) {
        const struct code_value *v = &l->values[i];
        json_t *j = json_pack("{s:s, s:s, s:s}", "code", v->code, "vi", v->label.vi, "en",
                              v->label.en);

        if (l->has_symbols)
            (void)json_object_set_new(
                j, "symbol", v->symbol == NULL ? json_null() : json_string(v->symbol));
        (void)json_array_append_new(values, j);
    }
    return values;
}

static json_t *need_json(const struct field_def *f)
{
    json_t *when, *is;

    if (f->need != FIELD_CONDITIONAL)
        return json_boolean(f->need == FIELD_REQUIRED);
    is = json_array();
    when = json_pack("{s:s, s:o}", "field", f->when.field->name, "is", is);
    for (size_t i = 0; i < f->when.values_count; i++)
        (void)json_array_append_new(is, json_string(f->when.values[i]));
    return when;
}

static json_t *field_json(const struct field_def *f)
{
    json_t *j =
        json_pack("{s:s, s:o, s:s, s:o, s:b, s:s?, s:s, s:s}", "name", f->name, "label",
                  label_json(&f->label), "kind", field_kind_name(f->kind), "required",
                  need_json(f), "repeats", (int)f->repeats, "column", f->column, "mark",
                  fact_mark_name(f->fact.mark), "source", f->fact.source);

    if (f->length_max > 0)
        (void)json_object_set_new(j, "length", json_integer((json_int_t)f->length_max));
    if (f->codes != NULL)
        (void)json_object_set_new(j, "codes", codes_json(f->codes));
    return j;
}

static json_t *type_json(const struct record_type *t, bool whole)
{
    json_t *fields,
        *j = json_pack("{s:s, s:o, s:o, s:s, s:s}", "type", t->name, "label",
                       label_json(&t->label), "about", label_json(&t->about), "mark",
                       fact_mark_name(t->fact.mark), "source", t->fact.source);

    if (!whole) {
        (void)json_object_set_new(j, "fields", json_integer((json_int_t)t->fields_count));
        return j;
    }
    fields = json_array();
    for (size_t i = 0; i < t->fields_count; i++)
        (void)json_array_append_new(fields, field_json(&t->fields[i]));
    (void)json_object_set_new(j, "fields", fields);
    return j;
}

static void tell_codes(struct verb_io *io, const struct code_list *l)
{
    for (size_t i = 0; i < l->values_count; i++)
        tell(io, "types.code",
             (const char *const[]){l->values[i].code,
                                   label_in(&l->values[i].label, io->language)},
             2);
}

static void tell_field(struct verb_io *io, const struct field_def *f)
{
    static const char *const needs[] = {"types.field", "types.field_required",
                                        "types.field_when"};
    char key[64], length[24] = "";
    struct buffer kind;

    (void)snprintf(key, sizeof key, "types.kind_%s", field_kind_name(f->kind));
    if (f->length_max > 0)
        (void)snprintf(length, sizeof length, " %zu", f->length_max);
    buffer_init(&kind, 256);
    message_append(&kind, key, io->language, NULL, 0);
    buffer_append_text(&kind, length);
    if (kind.count > 0)
        tell(io, needs[f->need],
             (const char *const[]){
                 f->name, label_in(&f->label, io->language), (char *)kind.bytes,
                 f->need == FIELD_CONDITIONAL ? f->when.field->name : "",
                 f->need == FIELD_CONDITIONAL ? f->when.values[0] : ""},
             5);
    buffer_release(&kind);
    if (f->codes != NULL)
        tell_codes(io, f->codes);
}

static int tell_type(struct verb_io *io, const struct record_type *t, bool whole)
{
    char fields[24];

    if (io->json)
        return verb_json(io, type_json(t, whole));
    (void)snprintf(fields, sizeof fields, "%zu", t->fields_count);
    tell(io, "types.type",
         (const char *const[]){t->name, label_in(&t->label, io->language), fields}, 3);
    if (!whole)
        return 0;
    tell(io, "types.about",
         (const char *const[]){label_in(&t->about, io->language), t->fact.source,
                               fact_mark_name(t->fact.mark)},
         3);
    for (size_t i = 0; i < t->fields_count; i++)
        tell_field(io, &t->fields[i]);
    return 0;
}

static int explain(struct verb_io *io, const struct box_types *t, const char *name)
{
    const struct record_type *type = types_find(t->types, name);
    struct buffer known;

    if (type != NULL)
        return tell_type(io, type, true) == 0 ? EXIT_DONE : EXIT_FAILED;
    buffer_init(&known, 4096);
    (void)box_type_known(t, name, &known); /* it is not */
    say(io, "types.none",
        (const char *const[]){name, known.count > 0 ? (char *)known.bytes : ""}, 2);
    buffer_release(&known);
    return EXIT_FAILED;
}

int verb_types(struct box *b, struct verb_io *io, int argc, char **argv)
{
    const struct box_types *t;
    struct err e;

    if (options_take(io, NULL, 0, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc > 2)
        return verb_usage(io, "types");
    if (box_types(b, &t, &e) != 0)
        return verb_failed(io, &e);
    if (t->refused[0] != '\0')
        say(io, "types.refused", (const char *const[]){t->refused}, 1);
    if (argc == 2)
        return explain(io, t, argv[1]);
    for (size_t i = 0; i < types_count(t->types); i++)
        if (tell_type(io, types_at(t->types, i), false) != 0)
            return EXIT_FAILED;
    return EXIT_DONE;
}
