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

/* The code whose name the value is, whatever its capitals and accents; NULL: none. */
static const char *code_of(const struct field_def *def, const char *value)
{
    char folded[FOLDED_BYTES], name[FOLDED_BYTES];
    size_t count = fold(value, folded);

    for (size_t i = 0; count > 0 && i < def->codes->values_count; i++) {
        const struct code_value *c = &def->codes->values[i];

        if (fold(c->label.vi, name) == count && memcmp(name, folded, count) == 0)
            return c->code;
    }
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

    if (def == NULL || (f->ordinal > 0 && !def->repeats))
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
    *out = r;
    return 0;
}

void field_rows_release(struct field_rows *r)
{
    free(r->values);
    *r = (struct field_rows){0};
}
