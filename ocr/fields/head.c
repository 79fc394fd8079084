#include "ocr/fields/head.h"

#include <math.h>
#include <string.h>

#include "ocr/fields/kinds.h"

#define HEAD_BOTTOM_MAX  0.55 /* of the page: below, a number is one that is quoted */
#define SPLIT_USUAL      0.46
#define ISSUER_LINES_MAX 8
#define GAP_MAX          1.6 /* heights between lines of one block */
#define CAPITALS_MIN     0.7

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

/* ------------------------------------------------------------------- issuer */

struct issuer_lines {
    size_t line[ISSUER_LINES_MAX], count;
};

static void insert_by_top(struct issuer_lines *out, const struct sheet *s, size_t line)
{
    size_t at = out->count;

    if (out->count == ISSUER_LINES_MAX)
        return;
    while (at > 0 && line_height_middle(&s->lines[out->line[at - 1]]) >
                         line_height_middle(&s->lines[line])) {
        out->line[at] = out->line[at - 1];
        at--;
    }
    out->line[at] = line;
    out->count++;
}

/* What stands at the left above the number (or as high as the date and the motto):
 * words in capitals, no specks. */
static void issuer_collect(struct issuer_lines *out, const struct head *h,
                           const struct sheet *s)
{
    double lowest = 0, highest = 0;

    if (h->number != SHEET_NONE)
        lowest = line_height_middle(&s->lines[h->number]);
    else if (h->date != SHEET_NONE)
        lowest = s->lines[h->date].top;
    else
        lowest = h->bottom;
    if (h->nation != SHEET_NONE)
        highest = s->lines[h->nation].top - 1.5 * s->line_height;
    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];

        if (i == h->nation || i == h->motto || i == h->number || i == h->date ||
            line_middle(l) > h->split || l->right > h->split + 0.08 ||
            line_height_middle(l) >= lowest - 0.3 * l->height || l->top < highest ||
            l->letters < 2 || l->capital < CAPITALS_MIN || l->digits > 2)
            continue;
        insert_by_top(out, s, i);
    }
}

/* "VĂN PHÒNG HĐND VÀ" goes on below, and "ĐẢNG ỦY PHƯỜNG" has its name there, even where
 * that begins as an office does: TRƯỜNG XUÂN, HỘI AN. */
static bool goes_on(const struct sheet *s, const struct sheet_line *l)
{
    static const char *const last[] = {"va",   "xa",   "phuong", "tran", "huyen",
                                       "quan", "tinh", "pho",    "thon"};
    const struct sheet_word *w = &s->words[l->word_first + l->words_count - 1];
    char folded[16];
    size_t count =
        w->bytes < sizeof folded ? fold_text(w->text, w->bytes, folded, NULL) : 0;

    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        if (count == strlen(last[i]) && memcmp(folded, last[i], count) == 0)
            return true;
    return false;
}

/* Without a dash or speck at its end, which is no part of the name. */
static void run_add_name(struct run *r, const struct sheet *s, const struct sheet_line *l)
{
    size_t count = l->words_count;
    char folded[8];

    while (count > 1) {
        const struct sheet_word *w = &s->words[l->word_first + count - 1];

        if (w->bytes >= sizeof folded || fold_text(w->text, w->bytes, folded, NULL) > 0)
            break;
        count--;
    }
    run_add(r, l->word_first, count);
}

void head_issuer(struct gather *g, const struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];
    struct issuer_lines all = {.count = 0};
    struct run parent = {.page = h->page}, issuer = {.page = h->page};
    size_t begin = 0;
    unsigned sure = SURE_PLACE;

    if (!h->found)
        return;
    issuer_collect(&all, h, s);
    for (size_t i = 0; i < all.count; i++) {
        bool office = office_begins(s, &s->lines[all.line[i]]);

        if (office)
            sure = SURE_PLACE_AND_WORDS;
        if (office && i > 0 && !goes_on(s, &s->lines[all.line[i - 1]]))
            begin = i;
    }
    for (size_t i = 0; i < all.count; i++)
        run_add_name(i < begin ? &parent : &issuer, s, &s->lines[all.line[i]]);
    if (parent.pieces > 0)
        gather_spelled(g, "parent", &parent, sure, "head.issuer", "head.issuer.spelled");
    if (issuer.pieces > 0)
        gather_spelled(g, "issuer", &issuer, sure, "head.issuer", "head.issuer.spelled");
}
