#include "ocr/fields/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ocr/language/letter.h"

#define GAP_WIDTH_MIN  0.045 /* of the page: no justified line is set so wide */
#define GAP_HEIGHT_MIN 2.0   /* of the word */
#define BACK_MAX       0.04  /* a word may begin so much left of the last one's end */
#define BELOW_MIN      0.4   /* of a line's height: less is beside it */

double line_middle(const struct sheet_line *l)
{
    return (l->left + l->right) / 2;
}

double line_height_middle(const struct sheet_line *l)
{
    return (l->top + l->bottom) / 2;
}

const char *line_folded(const struct sheet *s, const struct sheet_line *l)
{
    return s->folded + l->fold_first;
}

/* ------------------------------------------------------------- upright */

/* A quarter turn clockwise of a place on a page: what was down is left. */
static void turn(double *x, double *y, double *width, double *height)
{
    double was = *x;

    *x = *height - *y;
    *y = was;
    was = *width;
    *width = *height;
    *height = was;
}

/* As ocr/mapping.c moved it to the original, and back: a word keeps its size. */
static void place_word(struct sheet_word *out, const struct word *w,
                       const struct layout *l)
{
    double x = w->left + w->width / 2.0, y = w->top + w->height / 2.0;
    double page_width = l->width, page_height = l->height;
    double width = w->width, height = w->height;
    double angle = l->skew_centidegrees / 100.0 * M_PI / 180, dx, dy;

    for (int i = 0; i < l->rotation % 4; i++)
        turn(&x, &y, &page_width, &page_height);
    if (l->rotation % 2 != 0) {
        width = w->height;
        height = w->width;
    }
    dx = x - page_width / 2;
    dy = y - page_height / 2;
    x = page_width / 2 + dx * cos(angle) - dy * sin(angle);
    y = page_height / 2 + dx * sin(angle) + dy * cos(angle);
    out->left = (x - width / 2) / page_width;
    out->right = (x + width / 2) / page_width;
    out->top = (y - height / 2) / page_height;
    out->bottom = (y + height / 2) / page_height;
    out->confidence = w->confidence;
}

struct sheet_word sheet_cell(const struct sheet *s, const struct cell *c)
{
    const struct word box = {
        .left = c->left, .top = c->top, .width = c->width, .height = c->height};
    struct sheet_word out = {0};

    place_word(&out, &box, s->layout);
    return out;
}

static void place_words(struct sheet *s, const char *text)
{
    const struct layout *l = s->layout;
    size_t at = 0, i = 0;

    while (i < l->words_count &&
           words_next(text, &at, &s->words[i].text, &s->words[i].bytes)) {
        place_word(&s->words[i], &l->words[i], l);
        i++;
    }
}

/* --------------------------------------------------------------- lines */

static bool line_begins(const struct sheet *s, size_t word)
{
    const struct sheet_word *w = &s->words[word], *before = w - 1;
    double gap, height;

    if (word == 0 || s->layout->words[word].start != WORD_IN_LINE)
        return true;
    gap = w->left - before->right;
    height = (before->bottom - before->top) * s->ratio; /* in widths of the page */
    return gap < -BACK_MAX || (gap > GAP_WIDTH_MIN && gap > GAP_HEIGHT_MIN * height);
}

static void line_grow(struct sheet_line *l, const struct sheet_word *w)
{
    if (l->words_count == 0) {
        l->left = w->left;
        l->top = w->top;
        l->right = w->right;
        l->bottom = w->bottom;
    }
    l->left = fmin(l->left, w->left);
    l->top = fmin(l->top, w->top);
    l->right = fmax(l->right, w->right);
    l->bottom = fmax(l->bottom, w->bottom);
    l->words_count++;
}

static void line_count_letters(struct sheet_line *l, const struct sheet_word *w,
                               size_t *capitals)
{
    char one[5];
    size_t step;

    for (size_t i = 0; i < w->bytes; i += step) {
        unsigned char first = (unsigned char)w->text[i];
        struct letter letter;

        step = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (step > w->bytes - i)
            step = w->bytes - i;
        memcpy(one, w->text + i, step);
        one[step] = '\0';
        if (first >= '0' && first <= '9')
            l->digits++;
        else if (letter_read(&letter, one)) {
            l->letters++;
            *capitals += letter.capital;
        }
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of the line's words the middle one's height: specks and tall brackets do not count. */
static double line_word_height(const struct sheet *s, const struct sheet_line *l)
{
    double heights[64];
    size_t count = l->words_count < 64 ? l->words_count : 64;

    for (size_t i = 0; i < count; i++) {
        const struct sheet_word *w = &s->words[l->word_first + i];

        heights[i] = w->bottom - w->top;
    }
    qsort(heights, count, sizeof *heights, compare_doubles);
    return heights[count / 2];
}

static void line_end(struct sheet *s, struct sheet_line *l)
{
    size_t capitals = 0;

    l->fold_first = s->folded_count;
    for (size_t i = 0; i < l->words_count; i++) {
        const struct sheet_word *w = &s->words[l->word_first + i];
        size_t count = fold_text(w->text, w->bytes, s->folded + s->folded_count, NULL);

        for (size_t k = 0; k < count; k++)
            s->folded_word[s->folded_count + k] = (uint32_t)(l->word_first + i);
        s->folded_count += count;
        line_count_letters(l, w, &capitals);
    }
    l->fold_count = s->folded_count - l->fold_first;
    l->capital = l->letters == 0 ? 0 : (double)capitals / (double)l->letters;
    l->height = line_word_height(s, l);
}

static void lines_make(struct sheet *s)
{
    size_t cell = 0;

    for (size_t i = 0; i < s->words_count; i++) {
        const struct layout *l = s->layout;

        if (line_begins(s, i)) {
            if (s->lines_count > 0)
                line_end(s, &s->lines[s->lines_count - 1]);
            while (cell < l->cells_count &&
                   l->cells[cell].word_first + l->cells[cell].words_count <= i)
                cell++;
            s->lines[s->lines_count++] = (struct sheet_line){
                .word_first = i,
                .cell = cell < l->cells_count && l->cells[cell].word_first <= i
                            ? (uint32_t)cell
                            : SHEET_NO_CELL};
        }
        line_grow(&s->lines[s->lines_count - 1], &s->words[i]);
    }
    if (s->lines_count > 0)
        line_end(s, &s->lines[s->lines_count - 1]);
}

static int height_find(struct sheet *s, struct err *e)
{
    double *heights = calloc(s->lines_count + 1, sizeof *heights);

    if (heights == NULL)
        return err_set(e, ERR_MEMORY, "sheet");
    for (size_t i = 0; i < s->lines_count; i++)
        heights[i] = s->lines[i].height;
    qsort(heights, s->lines_count, sizeof *heights, compare_doubles);
    s->line_height = heights[s->lines_count / 2];
    free(heights);
    return 0;
}

int sheet_open(struct sheet *out, const char *text, const struct layout *l, struct err *e)
{
    struct sheet s = {.layout = l};
    size_t count = l->words_count, bytes = strlen(text);
    bool upright = l->rotation % 2 == 0;

    *out = (struct sheet){0};
    if (count == 0 || layout_count_words(text) != count || l->width == 0 ||
        l->height == 0)
        return 0;
    s.ratio = upright ? (double)l->height / l->width : (double)l->width / l->height;
    s.words_count = count;
    s.words = calloc(count, sizeof *s.words);
    s.lines = calloc(count, sizeof *s.lines);
    s.folded = calloc(bytes + 1, 1);
    s.folded_word = calloc(bytes + 1, sizeof *s.folded_word);
    if (s.words == NULL || s.lines == NULL || s.folded == NULL || s.folded_word == NULL) {
        sheet_close(&s);
        return err_set(e, ERR_MEMORY, "sheet");
    }
    place_words(&s, text);
    lines_make(&s);
    if (height_find(&s, e) != 0) {
        sheet_close(&s);
        return -1;
    }
    *out = s;
    return 0;
}

void sheet_close(struct sheet *s)
{
    free(s->words);
    free(s->lines);
    free(s->folded);
    free(s->folded_word);
    *s = (struct sheet){0};
}

/* --------------------------------------------------------------- where */

void line_match_words(const struct sheet *s, const struct sheet_line *l,
                      const struct fold_match *m, size_t *word_first, size_t *words_count)
{
    size_t first = l->fold_first + m->at, last = first + (m->count ? m->count - 1 : 0);

    *word_first = s->folded_word[first];
    *words_count = s->folded_word[last] - *word_first + 1;
}

size_t sheet_below(const struct sheet *s, size_t line, double left, double right)
{
    const struct sheet_line *from = &s->lines[line];
    size_t best = SHEET_NONE;

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];

        if (i == line || line_middle(l) < left || line_middle(l) > right ||
            /* lines of no height, as only a forged layout has, lie below none */
            line_height_middle(l) <= line_height_middle(from) ||
            line_height_middle(l) < line_height_middle(from) + BELOW_MIN * from->height)
            continue;
        if (best == SHEET_NONE ||
            line_height_middle(l) < line_height_middle(&s->lines[best]))
            best = i;
    }
    return best;
}

double line_gap(const struct sheet_line *upper, const struct sheet_line *lower)
{
    return upper->height <= 0 ? 0 : (lower->top - upper->bottom) / upper->height;
}
