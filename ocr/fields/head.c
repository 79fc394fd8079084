#include "ocr/fields/head.h"

#include <math.h>
#include <string.h>

#include "ocr/fields/kinds.h"

#define HEAD_BOTTOM_MAX 0.55 /* of the page: below, a number is one that is quoted */
#define SPLIT_USUAL     0.46

static bool says(const struct sheet *s, const struct sheet_line *l, const char *folded,
                 unsigned distance)
{
    struct fold_match m;

    return fold_find(line_folded(s, l), l->fold_count, folded, distance, &m);
}

/* ------------------------------------------------------------------ anchors */

static size_t line_that_says(const struct sheet *s, const char *folded, unsigned distance)
{
    for (size_t i = 0; i < s->lines_count; i++)
        if (s->lines[i].top < HEAD_BOTTOM_MAX && says(s, &s->lines[i], folded, distance))
            return i;
    return SHEET_NONE;
}

static void nation_find(struct head *h, const struct sheet *s)
{
    h->nation = line_that_says(s, "conghoaxahoichunghiavietnam", 7);
    h->motto = line_that_says(s, "doclaptudohanhphuc", 5);
    if (h->nation == SHEET_NONE && h->motto == SHEET_NONE) {
        h->nation = line_that_says(s, "dangcongsanvietnam", 4);
        /* The Party's name in a sentence is no head. */
        if (h->nation != SHEET_NONE && s->lines[h->nation].capital < CAPITALS_MIN)
            h->nation = SHEET_NONE;
        h->party = h->nation != SHEET_NONE;
    }
}

/* Where the right column begins, if the nation's name tells. */
static void split_find(struct head *h, const struct sheet *s)
{
    double left = 1;

    h->split = SPLIT_USUAL;
    if (h->nation != SHEET_NONE)
        left = s->lines[h->nation].left;
    else if (h->motto != SHEET_NONE)
        left = s->lines[h->motto].left - 0.05;
    if (left > 0.25 && left < 0.7)
        h->split = left - 0.01;
}

static void number_find(struct head *h, const struct sheet *s)
{
    unsigned most = 1;

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];
        unsigned marks;

        if (l->bottom > HEAD_BOTTOM_MAX || l->left > h->split)
            continue;
        /* In the body a line may begin with a number; only the head's is short. */
        if (l->right > h->split + 0.12 && line_middle(l) > h->split)
            continue;
        marks = number_marks(s, l);
        if (marks > most) {
            most = marks;
            h->number = i;
        }
    }
}

static void date_find(struct head *h, const struct sheet *s)
{
    size_t first, count;

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];

        if (l->bottom > HEAD_BOTTOM_MAX || line_middle(l) < h->split ||
            l->words_count > 14 || !date_words(s, l, &first, &count))
            continue;
        /* Nothing behind the year but specks. */
        if (first + count + 1 < l->word_first + l->words_count)
            continue;
        h->date = i;
        return;
    }
}

static void bottom_grow(struct head *h, const struct sheet *s, size_t line)
{
    if (line != SHEET_NONE)
        h->bottom = fmax(h->bottom, s->lines[line].bottom);
}

void head_find(struct head *out, const struct gather *g)
{
    for (uint32_t p = 0; p < g->sheets_count; p++) {
        const struct sheet *s = &g->sheets[p];
        struct head h = {.page = p,
                         .nation = SHEET_NONE,
                         .motto = SHEET_NONE,
                         .number = SHEET_NONE,
                         .date = SHEET_NONE,
                         .kind = SHEET_NONE};

        nation_find(&h, s);
        split_find(&h, s);
        number_find(&h, s);
        if (h.nation == SHEET_NONE && h.motto == SHEET_NONE && h.number == SHEET_NONE) {
            if (p == 0)
                *out = h;
            continue;
        }
        date_find(&h, s);
        bottom_grow(&h, s, h.nation);
        bottom_grow(&h, s, h.motto);
        bottom_grow(&h, s, h.number);
        bottom_grow(&h, s, h.date);
        h.found = true;
        *out = h;
        return;
    }
}
