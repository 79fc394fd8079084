#include "ocr/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/marks/utf8.h"
#include "ocr/uncovered.h"

#define DOUBTED   80 /* below it seven of ten wrong words lie */
#define SURER_BY  2  /* else the first attempt's word stays */
#define LOST_SURE 80 /* a word that only one reading saw */
/* So sure of a line's letters, it is text, and its words better half right than not
 * there. */
#define LINE_SURE   56
#define ALIKE_SHARE 0.6

static size_t letters_of(const struct found_word *w)
{
    return found_characters(w->text, strlen(w->text));
}

double judge_doubt(const struct found *f)
{
    size_t letters = 0, doubted = 0;

    for (size_t i = 0; i < f->words_count; i++) {
        size_t here = letters_of(&f->words[i]);

        letters += here;
        doubted += f->words[i].confidence < DOUBTED ? here : 0;
    }
    return letters == 0 ? 0 : (double)doubted / (double)letters;
}

static void box_scale(struct box *b, double by)
{
    b->left = (int32_t)lround(b->left * by);
    b->top = (int32_t)lround(b->top * by);
    b->right = (int32_t)lround(b->right * by);
    b->bottom = (int32_t)lround(b->bottom * by);
}

void judge_scale(struct found *f, double scale)
{
    for (size_t i = 0; i < f->words_count; i++) {
        box_scale(&f->words[i].box, 1 / scale);
        box_scale(&f->words[i].line, 1 / scale);
    }
    for (size_t i = 0; i < f->symbols_count; i++)
        box_scale(&f->symbols[i].box, 1 / scale);
    for (size_t i = 0; i < f->cells_count; i++)
        box_scale(&f->cells[i].box, 1 / scale);
}

static double area(const struct box *b)
{
    return b->right > b->left && b->bottom > b->top
               ? (double)(b->right - b->left) * (b->bottom - b->top)
               : 0;
}

static double shared_area(const struct box *a, const struct box *b)
{
    struct box both = {a->left > b->left ? a->left : b->left,
                       a->top > b->top ? a->top : b->top,
                       a->right < b->right ? a->right : b->right,
                       a->bottom < b->bottom ? a->bottom : b->bottom};

    return area(&both);
}

/* The word of `f` that stands in the same place and in it alone, or SIZE_MAX. */
static size_t same_place(const struct found *f, const struct box *b)
{
    double best = 0;
    size_t at = SIZE_MAX;

    for (size_t i = 0; i < f->words_count; i++) {
        const struct box *other = &f->words[i].box;
        double both, all;

        if (other->left >= b->right || other->right <= b->left ||
            other->top >= b->bottom || other->bottom <= b->top)
            continue;
        both = shared_area(b, other);
        all = area(b) + area(other) - both;
        if (all > 0 && both / all > best) {
            best = both / all;
            at = i;
        }
    }
    return best >= ALIKE_SHARE ? at : SIZE_MAX;
}

static bool stands_free(const struct found *f, const struct box *b)
{
    for (size_t i = 0; i < f->words_count; i++)
        if (shared_area(b, &f->words[i].box) > 0.1 * area(b))
            return false;
    return true;
}

/* Copies a word's alternatives over, so that it can be told the language's choice. */
static int take_symbols(struct found *to, struct found_word *w, const struct found *from,
                        struct err *e)
{
    uint32_t first = (uint32_t)to->symbols_count;

    for (uint32_t i = 0; i < w->symbols_count; i++) {
        const struct symbol *was = &from->symbols[w->symbol_first + i];
        uint32_t choice_first = (uint32_t)to->choices_count;
        struct symbol *s = found_add_symbol(to, e);

        if (s == NULL)
            return -1;
        *s = *was;
        s->choice_first = choice_first;
        for (uint32_t k = 0; k < was->choices_count; k++) {
            struct choice *c = found_add_choice(to, e);

            if (c == NULL)
                return -1;
            *c = from->choices[was->choice_first + k];
        }
    }
    w->symbol_first = first;
    return 0;
}

/* Writes `other`'s word over that of *best, which keeps its place in the text. */
static int take_word(struct found *best, size_t at, const struct found *other,
                     const struct found_word *word, struct err *e)
{
    struct found_word copy = *word;

    if (take_symbols(best, &copy, other, e) != 0)
        return -1;
    copy.start = best->words[at].start;
    copy.cell = best->words[at].cell;
    copy.line = best->words[at].line;
    best->words[at] = copy;
    return 0;
}

static bool is_text(const struct found_word *w)
{
    return letters_of(w) >= 2 && w->confidence >= LOST_SURE;
}

/* Of a line that is text. */
static bool is_likely(const struct found_word *w)
{
    return letters_of(w) >= 2 ? marks_has_letters(w->text) : w->confidence >= LOST_SURE;
}

static bool middle_in(const struct box *b, const struct box *of)
{
    int x = (b->left + b->right) / 2, y = (b->top + b->bottom) / 2;

    return x >= of->left && x < of->right && y >= of->top && y < of->bottom;
}

/* Where a word goes that belongs behind word `at` of *best (SIZE_MAX: before the
 * first), and its cell. What stands beside or below a table goes behind the table. */
static size_t place_for(const struct found *best, size_t at, struct found_word *w)
{
    size_t to = at == SIZE_MAX ? 0 : at + 1;
    uint32_t cell = at == SIZE_MAX ? NO_CELL : best->words[at].cell;

    w->cell = NO_CELL;
    if (cell != NO_CELL && cell < best->cells_count &&
        middle_in(&w->box, &best->cells[cell].box)) {
        w->cell = cell;
        if (w->start != WORD_CELL_LINE)
            w->start = WORD_IN_LINE;
        return to;
    }
    if (cell != NO_CELL) {
        while (to < best->words_count && best->words[to].cell != NO_CELL)
            to++;
        w->start = layout_start_greater(w->start, WORD_NEW_LINE);
    }
    if (w->start == WORD_NEW_CELL || w->start == WORD_CELL_LINE)
        w->start = WORD_IN_LINE; /* of a table that only the other saw */
    return to;
}

/* Puts a word of `other` behind word *at of *best (SIZE_MAX: before the first), which
 * becomes its place. */
static int insert_word(struct found *best, size_t *at, const struct found *other,
                       const struct found_word *word, struct err *e)
{
    struct found_word copy = *word;
    size_t to = place_for(best, *at, &copy);

    if (take_symbols(best, &copy, other, e) != 0 || found_add_word(best, e) == NULL)
        return -1;
    *at = to;
    memmove(&best->words[to + 1], &best->words[to],
            (best->words_count - 1 - to) * sizeof *best->words);
    best->words[to] = copy;
    return 0;
}

int judge_merge(struct found *best, const struct found *other, size_t *taken,
                struct err *e)
{
    size_t behind = SIZE_MAX; /* the word of *best that the one before is */

    *taken = 0;
    for (size_t i = 0; i < other->words_count; i++) {
        const struct found_word *w = &other->words[i];
        size_t at = same_place(best, &w->box);

        if (at != SIZE_MAX) {
            behind = at;
            if (w->confidence < best->words[at].confidence + SURER_BY ||
                strcmp(w->text, best->words[at].text) == 0)
                continue;
            if (take_word(best, at, other, w, e) != 0)
                return -1;
            ++*taken;
        } else if (is_text(w) && stands_free(best, &w->box)) {
            if (insert_word(best, &behind, other, w, e) != 0)
                return -1;
            ++*taken;
        }
    }
    return 0;
}

/* The mean confidence of a line's letters. */
static double line_confidence(const struct found *line)
{
    double sum = 0;
    size_t letters = 0;

    for (size_t i = 0; i < line->words_count; i++) {
        size_t here = letters_of(&line->words[i]);

        letters += here;
        sum += (double)here * (double)line->words[i].confidence;
    }
    return letters == 0 ? 0 : sum / (double)letters;
}

/* On the same line. */
static bool is_left_of(const struct box *a, const struct box *b)
{
    int middle = (a->top + a->bottom) / 2;

    return a->left < b->left && middle > b->top && middle < b->bottom;
}

/* The word behind what was put in: its line goes on, or it begins one. */
static void go_on_behind(struct found *best, size_t in)
{
    struct found_word *next = &best->words[in + 1];

    if (in + 1 >= best->words_count || next->cell != NO_CELL)
        return;
    if (!is_left_of(&best->words[in].box, &next->box))
        next->start = layout_start_greater(next->start, WORD_NEW_LINE);
    else
        next->start = WORD_IN_LINE;
}

int judge_insert(struct found *best, const struct box *place, const struct found *line,
                 size_t *taken, struct err *e)
{
    bool sure = line_confidence(line) >= LINE_SURE, first = true;
    size_t behind = uncovered_place(best, place);

    behind = behind == 0 ? SIZE_MAX : behind - 1;
    for (size_t i = 0; i < line->words_count; i++) {
        struct found_word w = line->words[i];

        if (!stands_free(best, &w.box) || !(is_text(&w) || (sure && is_likely(&w))))
            continue;
        w.start = first ? WORD_NEW_LINE : WORD_IN_LINE;
        if (first && behind != SIZE_MAX && is_left_of(&best->words[behind].box, &w.box))
            w.start = WORD_IN_LINE;
        first = false;
        if (insert_word(best, &behind, line, &w, e) != 0)
            return -1;
        ++*taken;
    }
    if (!first)
        go_on_behind(best, behind);
    return 0;
}
