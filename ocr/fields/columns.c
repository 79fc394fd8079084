/* Columns of ruled registers: their headings say what stands below, here and on the pages
 * that follow. */
#include <stdlib.h>
#include <string.h>

#include "ocr/fields/headings.h"
#include "ocr/fields/typed.h"

/* Books have one ruling, or another on the right page than on the left. */
#define CARRIED_MAX 4

struct fields_register {
    struct typed typed; /* its gather is of one page */
    size_t pages_count;
    unsigned row; /* the next page's first */
    struct headings carried[CARRIED_MAX];
    size_t carried_count, carried_next;
};

/* -------------------------------------------------------------------- values */

static bool is_taken(const struct gather *g, const char *field)
{
    for (size_t i = g->out->count; i > 0 && g->out->values[i - 1].page == g->page_first;
         i--)
        if (strcmp(g->out->values[i - 1].name, field) == 0)
            return true;
    return false;
}

/* Rows count from the headings, on a later page from where the last one ended; a cell
 * that is empty leaves its number out. */
static void column_gather(struct fields_register *r, uint16_t table, unsigned body,
                          const struct heading *h, const struct field_def *f,
                          unsigned *behind)
{
    const struct layout *l = r->typed.g->sheets[0].layout;
    struct run label = {.page = 0};

    run_add(&label, h->word_first, h->words_count);
    for (size_t i = 0; i < l->cells_count; i++) {
        const struct cell *c = &l->cells[i];
        struct run value = {.page = 0};
        unsigned row = r->row + c->row - body;

        if (c->table != table || c->column != h->column || c->row < body ||
            c->words_count == 0)
            continue;
        run_add(&value, c->word_first, c->words_count);
        if (typed_take(&r->typed, f, &value, &label, row, SURE_PLACE_AND_WORDS,
                       RULE_COLUMN) &&
            row >= *behind)
            *behind = row + 1;
    }
}

static void table_gather(struct fields_register *r, uint16_t table,
                         const struct headings *h, unsigned body)
{
    const struct anchors *a = &r->typed.anchors;
    unsigned behind = r->row;

    for (size_t i = 0; i < h->count; i++) {
        const struct heading *one = &h->all[i];
        size_t fields[ANCHOR_FIELDS_MAX], count = 0;

        if (one->anchor < a->count)
            count = anchor_fields(a, one->anchor, heading_section(h, one), fields,
                                  ANCHOR_FIELDS_MAX);
        for (size_t k = 0; k < count; k++) {
            const struct field_def *f = &a->type->fields[fields[k]];

            if (f->search.side != BESIDE_ANCHOR && !is_taken(r->typed.g, f->name))
                column_gather(r, table, body, one, f, &behind);
        }
    }
    r->row = behind;
}

/* ------------------------------------------------------------------ headings */

/* The latest whose columns stand where these do; NULL: none. */
static struct headings *carried_find(struct fields_register *r,
                                     const struct table_place *place)
{
    for (size_t i = 0; i < r->carried_count; i++) {
        size_t newest = (r->carried_next + CARRIED_MAX - 1 - i) % CARRIED_MAX;

        if (tables_agree(&r->carried[newest].place, place))
            return &r->carried[newest];
    }
    return NULL;
}

/* Their words stand on this page, and on no other. */
static void carry(struct fields_register *r, struct headings *in_place_of,
                  const struct headings *h)
{
    if (in_place_of == NULL) {
        in_place_of = &r->carried[r->carried_next];
        r->carried_next = (r->carried_next + 1) % CARRIED_MAX;
        if (r->carried_count < CARRIED_MAX)
            r->carried_count++;
    }
    *in_place_of = *h;
    for (size_t i = 0; i < h->count; i++)
        in_place_of->all[i].words_count = 0;
}

bool is_register_table(const struct typed *t, uint32_t page, uint16_t table)
{
    const struct sheet *s = &t->g->sheets[page];
    struct headings h;

    if (table_columns(s->layout, table) < COLUMNS_MIN)
        return false;
    headings_read(&h, &t->anchors, s, table);
    return h.count > 0;
}

/* Of headings that are half read the others are taken from where they were read whole. A
 * row that names no field is none of headings: "mẹ" may stand in a cell. */
static void table_take(struct fields_register *r, uint16_t table)
{
    const struct sheet *s = &r->typed.g->sheets[0];
    struct headings h, *carried;

    if (table_columns(s->layout, table) < COLUMNS_MIN)
        return;
    headings_read(&h, &r->typed.anchors, s, table);
    carried = carried_find(r, &h.place);
    if (carried != NULL && carried->anchored > h.anchored) {
        table_gather(r, table, carried, h.anchored > 0 || h.count == 0 ? h.body : 0);
    } else if (h.anchored > 0) {
        table_gather(r, table, &h, h.body);
        carry(r, carried, &h);
    }
}

/* --------------------------------------------------------------------- pages */

int fields_register_create(struct fields_register **out, const struct record_type *type,
                           size_t pages_count, struct err *e)
{
    struct fields_register *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "fields");
    r->pages_count = pages_count;
    if (anchors_open(&r->typed.anchors, type, e) != 0) {
        fields_register_destroy(r);
        return -1;
    }
    *out = r;
    return 0;
}

void fields_register_destroy(struct fields_register *r)
{
    if (r == NULL)
        return;
    anchors_close(&r->typed.anchors);
    free(r);
}

int fields_register_page(struct fields_register *r, struct fields *out,
                         const struct fields_page *page, uint32_t number, struct err *e)
{
    const struct layout *l = page->layout;
    struct gather g = {.out = out, .e = e};
    int rc = -1;

    if (l->cells_count == 0 || r->typed.anchors.count == 0)
        return 0;
    if (gather_open(&g, page, 1) != 0)
        goto out;
    g.page_first = number;
    g.pages_count = r->pages_count;
    r->typed.g = &g;
    /* Cells come table by table. */
    for (size_t i = 0; g.sheets[0].words_count > 0 && i < l->cells_count; i++)
        if (i == 0 || l->cells[i].table != l->cells[i - 1].table)
            table_take(r, l->cells[i].table);
    rc = g.failed ? -1 : 0;
out:
    r->typed.g = NULL;
    gather_close(&g);
    return rc;
}
