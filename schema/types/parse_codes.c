/* "codes": {"kind": {"values": [{"code", "vi", "en", "symbol"}]}} */
#include <stdlib.h>

#include "schema/types/parse.h"

/* "symbol" is a text or null; all values of a list have it, or none. */
static int take_symbol(struct type_reader *r, const json_t *value, struct code_list *l,
                       struct code_value *v)
{
    const json_t *symbol = json_object_get(value, "symbol");

    if (l->values_count == 0)
        l->has_symbols = symbol != NULL;
    if (l->has_symbols != (symbol != NULL))
        return reader_refuse(r, "\"symbol\" must be in all values of a list or in none");
    if (symbol == NULL || json_is_null(symbol))
        return 0;
    return reader_text(r, value, "symbol", true, &v->symbol);
}

static int take_value(struct type_reader *r, const json_t *value, struct code_list *l)
{
    struct code_value v = {0};

    if (reader_object(r, value, "code vi en symbol mark source") != 0 ||
        reader_text(r, value, "code", true, &v.code) != 0 ||
        reader_text(r, value, "vi", true, &v.label.vi) != 0 ||
        reader_text(r, value, "en", true, &v.label.en) != 0 ||
        reader_fact(r, value, &l->fact, &v.fact) != 0 ||
        take_symbol(r, value, l, &v) != 0)
        return -1;
    if (code_find(l, v.code) != NULL)
        return reader_refuse(r, "code \"%.60s\" is there twice", v.code);
    l->values[l->values_count++] = v;
    return 0;
}

static int take_list(struct type_reader *r, const json_t *list, struct record_type *t,
                     struct code_list *l)
{
    json_t *values, *value;
    size_t i;

    if (reader_object(r, list, "mark source open values") != 0 ||
        reader_fact(r, list, &t->fact, &l->fact) != 0 ||
        reader_flag(r, list, "open", &l->is_open) != 0 ||
        reader_list(r, list, "values", TYPE_CODES_MAX, &values) != 0)
        return -1;
    if (values == NULL)
        return reader_refuse(r, "\"values\" is missing");
    l->values = calloc(json_array_size(values), sizeof *l->values);
    if (l->values == NULL)
        return reader_no_memory(r);
    reader_enter(r, "values");
    json_array_foreach(values, i, value)
    {
        reader_enter_at(r, i);
        if (take_value(r, value, l) != 0)
            return -1;
        reader_leave(r);
    }
    reader_leave(r);
    return 0;
}

int type_parse_codes(struct type_reader *r, const json_t *root, struct record_type *t)
{
    json_t *codes = json_object_get(root, "codes"), *list;
    const char *name;

    if (codes == NULL)
        return 0;
    reader_enter(r, "codes");
    if (!json_is_object(codes))
        return reader_refuse(r, "must be an object");
    t->codes = calloc(json_object_size(codes) + 1, sizeof *t->codes);
    if (t->codes == NULL)
        return reader_no_memory(r);
    json_object_foreach(codes, name, list)
    {
        reader_enter(r, name);
        if (!reader_is_name(name))
            return reader_refuse(r, "a list's name has letters, digits and _");
        t->codes[t->codes_count].name = name;
        if (take_list(r, list, t, &t->codes[t->codes_count++]) != 0)
            return -1;
        reader_leave(r);
    }
    reader_leave(r);
    return 0;
}
