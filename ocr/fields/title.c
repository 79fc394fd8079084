/* What a paper is called and what it is about: "QUYẾT ĐỊNH / Về việc …" in the middle
 * below the head, or "V/v …" under the number. */
#include <math.h>
#include <string.h>

#include "ocr/fields/head.h"
#include "ocr/fields/kinds.h"

#define MIDDLE_OFF_MAX    0.09 /* of the page's width, from where the text has its own */
#define SUBJECT_LINES_MAX 8
#define SUBJECT_GAP_MAX   0.85 /* heights; below a rule there is more */
#define TITLE_TOP_MAX     0.6
/* Of a title that only begins as one: "CHƯƠNG TRÌNH PHỐI HỢP". */
#define TITLE_CAPITALS_MIN 0.9
#define TITLE_WORDS_MAX    7
#define TITLE_GAP_MAX      7 /* lines */
#define FULL_MAX           0.03
#define INDENT_MIN         0.02
#define LETTER_GAP_MAX     1.3
#define ABOUT_BEYOND       0.1 /* as far as its lines reach over the columns' middle */

/* From where to where text is printed: scans lie to one side. */
struct margins {
    double left, right;
};

static struct margins text_span(const struct sheet *s)
{
    struct margins t = {1, 0};

    /* Of a table all cells: its longer ones may stand to one side. */
    for (size_t i = 0; i < s->lines_count; i++)
        if (s->lines[i].words_count >= 4 || s->lines[i].cell != SHEET_NO_CELL) {
            t.left = fmin(t.left, s->lines[i].left);
            t.right = fmax(t.right, s->lines[i].right);
        }
    return t.left < t.right ? t : (struct margins){0.1, 0.9};
}

/* A paragraph's first line: out to the right margin, and more white at its left. */
static bool is_indented(const struct sheet_line *l, const struct margins *t)
{
    return l->right > t->right - FULL_MAX &&
           (l->left - t->left) - (t->right - l->right) > INDENT_MIN;
}

static bool is_in_the_middle(const struct sheet_line *l, double middle)
{
    return fabs(line_middle(l) - middle) < MIDDLE_OFF_MAX;
}

/* Where a body begins, whatever its place. */
static bool begins_body(const struct sheet *s, const struct sheet_line *l)
{
    static const char *const words[] = {"kinhgui", "cancu", "dieu1"};
    struct fold_match m;

    /* To the letter where they are short: "dân cư" is no "căn cứ". */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (fold_begins(line_folded(s, l), l->fold_count, words[i], strlen(words[i]) > 5,
                        &m))
            return true;
    return false;
}

static const struct kind open_kind = {"", "", true};

/* Right below the head, in capitals. */
static bool is_in_titles_place(const struct sheet *s, const struct head *h,
                               const struct sheet_line *l)
{
    return h->found && l->capital > TITLE_CAPITALS_MIN &&
           l->words_count <= TITLE_WORDS_MAX &&
           l->top - h->bottom < TITLE_GAP_MAX * s->line_height;
}

static size_t kind_line(const struct sheet *s, const struct head *h, double middle,
                        const struct kind **kind, unsigned *distance)
{
    size_t best = SHEET_NONE;

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];
        const struct kind *k;
        unsigned off;

        if (l->top > TITLE_TOP_MAX || l->capital < 0.75 || l->cell != SHEET_NO_CELL ||
            (h->found && line_height_middle(l) < h->bottom - l->height) ||
            !is_in_the_middle(l, middle))
            continue;
        k = kind_find(s, l, &off);
        if (k == NULL && is_in_titles_place(s, h, l) && kind_goes_on(s, l))
            k = &open_kind;
        if (k == NULL || (best != SHEET_NONE &&
                          line_height_middle(l) >= line_height_middle(&s->lines[best])))
            continue;
        best = i;
        *kind = k;
        *distance = off;
    }
    return best;
}

/* As the code list spells it where one letter or accent at most was misread; else as it
 * was read. */
static void kind_gather(struct gather *g, const struct head *h, const struct kind *kind,
                        unsigned distance)
{
    struct run r = {.page = h->page};

    run_add_line(&r, &g->sheets[h->page].lines[h->kind]);
    if (kind->open)
        gather_run(g, "kind", &r, NULL, SURE_PLACE, "title.open");
    else if (distance <= 1)
        gather_run(g, "kind", &r, kind->spelling, SURE_PLACE_AND_WORDS, "title.kind");
    else
        gather_run(g, "kind", &r, NULL, SURE_BARELY, "title.near");
}

/* Lines in the middle under the title, as long as nothing parts them. */
static void subject_below(struct gather *g, const struct head *h, const struct margins *t)
{
    double middle = (t->left + t->right) / 2;
    const struct sheet *s = &g->sheets[h->page];
    struct run r = {.page = h->page};
    size_t above = h->kind;

    for (int i = 0; i < SUBJECT_LINES_MAX; i++) {
        size_t below =
            sheet_below(s, above, middle - MIDDLE_OFF_MAX, middle + MIDDLE_OFF_MAX);
        const struct sheet_line *l;

        if (below == SHEET_NONE)
            break;
        l = &s->lines[below];
        if (l->letters == 0 && l->digits == 0) { /* a rule read as dashes */
            above = below;
            continue;
        }
        if (l->cell != SHEET_NO_CELL || begins_body(s, l) || is_indented(l, t) ||
            line_gap(&s->lines[above], l) > (r.pieces == 0 ? 2.0 : SUBJECT_GAP_MAX) ||
            (r.pieces > 0 && l->capital > 0.8 && l->letters > 6))
            break;
        run_add_line(&r, l);
        above = below;
    }
    if (r.pieces > 0)
        gather_run(g, "subject", &r, NULL, SURE_PLACE_AND_WORDS, "title.subject");
}

/* "V/v", read as "VAv", "Viv", "V/y", "V/". */
static bool is_about(const struct sheet *s, const struct sheet_line *l)
{
    const struct sheet_word *w = &s->words[l->word_first];
    const char *t = w->text;
    struct fold_match m;

    /* Without its stroke it is told by its capital: "vay", "vậy" are words. */
    if (w->bytes >= 2 && w->bytes <= 5 && (t[0] == 'V' || t[0] == 'v') &&
        (memchr(t, '/', w->bytes) != NULL ||
         (t[0] == 'V' && w->bytes <= 3 && strchr("vVy", t[w->bytes - 1]) != NULL)))
        return true;
    return fold_begins(line_folded(s, l), l->fold_count, "veviec", 1, &m);
}

/* The line that says so; else the one right below the number, in the column's middle,
 * if it begins with a short word in V: there stands nothing else. */
static size_t about_line(const struct sheet *s, const struct head *h)
{
    size_t below;

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];

        if (l->top < TITLE_TOP_MAX && l->left < h->split &&
            l->right <= h->split + ABOUT_BEYOND && is_about(s, l) &&
            (h->number == SHEET_NONE ||
             line_height_middle(l) > line_height_middle(&s->lines[h->number])))
            return i;
    }
    if (h->number == SHEET_NONE)
        return SHEET_NONE;
    below = sheet_below(s, h->number, 0, h->split);
    if (below != SHEET_NONE && s->lines[below].words_count > 2 &&
        s->words[s->lines[below].word_first].text[0] == 'V' &&
        s->words[s->lines[below].word_first].bytes <= 5 &&
        line_gap(&s->lines[h->number], &s->lines[below]) < LETTER_GAP_MAX)
        return below;
    return SHEET_NONE;
}

/* "V/v" is spelled so, whatever was made of it; "Về việc" is two words. */
static void about_gather(struct gather *g, const struct run *r)
{
    const struct sheet_word *w = &g->sheets[r->page].words[r->first[0]];
    struct run rest = *r;
    struct buffer said, tail;

    if (w->bytes > 5 || (r->count[0] > 1 && w[1].bytes >= 4 && w[1].text[0] == 'v') ||
        (w->bytes == 3 && memcmp(w->text, "V/v", 3) == 0)) {
        gather_run(g, "subject", r, NULL, SURE_PLACE_AND_WORDS, "head.about");
        return;
    }
    buffer_init(&said, FIELD_VALUE_BYTES_MAX);
    buffer_init(&tail, FIELD_VALUE_BYTES_MAX);
    rest.first[0]++;
    rest.count[0]--;
    run_text(g, &rest, &tail);
    buffer_append_text(&said, "V/v ");
    buffer_append(&said, tail.bytes, tail.count);
    if (said.failed == ERR_NONE && tail.count > 0)
        gather_run(g, "subject", r, (const char *)said.bytes, SURE_WORDS,
                   "head.about.spelled");
    buffer_release(&said);
    buffer_release(&tail);
}

static void subject_of_letter(struct gather *g, struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];
    struct run r = {.page = h->page};
    size_t at = about_line(s, h);

    for (int i = 0; at != SHEET_NONE && i < SUBJECT_LINES_MAX; i++) {
        size_t below = sheet_below(s, at, 0, h->split);

        run_add_line(&r, &s->lines[at]);
        h->bottom = fmax(h->bottom, s->lines[at].bottom);
        if (below == SHEET_NONE || begins_body(s, &s->lines[below]) ||
            s->lines[below].right > h->split + ABOUT_BEYOND ||
            s->lines[below].letters == 0 ||
            line_gap(&s->lines[at], &s->lines[below]) > LETTER_GAP_MAX)
            break;
        at = below;
    }
    if (r.pieces > 0)
        about_gather(g, &r);
}

void title_find(struct gather *g, struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];
    struct margins t = text_span(s);
    const struct kind *kind = NULL;
    unsigned distance = 0;

    if (g->sheets_count == 0)
        return;
    h->kind = kind_line(s, h, (t.left + t.right) / 2, &kind, &distance);
    if (h->kind == SHEET_NONE) {
        if (h->found)
            subject_of_letter(g, h);
        return;
    }
    kind_gather(g, h, kind, distance);
    h->bottom = fmax(h->bottom, s->lines[h->kind].bottom);
    subject_below(g, h, &t);
}
