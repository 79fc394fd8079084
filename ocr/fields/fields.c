#include "ocr/fields/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/fields/foot.h"
#include "ocr/fields/head.h"
#include "ocr/fields/gather.h"

static void find_all(struct gather *g)
{
    struct head h = {.nation = SHEET_NONE,
                     .motto = SHEET_NONE,
                     .number = SHEET_NONE,
                     .date = SHEET_NONE,
                     .kind = SHEET_NONE};
    char pages[16];

    head_find(&h, g);
    head_number(g, &h);
    head_date(g, &h);
    head_issuer(g, &h);
    title_find(g, &h);
    head_stamps(g, &h);
    head_addressee(g, &h);
    foot_signature(g);
    foot_recipients(g);
    (void)snprintf(pages, sizeof pages, "%zu", g->sheets_count);
    gather_fact(g, "page_count", pages, "pages");
}

int fields_find(struct fields *out, const struct fields_page *pages, size_t pages_count,
                struct err *e)
{
    struct fields found = {0};
    struct gather g = {.out = &found, .e = e};
    int rc = -1;

    *out = (struct fields){0};
    if (pages_count == 0)
        return 0;
    if (gather_open(&g, pages, pages_count) != 0)
        goto out;
    find_all(&g);
    if (g.failed)
        goto out;
    *out = found;
    found = (struct fields){0}; /* now the caller's */
    rc = 0;
out:
    gather_close(&g);
    fields_release(&found);
    return rc;
}

void fields_release(struct fields *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->values[i].value);
    free(f->values);
    *f = (struct fields){0};
}

const struct field_found *fields_get(const struct fields *f, const char *name,
                                     unsigned ordinal)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->values[i].ordinal == ordinal && strcmp(f->values[i].name, name) == 0)
            return &f->values[i];
    return NULL;
}
