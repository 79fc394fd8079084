#include "ocr/table/table.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

#include "ocr/table/rules.h"

/* Less contrast than this across a rule: there is a hole in it. */
#define CONTRAST_MIN 20
#define BEYOND       5 /* pixels, past its ends */

/* A walk along one rule, looking at a column of pixels across it at each step. */
struct walk {
    struct Pix *from, *to; /* 8 bits; what is seen never depends on what was erased */
    const struct rule *rule;
    const struct grid *grid;
    double drift; /* how far the rule was from its straight line lately */
    int reach;    /* pixels looked at on each side */
    int paper;    /* beside the rule, lately */
};

static int pixel_get(const struct walk *w, int along, int across)
{
    int x = w->rule->upright ? across : along, y = w->rule->upright ? along : across;

    if (x < 0 || y < 0 || x >= pixGetWidth(w->from) || y >= pixGetHeight(w->from))
        return 255;
    return GET_DATA_BYTE(pixGetData(w->from) + (size_t)y * (size_t)pixGetWpl(w->from), x);
}

static void pixel_set(const struct walk *w, int along, int across, int value)
{
    int x = w->rule->upright ? across : along, y = w->rule->upright ? along : across;

    if (x < 0 || y < 0 || x >= pixGetWidth(w->to) || y >= pixGetHeight(w->to))
        return;
    SET_DATA_BYTE(pixGetData(w->to) + (size_t)y * (size_t)pixGetWpl(w->to), x, value);
}

/* Does a rule that lies across this one pass here? */
static bool is_crossing(const struct walk *w, double along, double across)
{
    for (size_t i = 0; i < w->grid->rules_count; i++) {
        const struct rule *r = &w->grid->rules[i];

        if (r->upright != w->rule->upright && across >= r->from - BEYOND &&
            across <= r->to + BEYOND &&
            fabs(rule_at(r, across) - along) <= r->thick / 2 + 2)
            return true;
    }
    return false;
}

/* Paper over pixels `first` to `last` of the column, and over the grey of their rims. */
static void paint(const struct walk *w, int along, int first, int last)
{
    for (int i = first - 1; i <= last + 1; i++)
        if (pixel_get(w, along, i) < w->paper)
            pixel_set(w, along, i, w->paper);
}

static void note_paper(struct walk *w, int along, int first, int last)
{
    int before = pixel_get(w, along, first - 2), after = pixel_get(w, along, last + 2);

    w->paper = before > after ? before : after;
}

/* The run of ink at the rule; false: there is a hole. */
static bool find_run(const struct walk *w, int along, int at, int *first, int *last)
{
    int darkest = 255, lightest = 0, level, near = (int)(w->rule->thick / 2) + 2;

    for (int i = at - w->reach; i <= at + w->reach; i++) {
        int value = pixel_get(w, along, i);

        lightest = value > lightest ? value : lightest;
        if (abs(i - at) <= near && value < darkest) {
            darkest = value;
            *first = *last = i;
        }
    }
    if (lightest - darkest < CONTRAST_MIN)
        return false;
    level = lightest - (lightest - darkest) * 2 / 5;
    while (*last < at + w->reach && pixel_get(w, along, *last + 1) < level)
        ++*last;
    while (*first > at - w->reach && pixel_get(w, along, *first - 1) < level)
        --*first;
    return true;
}

static void step(struct walk *w, int along)
{
    double middle = rule_at(w->rule, along) + w->drift, half = w->rule->thick / 2;
    int first = 0, last = 0, from = (int)floor(middle - half),
        to = (int)ceil(middle + half) - 1;
    bool over, under;

    if (is_crossing(w, along, middle)) {
        paint(w, along, from, to);
        return;
    }
    if (!find_run(w, along, (int)floor(middle), &first, &last))
        return;
    /* Letters: what stands out on both sides crosses the rule and stays whole; what
     * stands out on one side touches it and loses no more than the rule has. */
    over = first < middle - half - 2;
    under = last > middle + half + 1;
    if (over && under)
        return;
    if (!over && !under) {
        w->drift += ((first + last + 1) / 2.0 - middle) / 16;
        note_paper(w, along, first, last);
    }
    paint(w, along, over ? from : first, under ? to : last);
}

static void erase_rule(struct Pix *to, struct Pix *from, const struct grid *g,
                       const struct rule *r)
{
    struct walk w = {.from = from, .to = to, .rule = r, .grid = g, .paper = 255};

    w.reach = (int)r->thick + 4;
    for (int along = (int)r->from - BEYOND; along < (int)r->to + BEYOND; along++)
        step(&w, along);
}

int grid_erase(struct Pix **out, struct Pix *pix, const struct grid *g, struct err *e)
{
    *out = pixCopy(NULL, pix);
    if (*out == NULL)
        return err_set(e, ERR_MEMORY, "table: out of memory");
    for (size_t i = 0; i < g->rules_count; i++)
        erase_rule(*out, pix, g, &g->rules[i]);
    return 0;
}
