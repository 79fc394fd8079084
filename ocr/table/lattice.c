#include "ocr/table/lattice.h"

#include <math.h>
#include <stdlib.h>

/* Inches. Two rules nearer to each other than this are a double one: no line of
 * letters stands between them. */
#define BAND_MIN    0.08
#define OPEN_MIN    0.25 /* how far lines stick out where a table has no side */
#define TABLE_WIDTH 1.4  /* smaller ones are stamps */
#define TABLE_HIGH  0.3

static int compare_places(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* --- bounds ------------------------------------------------------------------------ */

static double lean_of(const struct rule *rules, size_t count, bool upright)
{
    double rise = 0, run = 0;

    for (size_t i = 0; i < count; i++)
        if (rules[i].upright == upright) {
            rise += rules[i].at_to - rules[i].at_from;
            run += rules[i].to - rules[i].from;
        }
    return run > 0 ? rise / run : 0;
}

/* Where the rule is across at the table's middle. */
static double place_of(const struct bounds *b, const struct rule *r)
{
    double middle = (r->from + r->to) / 2;

    return rule_at(r, middle) + b->lean * (b->along - middle);
}

static void extent_of(struct bounds *b, const struct rule *rules, size_t count)
{
    b->from = INFINITY;
    b->to = -INFINITY;
    for (size_t i = 0; i < count; i++)
        if (rules[i].upright == b->upright) {
            b->from = fmin(b->from, rules[i].from);
            b->to = fmax(b->to, rules[i].to);
        }
    b->along = (b->from + b->to) / 2;
}

/* Places that are one boundary become their mean. */
static void cluster(struct bounds *b, double *places, size_t count, double apart)
{
    size_t cap = b->upright ? LATTICE_COLUMNS_MAX : LATTICE_ROWS_MAX;

    qsort(places, count, sizeof *places, compare_places);
    b->count = 0;
    for (size_t i = 0, next; i < count && b->count <= cap; i = next) {
        double sum = 0;

        for (next = i; next < count && places[next] - places[i] < apart; next++)
            sum += places[next];
        b->places[b->count++] = sum / (double)(next - i);
    }
}

static bool bounds_make(struct bounds *out, const struct rule *rules, size_t count,
                        bool upright, int dpi)
{
    double *places = calloc(count, sizeof *places);
    size_t n = 0;

    *out = (struct bounds){.upright = upright, .lean = lean_of(rules, count, upright)};
    if (places == NULL)
        return false; /* read as a page without tables */
    extent_of(out, rules, count);
    for (size_t i = 0; i < count; i++)
        if (rules[i].upright == upright)
            places[n++] = place_of(out, &rules[i]);
    cluster(out, places, n, BAND_MIN * dpi);
    free(places);
    return out->count >= 2;
}

/* A table without its outermost lines on one side: the others stick out there. */
static void open_side(struct bounds *b, const struct rule *rules, size_t count,
                      bool before, int dpi)
{
    double edge = before ? b->places[0] : b->places[b->count - 1];
    double far = edge;
    size_t sticking = 0, all = 0;

    for (size_t i = 0; i < count; i++) {
        double end = before ? rules[i].from : rules[i].to;

        if (rules[i].upright == b->upright)
            continue;
        all++;
        sticking += (before ? edge - end : end - edge) > OPEN_MIN * dpi;
        far = before ? fmin(far, end) : fmax(far, end);
    }
    if (2 * sticking <= all || b->count > LATTICE_COLUMNS_MAX)
        return;
    if (before)
        for (size_t i = b->count; i > 0; i--)
            b->places[i] = b->places[i - 1];
    b->places[before ? 0 : b->count] = far;
    b->count++;
}

bool lattice_make(struct lattice *out, const struct rule *rules, size_t count, int dpi)
{
    *out = (struct lattice){.rules = rules, .rules_count = count};
    if (!bounds_make(&out->rows, rules, count, false, dpi) ||
        !bounds_make(&out->columns, rules, count, true, dpi))
        return false;
    for (int before = 0; before < 2; before++) {
        open_side(&out->rows, rules, count, before, dpi);
        open_side(&out->columns, rules, count, before, dpi);
    }
    return out->rows.count + out->columns.count >= 5 &&
           out->rows.count <= LATTICE_ROWS_MAX &&
           out->columns.count <= LATTICE_COLUMNS_MAX &&
           out->columns.places[out->columns.count - 1] - out->columns.places[0] >=
               TABLE_WIDTH * dpi &&
           out->rows.places[out->rows.count - 1] - out->rows.places[0] >=
               TABLE_HIGH * dpi;
}

/* Where boundary `i` is at `along`: on the nearest of its rules. */
static double bound_at(const struct lattice *l, const struct bounds *b, size_t i,
                       double along, int dpi)
{
    const struct rule *near = NULL;
    double least = INFINITY;

    for (size_t k = 0; k < l->rules_count; k++) {
        const struct rule *r = &l->rules[k];
        double away = fmax(fmax(r->from - along, along - r->to), 0);

        if (r->upright == b->upright && away < least &&
            fabs(place_of(b, r) - b->places[i]) < BAND_MIN * dpi) {
            near = r;
            least = away;
        }
    }
    if (near == NULL)
        return b->places[i] + b->lean * (along - b->along);
    if (along < near->from)
        return near->at_from + b->lean * (along - near->from);
    if (along > near->to)
        return near->at_to + b->lean * (along - near->to);
    return rule_at(near, along);
}

/* --- walls and cells ------------------------------------------------------------------ */

#define SQUARES_MAX (LATTICE_ROWS_MAX * LATTICE_COLUMNS_MAX)

struct span {
    size_t top, left, bottom, right; /* the last two one past */
};

/* One square of the lattice belongs to the cell whose first square is `owner`. */
struct squares {
    size_t rows, columns;
    uint32_t owner[SQUARES_MAX];
    struct span spans[SQUARES_MAX]; /* of owners */
};

/* Less of a line than this is a stroke that happens to lie there. */
#define WALL_MIN 0.45
/* Of the table's length: a line drawn so far may have holes elsewhere. */
#define DRAWN_MIN 0.5

/* How much of `from`..`to` the rules of boundary `i` run along, 0..1. */
static double drawn(const struct lattice *l, const struct bounds *b, size_t i,
                    double from, double to, int dpi)
{
    double sum = 0;

    for (size_t k = 0; k < l->rules_count; k++) {
        const struct rule *r = &l->rules[k];

        if (r->upright == b->upright &&
            fabs(place_of(b, r) - b->places[i]) < BAND_MIN * dpi)
            sum += fmax(fmin(r->to, to) - fmax(r->from, from), 0);
    }
    return sum / (to - from);
}

/* Is there a wall before row (or column) `i`, along the square `at` of the others? */
static bool is_wall(const struct lattice *l, const struct rules *all,
                    const struct bounds *across, size_t i, size_t at)
{
    const struct bounds *along = across->upright ? &l->rows : &l->columns;
    double step = along->places[at + 1] - along->places[at];
    struct rule r = {.upright = across->upright};

    r.from = along->places[at] + step / 12;
    r.to = along->places[at + 1] - step / 12;
    if (drawn(l, across, i, r.from, r.to, all->dpi) >= WALL_MIN)
        return true;
    if (drawn(l, across, i, across->from, across->to, all->dpi) < DRAWN_MIN)
        return false;
    r.at_from = bound_at(l, across, i, r.from, all->dpi);
    r.at_to = bound_at(l, across, i, r.to, all->dpi);
    return rules_cover(all, &r) >= WALL_MIN;
}

static uint32_t owner_of(const struct squares *s, uint32_t i)
{
    while (s->owner[i] != i)
        i = s->owner[i];
    return i;
}

static void join(struct squares *s, size_t a, size_t b)
{
    uint32_t x = owner_of(s, (uint32_t)a), y = owner_of(s, (uint32_t)b);

    s->owner[x > y ? x : y] = x < y ? x : y;
}

static void join_where_open(struct squares *s, const struct lattice *l,
                            const struct rules *all)
{
    for (size_t row = 0; row < s->rows; row++)
        for (size_t column = 0; column < s->columns; column++) {
            size_t at = row * s->columns + column;

            if (row > 0 && !is_wall(l, all, &l->rows, row, column))
                join(s, at - s->columns, at);
            if (column > 0 && !is_wall(l, all, &l->columns, column, row))
                join(s, at - 1, at);
        }
}

/* Every cell's extent, at its owner's place. */
static void measure_spans(struct squares *s)
{
    for (size_t i = 0; i < s->rows * s->columns; i++)
        s->spans[i] = (struct span){s->rows, s->columns, 0, 0};
    for (size_t i = 0; i < s->rows * s->columns; i++) {
        struct span *span = &s->spans[owner_of(s, (uint32_t)i)];
        size_t row = i / s->columns, column = i % s->columns;

        span->top = row < span->top ? row : span->top;
        span->left = column < span->left ? column : span->left;
        span->bottom = row >= span->bottom ? row + 1 : span->bottom;
        span->right = column >= span->right ? column + 1 : span->right;
    }
}

/* Joins what lies in the span of `i`; true if that was more than itself. */
static bool fill_span(struct squares *s, uint32_t i)
{
    struct span span = s->spans[i];
    bool changed = false;

    for (size_t row = span.top; row < span.bottom; row++)
        for (size_t column = span.left; column < span.right; column++) {
            size_t at = row * s->columns + column;

            if (owner_of(s, (uint32_t)at) != owner_of(s, i)) {
                join(s, i, at);
                changed = true;
            }
        }
    return changed;
}

/* Cells are rectangles: what a bent one reaches around becomes part of it. */
static void square_up(struct squares *s)
{
    bool changed = true;

    while (changed) {
        changed = false;
        measure_spans(s);
        for (uint32_t i = 0; i < s->rows * s->columns; i++)
            if (owner_of(s, i) == i && fill_span(s, i))
                changed = true;
    }
}

static struct box box_of(const struct lattice *l, const struct span *span, int dpi)
{
    const struct bounds *rows = &l->rows, *columns = &l->columns;
    double x = (columns->places[span->left] + columns->places[span->right]) / 2;
    double y = (rows->places[span->top] + rows->places[span->bottom]) / 2;

    return (struct box){
        .left = (int32_t)lround(bound_at(l, columns, span->left, y, dpi)),
        .right = (int32_t)lround(bound_at(l, columns, span->right, y, dpi)),
        .top = (int32_t)lround(bound_at(l, rows, span->top, x, dpi)),
        .bottom = (int32_t)lround(bound_at(l, rows, span->bottom, x, dpi)),
    };
}

static int add_cells(const struct lattice *l, const struct squares *s, int dpi,
                     uint16_t table, struct found *out, struct err *e)
{
    for (uint32_t i = 0; i < s->rows * s->columns; i++) {
        struct span span;
        struct found_cell *c;

        if (owner_of(s, i) != i)
            continue;
        span = s->spans[i];
        if (span.bottom - span.top == s->rows && span.right - span.left == s->columns)
            return 0; /* one cell: a frame */
        c = found_add_cell(out, e);
        if (c == NULL)
            return -1;
        *c = (struct found_cell){.table = table,
                                 .row = (uint16_t)span.top,
                                 .column = (uint16_t)span.left,
                                 .row_span = (uint16_t)(span.bottom - span.top),
                                 .column_span = (uint16_t)(span.right - span.left),
                                 .box = box_of(l, &span, dpi)};
    }
    return 0;
}

int lattice_cells(const struct lattice *l, const struct rules *all, uint16_t table,
                  struct found *out, struct err *e)
{
    struct squares *s = calloc(1, sizeof *s);
    int rc;

    if (s == NULL)
        return err_set(e, ERR_MEMORY, "table: out of memory");
    s->rows = l->rows.count - 1;
    s->columns = l->columns.count - 1;
    for (uint32_t i = 0; i < s->rows * s->columns; i++)
        s->owner[i] = i;
    join_where_open(s, l, all);
    square_up(s);
    rc = add_cells(l, s, all->dpi, table, out, e);
    free(s);
    return rc;
}
