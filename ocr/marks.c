#include "ocr/marks.h"

#include <stdlib.h>
#include <string.h>

#include "ocr/marks/codes.h"
#include "ocr/marks/spelling.h"
#include "ocr/marks/utf8.h"

/* All in shares of the letters' height beside it. On 47 pages the smallest mark that was
 * printed, a hyphen of recipients, was 0.21 wide; dots that are specks reach 0.15. */
#define SPECK_SHARE 0.17
#define FLAT_SHARE  0.3 /* no dash is higher */
#define DASH_SHARE  1.3 /* nor wider: the rest are rules */
/* A dash stands at half the height of small letters: so far from a word's middle. */
#define AWAY_SHARE 0.35

/* --- shapes ------------------------------------------------------------------------
 */

static int width(const struct box *b)
{
    return b->right - b->left;
}

static int height(const struct box *b)
{
    return b->bottom - b->top;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The height of the letters of most words; 0: there are none. */
static int usual_height(const struct found *f)
{
    int *heights = calloc(f->words_count + 1, sizeof *heights), median;
    size_t count = 0;

    if (heights == NULL)
        return 0;
    for (size_t i = 0; i < f->words_count; i++)
        if (marks_has_letters(f->words[i].text))
            heights[count++] = height(&f->words[i].box);
    qsort(heights, count, sizeof *heights, compare_ints);
    median = count > 0 ? heights[count / 2] : 0;
    free(heights);
    return median;
}

/* The height of the letters beside word `at`: the lower of both sides, so that what is
 * printed small is not taken for dirt beside something large. */
static int height_beside(const struct found *f, size_t at, int usual)
{
    int best = usual;

    for (size_t i = at > 0 ? at - 1 : 0; i <= at + 1 && i < f->words_count; i++) {
        int high = height(&f->words[i].box);

        if (i != at && marks_has_letters(f->words[i].text) && high < best &&
            high > usual / 2)
            best = high;
    }
    return best;
}

static bool is_speck(const struct box *b, int letters)
{
    return width(b) < SPECK_SHARE * letters && height(b) < SPECK_SHARE * letters;
}

/* Flat, and at half the height of the word that follows. */
static bool is_dash(const struct box *b, const struct box *next, int letters)
{
    int off = b->top + b->bottom - next->top - next->bottom; /* twice */

    return width(b) >= SPECK_SHARE * letters && width(b) <= DASH_SHARE * letters &&
           height(b) <= 2 * FLAT_SHARE * letters && height(b) <= width(b) &&
           abs(off) <= 2 * AWAY_SHARE * height(next);
}

static bool is_flat(const struct box *b, int letters)
{
    return height(b) <= FLAT_SHARE * letters && width(b) >= 2 * height(b);
}

/* --- words without letters ----------------------------------------------------------
 */

enum verdict { KEEP, REMOVE, BULLET };

static const struct found_word *next_in_line(const struct found *f, size_t at)
{
    const struct found_word *next = &f->words[at + 1];

    if (at + 1 >= f->words_count || next->start != WORD_IN_LINE ||
        !marks_has_letters(next->text))
        return NULL;
    return next;
}

/* What looks like a dash begins a line, or stands between words: "- Như trên;". */
static enum verdict judge_dash(const struct found *f, size_t at, int letters)
{
    const struct found_word *w = &f->words[at], *next = next_in_line(f, at);

    if (next != NULL && is_dash(&w->box, &next->box, letters) &&
        (w->start != WORD_IN_LINE || is_flat(&w->box, letters)))
        return BULLET;
    if (is_flat(&w->box, letters) && width(&w->box) > DASH_SHARE * letters &&
        strcmp(w->text, "—") != 0)
        return REMOVE; /* a rule */
    return marks_only_of(w->text, MARKS_PRINTED) ? KEEP : REMOVE;
}

static enum verdict judge(const struct found *f, size_t at, int letters)
{
    const struct found_word *w = &f->words[at];

    if (marks_is_leader(w->text))
        return REMOVE;
    /* A word without a box is of no size, and no speck for that. */
    if (width(&w->box) > 0 && is_speck(&w->box, letters))
        return REMOVE;
    if (marks_has_letters(w->text) || strcmp(w->text, "-") == 0)
        return KEEP;
    if (marks_some_of(w->text, MARKS_DASHES))
        return judge_dash(f, at, letters);
    return marks_some_of(w->text, MARKS_NOISE) ? REMOVE : KEEP;
}

void marks_clean(struct found *f)
{
    int usual = usual_height(f);

    for (size_t i = 0; i < f->words_count;) {
        switch (judge(f, i, height_beside(f, i, usual))) {
        case REMOVE:
            found_remove(f, i);
            continue;
        case BULLET:
            found_change(&f->words[i], "-", CHANGE_MARK);
            f->words[i].symbols_count = 0;
            break;
        case KEEP:
            break;
        }
        spelling_mend(&f->words[i]);
        i++;
    }
    codes_join(f);
}
