#include "ocr/table/table.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/table/lattice.h"
#include "ocr/table/rules.h"

#define MEET_MAX   0.05 /* inches that two rules may miss each other by */
#define TABLES_MAX 64

void grid_release(struct grid *g)
{
    free(g->cells);
    free(g->tables);
    free(g->rules);
    *g = (struct grid){0};
}

/* --- rules that hang together -------------------------------------------------------- */

static bool meet(const struct rule *a, const struct rule *b, double far)
{
    double along, across;

    if (a->upright == b->upright)
        return false;
    along = rule_at(b, (a->at_from + a->at_to) / 2); /* on a, near where b is */
    across = rule_at(a, along);                      /* on b */
    along = rule_at(b, across);
    return along >= a->from - far && along <= a->to + far && across >= b->from - far &&
           across <= b->to + far;
}

/* Rules that one after the other lose what they met: each is met with all others
 * once, so a stair of thousands costs no more than a lattice. */
struct pruning {
    size_t *met; /* by each rule, of those that are left; owned */
    size_t *out; /* taken out, in this order; owned */
    size_t out_count;
};

static void take_out(struct pruning *p, size_t rule)
{
    p->met[rule] = 0;
    p->out[p->out_count++] = rule;
}

static void prune_all(struct pruning *p, const struct rules *r)
{
    double far = MEET_MAX * r->dpi;

    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < r->count; k++)
            p->met[i] += meet(&r->items[i], &r->items[k], far);
    for (size_t i = 0; i < r->count; i++)
        if (p->met[i] < 2)
            take_out(p, i);
    for (size_t next = 0; next < p->out_count; next++)
        for (size_t i = 0; i < r->count; i++)
            if (p->met[i] >= 2 && meet(&r->items[i], &r->items[p->out[next]], far) &&
                --p->met[i] < 2)
                take_out(p, i);
}

/* Takes out what meets fewer than two others: underlines, streaks, folds. */
static int prune(struct rules *r, struct err *e)
{
    struct pruning p = {.met = calloc(r->count + 1, sizeof *p.met),
                        .out = calloc(r->count + 1, sizeof *p.out)};
    size_t kept = 0;
    int rc = -1;

    if (p.met == NULL || p.out == NULL) {
        err_set(e, ERR_MEMORY, "table: out of memory");
        goto out;
    }
    prune_all(&p, r);
    for (size_t i = 0; i < r->count; i++)
        if (p.met[i] >= 2)
            r->items[kept++] = r->items[i];
    r->count = kept;
    rc = 0;
out:
    free(p.met);
    free(p.out);
    return rc;
}

/* Sorts the rules from `first` on so that the first's whole group comes first;
 * returns one past its end. */
static size_t group_end(struct rules *r, size_t first)
{
    size_t end = first + 1;

    for (size_t i = first; i < end; i++)
        for (size_t k = end; k < r->count; k++)
            if (meet(&r->items[i], &r->items[k], MEET_MAX * r->dpi)) {
                struct rule spare = r->items[end];

                r->items[end++] = r->items[k];
                r->items[k] = spare;
            }
    return end;
}

/* --- the grid ----------------------------------------------------------------------- */

static void widen(struct box *b, const struct box *by)
{
    b->left = by->left < b->left ? by->left : b->left;
    b->top = by->top < b->top ? by->top : b->top;
    b->right = by->right > b->right ? by->right : b->right;
    b->bottom = by->bottom > b->bottom ? by->bottom : b->bottom;
}

static void clamp(struct box *b, int width, int height)
{
    b->left = b->left < 0 ? 0 : b->left > width ? width : b->left;
    b->right = b->right < b->left ? b->left : b->right > width ? width : b->right;
    b->top = b->top < 0 ? 0 : b->top > height ? height : b->top;
    b->bottom = b->bottom < b->top ? b->top : b->bottom > height ? height : b->bottom;
}

static void keep_rules(struct grid *g, const struct rule *rules, size_t count)
{
    memcpy(&g->rules[g->rules_count], rules, count * sizeof *rules);
    g->rules_count += count;
}

struct table_group {
    size_t first, end;
    double top;
};

static int compare_tops(const void *a, const void *b)
{
    const struct table_group *s = a, *t = b;

    return (s->top > t->top) - (s->top < t->top);
}

/* Groups of rules that may be tables, from the top of the page on. */
static size_t find_groups(struct rules *r, struct table_group groups[TABLES_MAX])
{
    size_t count = 0;

    for (size_t i = 0, end; i < r->count && count < TABLES_MAX; i = end) {
        struct table_group *t = &groups[count];

        end = group_end(r, i);
        *t = (struct table_group){i, end, INFINITY};
        for (size_t k = i; k < end; k++)
            t->top = fmin(t->top,
                          r->items[k].upright ? r->items[k].from : r->items[k].at_from);
        count += end - i >= 5;
    }
    qsort(groups, count, sizeof *groups, compare_tops);
    return count;
}

static int take_table(struct grid *g, struct found *cells, const struct rules *r,
                      const struct table_group *t, struct err *e)
{
    struct lattice *l = malloc(sizeof *l);
    size_t before = cells->cells_count, count = t->end - t->first;
    int rc = 0;

    if (l == NULL)
        return err_set(e, ERR_MEMORY, "table: out of memory");
    if (lattice_make(l, &r->items[t->first], count, r->dpi))
        rc = lattice_cells(l, r, (uint16_t)g->tables_count, cells, e);
    if (cells->cells_count > LAYOUT_CELLS_MAX || (rc != 0 && e->code == ERR_TOO_BIG)) {
        cells->cells_count = before; /* squared paper: none */
        rc = 0;
    }
    if (rc == 0 && cells->cells_count > before) {
        struct box *box = &g->tables[g->tables_count++];

        *box = cells->cells[before].box;
        for (size_t i = before; i < cells->cells_count; i++)
            widen(box, &cells->cells[i].box);
        keep_rules(g, &r->items[t->first], count);
    }
    free(l);
    return rc;
}

static int take_tables(struct grid *g, struct rules *r, struct err *e)
{
    struct table_group groups[TABLES_MAX];
    struct found cells = {0}; /* for its growing list of cells */
    size_t count = find_groups(r, groups);
    int rc = 0;

    g->tables = calloc(count + 1, sizeof *g->tables);
    g->rules = calloc(r->count + 1, sizeof *g->rules);
    if (g->tables == NULL || g->rules == NULL)
        rc = err_set(e, ERR_MEMORY, "table: out of memory");
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = take_table(g, &cells, r, &groups[i], e);
    g->cells = cells.cells;
    g->cells_count = cells.cells_count;
    return rc;
}

int grid_find(struct grid *out, struct Pix *pix, int dpi, struct err *e)
{
    struct rules rules = {0};
    int rc;

    *out = (struct grid){.dpi = dpi};
    rc = rules_find(&rules, pix, dpi, e);
    if (rc == 0)
        rc = prune(&rules, e);
    if (rc == 0)
        rc = take_tables(out, &rules, e);
    for (size_t i = 0; i < out->cells_count && rc == 0; i++)
        clamp(&out->cells[i].box, pixGetWidth(pix), pixGetHeight(pix));
    for (size_t i = 0; i < out->tables_count && rc == 0; i++)
        clamp(&out->tables[i], pixGetWidth(pix), pixGetHeight(pix));
    rules_release(&rules);
    if (rc != 0)
        grid_release(out);
    return rc;
}
