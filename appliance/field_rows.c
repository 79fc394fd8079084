#include "appliance/field_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/fields/fold.h"

#define FOLDED_BYTES 256

/* What the type calls it. */
static const char *row_name(const char *found)
{
    return strcmp(found, "title") == 0 ? "signer_title" : found;
}

bool field_rows_are_party(const struct fields *found)
{
    const struct field_found *number = fields_get(found, "number", 0);
    const struct field_found *symbol = fields_get(found, "symbol", 0);
    const struct field_found *either = number != NULL ? number : symbol;

    return either != NULL && strcmp(either->rule, "head.number.party") == 0;
}

static bool folds_to(const char *text, const char *folded, size_t count, bool begins)
{
    char other[FOLDED_BYTES];
    size_t n =
        strlen(text) < sizeof other ? fold_text(text, strlen(text), other, NULL) : 0;

    return n > 0 && (begins ? n <= count : n == count) && memcmp(other, folded, n) == 0;
}

/* The code whose name the value is; of an authority, whose letters it begins with. */
static const char *code_of(const struct field_def *def, const char *value)
{
    char folded[FOLDED_BYTES];
    size_t count =
        strlen(value) < sizeof folded ? fold_text(value, strlen(value), folded, NULL) : 0;
    bool authority = strcmp(def->name, "authority") == 0;
    const char *found = NULL;

    for (size_t i = 0; i < def->codes->values_count; i++) {
        const struct code_value *c = &def->codes->values[i];
        const char *says = authority ? c->code : c->label.vi;

        if (!folds_to(says, folded, count, authority))
            continue;
        /* "Tố" and "Tờ" fold to one: the later of two never stands in for the first. */
        if (found == NULL)
            found = c->code;
    }
    return found;
}

/* "05/QĐ-UBND", "12-QĐ/ĐU": with the stroke or dash that such papers have. */
static bool say_number(char out[FIELD_ROW_BYTES], const struct fields *found,
                       const struct field_found *f)
{
    const struct field_found *number = fields_get(found, "number", 0);
    const struct field_found *symbol = fields_get(found, "symbol", 0);

    if (f->ordinal != 0 || (strcmp(f->name, "symbol") == 0 && number != NULL))
        return false;
    return snprintf(out, FIELD_ROW_BYTES, "%s%s%s", number == NULL ? "" : number->value,
                    symbol == NULL                ? ""
                    : field_rows_are_party(found) ? "-"
                                                  : "/",
                    symbol == NULL ? "" : symbol->value) < FIELD_ROW_BYTES;
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
static bool make_row(struct field_rows *r, const struct fields *found,
                     const struct field_found *f, const struct record_type *type)
{
    struct drawn_value *v = &r->values[r->count];
    char *said = r->said[r->count];
    bool number = strcmp(f->name, "number") == 0 || strcmp(f->name, "symbol") == 0;
    const struct field_def *def = type_field(type, number ? "number" : row_name(f->name));

    if (def == NULL || (f->ordinal > 0 && !def->repeats))
        return false;
    *v =
        (struct drawn_value){.name = def->name, .value = f->value, .ordinal = f->ordinal};
    if (number) {
        v->value = said;
        return say_number(said, found, f);
    }
    if (def->kind == FIELD_CODE)
        v->value = code_of(def, f->value);
    return v->value != NULL;
}

int field_rows_make(struct field_rows *out, const struct fields *found,
                    const struct record_type *type, const uint64_t *pages, struct err *e)
{
    struct field_rows r = {0};

    *out = r;
    if (found->count == 0)
        return 0;
    r.values = calloc(found->count, sizeof *r.values);
    r.said = calloc(found->count, sizeof *r.said);
    if (r.values == NULL || r.said == NULL) {
        field_rows_release(&r);
        return err_set(e, ERR_MEMORY, "fields");
    }
    for (size_t i = 0; i < found->count; i++) {
        if (!make_row(&r, found, &found->values[i], type))
            continue;
        take_evidence(&r.values[r.count++], &found->values[i], pages);
    }
    *out = r;
    return 0;
}

void field_rows_release(struct field_rows *r)
{
    free(r->values);
    free(r->said);
    *r = (struct field_rows){0};
}
