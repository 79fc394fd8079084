/* Duplicates' fields: whether what two documents say of themselves speaks against one
 * paper. */
#include "appliance/duplicates_parts.h"

#include <stdio.h>
#include <string.h>

struct field_list {
    struct {
        char name[48];
        unsigned ordinal;
        char value[96];
        bool typed; /* by a person, not drawn from the page */
    } list[32];
    size_t count;
};

static int add_field(void *arg, const char *name, unsigned ordinal, const char *source,
                     const char *value, struct err *e)
{
    struct field_list *f = arg;

    (void)e;
    if (f->count < sizeof f->list / sizeof *f->list) {
        (void)snprintf(f->list[f->count].name, sizeof f->list->name, "%s", name);
        (void)snprintf(f->list[f->count].value, sizeof f->list->value, "%s", value);
        f->list[f->count].typed = strcmp(source, "machine") != 0;
        f->list[f->count++].ordinal = ordinal;
    }
    return 0;
}

/* More fields that differ than are the same: a misread one is no proof. Where persons said
 * a field of both papers they are heard alone: what is drawn from two scans of one form is
 * much the same, and does not outvote them. */
static bool fields_contradict(const struct field_list *a, const struct field_list *b)
{
    unsigned same[2] = {0}, other[2] = {0};

    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++) {
            bool typed = a->list[i].typed && b->list[j].typed;

            if (a->list[i].ordinal != b->list[j].ordinal ||
                strcmp(a->list[i].name, b->list[j].name) != 0)
                continue;
            if (strcmp(a->list[i].value, b->list[j].value) == 0)
                same[typed]++;
            else
                other[typed]++;
        }
    return same[true] + other[true] > 0 ? other[true] > same[true]
                                        : other[false] > same[false];
}

int duplicates_contradict(struct box *b, uint64_t document, uint64_t other, bool *out,
                          struct err *e)
{
    struct field_list fields[2] = {0};

    if (record_each_field(b->records, document, add_field, &fields[0], e) != 0 ||
        record_each_field(b->records, other, add_field, &fields[1], e) != 0)
        return -1;
    *out = fields_contradict(&fields[0], &fields[1]);
    return 0;
}
