/* Fuzz: fields of any text with any layout that goes with it. Every value must be text
 * on a page that is there, in a zone within it. The first two bytes say how many pages
 * the same reading stands for and how long the layout is; layout and text follow. */
#include <stdlib.h>
#include <string.h>

#include "ocr/fields/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct record_types *types;

/* The birth register has all that a type may say of where its fields are. */
static const struct record_type *type_once(void)
{
    struct err e;

    if (types == NULL && types_load(&types, &e) != 0)
        abort();
    return types_find(types, "birth");
}

static void must(bool so)
{
    if (!so)
        abort();
}

static void check(const struct fields *f, const struct layout *l, uint32_t pages)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct field_found *v = &f->values[i];

        must(v->value[0] != '\0' && v->rule != NULL && v->confidence <= 100);
        must(strlen(v->value) <= FIELD_VALUE_BYTES_MAX);
        if (!v->zoned)
            continue;
        must(v->page < pages && v->left >= 0 && v->top >= 0);
        must((uint32_t)(v->left + v->width) <= l->width &&
             (uint32_t)(v->top + v->height) <= l->height);
    }
}

static void find_cells(struct fields *out, const struct fields_page *pages,
                       uint32_t pages_count)
{
    struct fields_register *r;
    struct err e;

    if (fields_register_create(&r, type_once(), pages_count, &e) != 0)
        return;
    for (uint32_t i = 0; i < pages_count; i++)
        (void)fields_register_page(r, out, &pages[i], i, &e); /* memory: fewer values */
    fields_register_destroy(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct layout l = {0};
    struct fields f = {0}, typed = {0};
    struct fields_page pages[2];
    struct err e;
    size_t packed, pages_count;
    char *text;

    if (count < 3)
        return 0;
    pages_count = 1 + bytes[0] % 2;
    packed = (size_t)bytes[1] << 8 | bytes[2];
    if (packed > count - 3 || layout_unpack(&l, bytes + 3, packed, &e) != 0)
        return 0;
    text = strndup((const char *)bytes + 3 + packed, count - 3 - packed);
    if (text != NULL) {
        pages[0] = pages[1] = (struct fields_page){text, &l};
        if (fields_find(&f, pages, pages_count, &e) == 0)
            check(&f, &l, (uint32_t)pages_count);
        find_cells(&typed, pages, (uint32_t)pages_count);
        check(&typed, &l, (uint32_t)pages_count);
        if (fields_of_type(&typed, &f, type_once(), pages, pages_count, &e) == 0)
            check(&typed, &l, (uint32_t)pages_count);
    }
    fields_release(&typed);
    fields_release(&f);
    layout_release(&l);
    free(text);
    return 0;
}
