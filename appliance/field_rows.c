#include "appliance/field_rows.h"

#include <stdlib.h>
#include <string.h>

#include "ocr/fields/fold.h"

#define FOLDED_BYTES 256

bool field_rows_are_party(const struct fields *found)
{
    const struct field_found *number = fields_get(found, "number", 0);
    const struct field_found *symbol = fields_get(found, "symbol", 0);
    const struct field_found *either = number != NULL ? number : symbol;

    return either != NULL && strcmp(either->rule, "head.number.party") == 0;
}

static size_t fold(const char *text, char out[FOLDED_BYTES])
{
    return strlen(text) < FOLDED_BYTES ? fold_text(text, strlen(text), out, NULL) : 0;
}

/* The letter behind so many folded ones begins a word, or there is none. */
static bool ends_a_word(const char *value, size_t letters)
{
    char folded[FOLDED_BYTES];

    for (size_t i = 0; value[i] != '\0'; i++)
        if (value[i] == ' ' && fold_text(value, i, folded, NULL) == letters)
            return true;
    return fold_text(value, strlen(value), folded, NULL) == letters;
}

/* The code whose name the value is, whatever its capitals and accents, or begins with:
 * "BIÊN BẢN HỌP THÔN" is a BIÊN BẢN. The longest; NULL: none. */
static const char *code_of(const struct field_def *def, const char *value)
{
    char folded[FOLDED_BYTES], name[FOLDED_BYTES];
    size_t count = fold(value, folded), longest = 0;
    const char *code = NULL;

    for (size_t i = 0; count > 0 && i < def->codes->values_count; i++) {
        const struct code_value *c = &def->codes->values[i];
        size_t letters = fold(c->label.vi, name);

        if (letters <= longest || letters > count || memcmp(name, folded, letters) != 0 ||
            !ends_a_word(value, letters))
            continue;
        longest = letters;
        code = c->code;
    }
    return code;
}

static bool is_headed(const struct record_type *t, const char *title, size_t letters)
{
    char head[FOLDED_BYTES];

    for (size_t i = 0; i < t->heads_count; i++) {
        size_t count = fold(t->heads[i], head);

        if (count > 0 && count <= letters && memcmp(head, title, count) == 0)
            return true;
    }
    return false;
}

const struct record_type *field_rows_type(const struct record_types *types,
                                          const struct fields *found)
{
    const struct field_found *kind = fields_get(found, "kind", 0);
    char title[FOLDED_BYTES];
    size_t letters = kind == NULL ? 0 : fold(kind->value, title);

    for (size_t i = 0; letters > 0 && i < types_count(types); i++)
        if (is_headed(types_at(types, i), title, letters))
            return types_at(types, i);
    return NULL;
}

static void take_evidence(struct drawn_value *out, const struct field_found *f,
                          const uint64_t *pages)
{
    out->confidence = f->confidence;
    out->rule = f->rule;
    if (!f->zoned)
        return;
    out->page = pages[f->page];
    out->left = f->left;
    out->top = f->top;
    out->width = f->width;
    out->height = f->height;
}

/* False: the type has nothing to put it in. */
static bool make_row(struct drawn_value *out, const struct field_found *f,
                     const struct record_type *type)
{
    const struct field_def *def = type_field(type, f->name);

    if (def == NULL)
        return false;
    *out =
        (struct drawn_value){.name = def->name, .value = f->value, .ordinal = f->ordinal};
    if (def->kind == FIELD_CODE)
        out->value = code_of(def, f->value);
    return out->value != NULL;
}

int field_rows_make(struct field_rows *out, const struct fields *found,
                    const struct record_type *type, const uint64_t *pages, struct err *e)
{
    struct field_rows r = {0};

    *out = r;
    if (found->count == 0)
        return 0;
    r.values = calloc(found->count, sizeof *r.values);
    if (r.values == NULL)
        return err_set(e, ERR_MEMORY, "fields");
    for (size_t i = 0; i < found->count; i++) {
        if (!make_row(&r.values[r.count], &found->values[i], type))
            continue;
        take_evidence(&r.values[r.count++], &found->values[i], pages);
    }
    qsort(r.values, r.count, sizeof *r.values, drawn_compare);
    *out = r;
    return 0;
}

void field_rows_release(struct field_rows *r)
{
    free(r->values);
    *r = (struct field_rows){0};
}
