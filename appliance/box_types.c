#include "appliance/box_types.h"

#include <stdio.h>
#include <stdlib.h>

void box_types_destroy(struct box_types *t)
{
    if (t == NULL)
        return;
    units_destroy(t->units);
    identity_prefixes_destroy(t->prefixes);
    types_destroy(t->types);
    free(t);
}

/* What is wrong with DIR/types is told, and stops nothing. */
static int load_own(struct box *b, struct box_types *t, struct err *e)
{
    char dir[DISK_PATH_BYTES];
    struct disk_stat there;
    struct err why;

    if (disk_path(dir, e, "%s/types", b->dir) != 0 ||
        disk_stat(b->disk, dir, &there, e) != 0)
        return -1;
    if (there.kind != DISK_DIR || types_load_dir(&t->types, b->disk, dir, &why) == 0)
        return 0;
    (void)snprintf(t->refused, sizeof t->refused, "%s", why.text);
    return 0;
}

int box_types(struct box *b, const struct box_types **out, struct err *e)
{
    struct units_texts texts = units_own();
    struct box_types *t;

    *out = b->types;
    if (b->types != NULL)
        return 0;
    t = calloc(1, sizeof *t);
    if (t == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for record types");
    if (load_own(b, t, e) != 0 ||
        identity_prefixes_create(&t->prefixes, "identity_prefixes.tsv",
                                 identity_prefixes_tsv, identity_prefixes_tsv_bytes,
                                 e) != 0 ||
        units_create(&t->units, &texts, e) != 0 ||
        (t->types == NULL && types_load(&t->types, e) != 0)) {
        box_types_destroy(t);
        return -1;
    }
    *out = b->types = t;
    return 0;
}

bool box_type_known(const struct box_types *t, const char *name, struct buffer *known)
{
    if (types_find(t->types, name) != NULL)
        return true;
    for (size_t i = 0; i < types_count(t->types); i++)
        buffer_append_format(known, "%s%s", i == 0 ? "" : ", ",
                             types_at(t->types, i)->name);
    return false;
}
