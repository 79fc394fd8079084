#include "ocr/uncovered.h"

#include <stdlib.h>
#include <string.h>

/* In shares of the height of the page's words. */
#define LETTER_LOW  0.3 /* lower ones are marks and specks */
#define LETTER_HIGH 1.7
#define LETTER_WIDE 5 /* letters that have run into each other */
#define GAP_MAX     1.2
#define LINE_HIGH   2.2
#define LINE_WIDE   1.5
#define LETTERS_MIN 3

#define WORD_FROM 60
#define COVERED   0.5
#define LEVEL     0.5  /* so much of the lower one's height lies in the other's */
#define BESIDE    3    /* between words of one line there is less room */
#define ASIDE     0.05 /* what words beside a line say of its place */
#define INKS_MAX  1500 /* uncovered ones; more is dirt, or a picture */

static int width(const struct box *b)
{
    return b->right - b->left;
}

static int height(const struct box *b)
{
    return b->bottom - b->top;
}

static int shared(int a_from, int a_to, int b_from, int b_to)
{
    int from = a_from > b_from ? a_from : b_from, to = a_to < b_to ? a_to : b_to;

    return to > from ? to - from : 0;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static bool is_plain_word(const struct found_word *w)
{
    return found_characters(w->text, strlen(w->text)) >= 2 && w->confidence >= WORD_FROM;
}

int uncovered_letters(const struct found *f)
{
    int *heights = calloc(f->words_count + 1, sizeof *heights), median;
    size_t n = 0;

    if (heights == NULL)
        return 0;
    for (size_t i = 0; i < f->words_count; i++)
        if (is_plain_word(&f->words[i]))
            heights[n++] = height(&f->words[i].box);
    qsort(heights, n, sizeof *heights, compare_ints);
    median = n > 0 ? heights[n / 2] : 0;
    free(heights);
    return median;
}

/* --- ink ---------------------------------------------------------------------------- */

static bool is_letter(const struct box *b, int letters)
{
    return height(b) >= LETTER_LOW * letters && height(b) <= LETTER_HIGH * letters &&
           width(b) <= LETTER_WIDE * letters;
}

static bool is_covered(const struct box *ink, const struct found *f)
{
    double all = (double)width(ink) * height(ink), covered = 0;

    for (size_t i = 0; i < f->words_count && covered < COVERED * all; i++) {
        const struct box *w = &f->words[i].box;

        covered += (double)shared(ink->left, ink->right, w->left, w->right) *
                   shared(ink->top, ink->bottom, w->top, w->bottom);
    }
    return covered >= COVERED * all;
}

/* What a table's cells leave out is their own affair. */
static bool in_cell(const struct box *ink, const struct found *f)
{
    for (size_t i = 0; i < f->cells_count; i++) {
        const struct box *c = &f->cells[i].box;

        if (ink->left < c->right && ink->right > c->left && ink->top < c->bottom &&
            ink->bottom > c->top)
            return true;
    }
    return false;
}

/* --- lines -------------------------------------------------------------------------- */

struct line {
    struct box box;
    size_t letters;
};

static bool is_level(const struct box *a, const struct box *b)
{
    int lower = height(a) < height(b) ? height(a) : height(b);

    return shared(a->top, a->bottom, b->top, b->bottom) >= LEVEL * lower;
}

static int compare_lefts(const void *a, const void *b)
{
    const struct box *p = a, *q = b;

    return p->left != q->left ? p->left - q->left : p->top - q->top;
}

static void box_join(struct box *to, const struct box *b)
{
    to->left = b->left < to->left ? b->left : to->left;
    to->top = b->top < to->top ? b->top : to->top;
    to->right = b->right > to->right ? b->right : to->right;
    to->bottom = b->bottom > to->bottom ? b->bottom : to->bottom;
}

/* Joins letters, from the left, to the line that each continues. */
static size_t lines_make(struct line *lines, const struct box *inks, size_t count,
                         int letters)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        struct line *best = NULL;

        for (size_t k = 0; k < n; k++)
            if (inks[i].left - lines[k].box.right <= GAP_MAX * letters &&
                is_level(&lines[k].box, &inks[i]) &&
                (best == NULL || lines[k].box.right > best->box.right))
                best = &lines[k];
        if (best == NULL) {
            lines[n++] = (struct line){inks[i], 1};
            continue;
        }
        box_join(&best->box, &inks[i]);
        best->letters++;
    }
    return n;
}

static bool is_text_line(const struct line *l, int letters)
{
    return l->letters >= LETTERS_MIN && width(&l->box) >= LINE_WIDE * letters &&
           height(&l->box) <= LINE_HIGH * letters;
}

static int compare_widths(const void *a, const void *b)
{
    const struct line *p = a, *q = b;
    int wider = width(&q->box) - width(&p->box);

    return wider != 0 ? wider : p->box.top - q->box.top;
}

/* The uncovered letters among `inks`, from left to right; NULL: none, or no memory. */
static struct box *letters_left(const struct box *inks, size_t count,
                                const struct found *f, int letters, size_t *out)
{
    struct box *left = calloc(INKS_MAX, sizeof *left);
    size_t n = 0;

    for (size_t i = 0; left != NULL && i < count && n < INKS_MAX; i++)
        if (is_letter(&inks[i], letters) && !in_cell(&inks[i], f) &&
            !is_covered(&inks[i], f))
            left[n++] = inks[i];
    *out = n == INKS_MAX ? 0 : n;
    if (left != NULL)
        qsort(left, *out, sizeof *left, compare_lefts);
    return left;
}

size_t uncovered_find(const struct box *inks, size_t count, const struct found *f,
                      struct box out[UNCOVERED_MAX])
{
    int letters = uncovered_letters(f);
    size_t left_count = 0, lines_count, n = 0;
    struct box *left = letters_left(inks, count, f, letters, &left_count);
    struct line *lines = calloc(left_count + 1, sizeof *lines);

    if (left == NULL || lines == NULL)
        goto out;
    lines_count = lines_make(lines, left, left_count, letters);
    qsort(lines, lines_count, sizeof *lines, compare_widths);
    for (size_t i = 0; i < lines_count && n < UNCOVERED_MAX; i++)
        if (is_text_line(&lines[i], letters))
            out[n++] = lines[i].box;
out:
    free(lines);
    free(left);
    return n;
}

/* --- reading order ------------------------------------------------------------------ */

/* A box may reach into the line above or below it; its middle does not. */
static bool on_line(const struct box *w, const struct box *b)
{
    int off = w->top + w->bottom - b->top - b->bottom; /* twice */

    return abs(off) < (height(w) < height(b) ? height(w) : height(b));
}

/* The line with what was read beside it: what a column is known by. */
static struct box column_of(const struct found *f, const struct box *b)
{
    struct box column = *b;

    for (size_t i = 0; i < f->words_count; i++) {
        const struct box *w = &f->words[i].box;

        if (on_line(w, b) && w->left - b->right < BESIDE * height(b) &&
            b->left - w->right < BESIDE * height(b))
            box_join(&column, w);
    }
    return column;
}

/* How much speaks for reading the word before the line (> 0) or after it (< 0). */
static double before_line(const struct found_word *w, const struct box *b,
                          const struct box *column)
{
    int off = w->box.top + w->box.bottom - b->top - b->bottom; /* twice */

    if (on_line(&w->box, b))
        return w->box.left + w->box.right < b->left + b->right ? 1 : -1;
    if (shared(w->line.left, w->line.right, column->left, column->right) > 0)
        return off < 0 ? 1 : -1;
    return w->line.right <= column->left ? ASIDE : -ASIDE;
}

size_t uncovered_place(const struct found *f, const struct box *b)
{
    struct box column = column_of(f, b);
    double wrong = 0, least;
    size_t best = 0;

    for (size_t i = 0; i < f->words_count; i++) {
        double said = before_line(&f->words[i], b, &column);

        wrong += said > 0 ? said : 0;
    }
    least = wrong;
    for (size_t i = 0; i < f->words_count; i++) {
        wrong -= before_line(&f->words[i], b, &column);
        if (wrong < least) {
            least = wrong;
            best = i + 1;
        }
    }
    return best;
}
