/* Labels: values behind words that a form prints before them ("Họ và tên: …"). */
#include <stdlib.h>
#include <string.h>

#include "ocr/fields/typed.h"

#define HITS_MAX      12  /* labels of one line */
#define ROW_SHARE     0.5 /* of its height: so much of a line is beside another */
#define TAIL_WORDS    7   /* "Giấy tờ tùy thân | của người đi khai sinh:" */
#define MARKS_MAX     64
#define HEADING_WORDS 6
#define LEFT_OFF      0.03 /* of the page: what begins so much further left is not beside */
#define BELOW_GAP_MAX 1.5 /* heights */

/* A label's words in a line. */
struct hit {
    size_t anchor, first, behind; /* words */
    unsigned section;             /* that it names itself, or SECTION_NONE */
};

struct hits {
    struct hit hit[HITS_MAX];
    size_t count;
};

/* Where a part of the page begins that is of a section. */
struct mark {
    double left, middle;
    unsigned section;
};

struct marks {
    struct mark all[MARKS_MAX];
    size_t count;
};

static bool ends_in_colon(const struct sheet_word *w)
{
    return memchr(w->text, ':', w->bytes) != NULL;
}

/* --------------------------------------------------------------------- hits */

/* What stands between the anchor and its colon must be a section's name; without a colon,
 * such a name right behind the anchor is no part of the value. False: these words are
 * another label that begins as this one does. */
static bool tail_take(struct hit *h, const struct anchors *a, const struct sheet *s,
                      size_t end)
{
    size_t last = h->behind, named_first, named_behind;

    if (ends_in_colon(&s->words[h->behind - 1]))
        return true;
    while (last < end && last < h->behind + TAIL_WORDS && !ends_in_colon(&s->words[last]))
        last++;
    if (last < end && last < h->behind + TAIL_WORDS) {
        h->section = section_in(a, s, h->behind, last + 1, &named_first, &named_behind);
        h->behind = last + 1;
        return h->section != SECTION_NONE || s->words[last].bytes == 1; /* "Dân tộc :" */
    }
    last = h->behind + 2 < end ? h->behind + 2 : end;
    h->section = section_in(a, s, h->behind, last, &named_first, &named_behind);
    if (h->section != SECTION_NONE && named_first == h->behind)
        h->behind = named_behind;
    return true;
}

/* The label that begins with this word: at a line's beginning, or with a colon behind
 * it. In a sentence the same words are no label. */
static bool hit_at(struct hit *out, const struct anchors *a, const struct sheet *s,
                   const struct sheet_line *l, size_t word)
{
    size_t at = l->fold_first, end = l->fold_first + l->fold_count, first, words;
    struct fold_match m;

    while (at < end && s->folded_word[at] < word)
        at++;
    if (at == end || s->folded_word[at] != word)
        return false;
    *out = (struct hit){.anchor = anchor_of(a, s->folded + at, end - at, false, &m)};
    if (out->anchor == a->count)
        return false;
    m.at += at - l->fold_first;
    line_match_words(s, l, &m, &first, &words);
    /* All of its last word. */
    at = l->fold_first + m.at + m.count;
    if (at < end && s->folded_word[at] == first + words - 1)
        return false;
    out->first = first;
    out->behind = first + words;
    return tail_take(out, a, s, l->word_first + l->words_count) &&
           (first == l->word_first || ends_in_colon(&s->words[out->behind - 1]));
}

static void hits_collect(struct hits *out, const struct anchors *a, const struct sheet *s,
                         const struct sheet_line *l)
{
    size_t end = l->word_first + l->words_count;

    out->count = 0;
    for (size_t word = l->word_first; word < end && out->count < HITS_MAX;) {
        struct hit *h = &out->hit[out->count];

        if (hit_at(h, a, s, l, word)) {
            word = h->behind;
            out->count++;
        } else {
            word++;
        }
    }
}

/* ------------------------------------------------------------------ sections */

static void mark_add(struct marks *m, const struct sheet *s, size_t word,
                     unsigned section)
{
    const struct sheet_word *w = &s->words[word];

    if (section == SECTION_NONE || m->count == MARKS_MAX)
        return;
    m->all[m->count++] = (struct mark){w->left, (w->top + w->bottom) / 2, section};
}

/* "Người mẹ", "II. BÊN NAM": a short line that begins or ends with such a name; and what
 * stands before a line's first colon. */
static void line_mark(struct marks *m, const struct anchors *a, const struct sheet *s,
                      const struct sheet_line *l)
{
    size_t end = l->word_first + l->words_count, last = l->word_first, first, behind;
    unsigned section;

    while (last < end && !ends_in_colon(&s->words[last]))
        last++;
    if (last == end && l->words_count > HEADING_WORDS)
        return;
    last = last < end ? last + 1 : end;
    section = section_in(a, s, l->word_first, last, &first, &behind);
    if (section != SECTION_NONE && (last < end || ends_in_colon(&s->words[last - 1]) ||
                                    first == l->word_first || behind == last))
        mark_add(m, s, l->word_first, section);
}

static void marks_collect(struct marks *m, const struct anchors *a, const struct sheet *s)
{
    m->count = 0;
    for (size_t i = 0; a->sections_count > 0 && i < s->lines_count; i++) {
        struct hits hits;

        line_mark(m, a, s, &s->lines[i]);
        hits_collect(&hits, a, s, &s->lines[i]);
        for (size_t k = 0; k < hits.count; k++)
            mark_add(m, s, hits.hit[k].first, hits.hit[k].section);
    }
}

/* The lowest mark above the label or beside it that does not begin further right: of two
 * columns each has its own. */
static unsigned section_at(const struct marks *m, const struct sheet *s,
                           const struct sheet_line *l, const struct hit *h)
{
    const struct sheet_word *w = &s->words[h->first];
    double middle = (w->top + w->bottom) / 2, near = l->height / 2;
    const struct mark *best = NULL;

    if (h->section != SECTION_NONE)
        return h->section;
    for (size_t i = 0; i < m->count; i++) {
        const struct mark *one = &m->all[i];

        if (one->middle > middle + near || one->left > w->left + LEFT_OFF)
            continue;
        if (best == NULL || one->middle > best->middle + near ||
            (one->middle > best->middle - near && one->left > best->left))
            best = one;
    }
    return best == NULL ? SECTION_NONE : best->section;
}

/* -------------------------------------------------------------------- values */

/* The nearest line at the right of this one, beside it; SHEET_NONE: there is none. */
static size_t line_beside(const struct sheet *s, const struct sheet_line *from)
{
    size_t best = SHEET_NONE;

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];
        double off = line_height_middle(l) - line_height_middle(from);

        if (l == from || l->left < from->right || l->cell != from->cell ||
            off > ROW_SHARE * from->height || off < -ROW_SHARE * from->height)
            continue;
        if (best == SHEET_NONE || l->left < s->lines[best].left)
            best = i;
    }
    return best;
}

/* As far as the next label in it. */
static void run_add_until_label(struct run *r, const struct typed *t,
                                const struct sheet *s, const struct sheet_line *l)
{
    struct hits others;

    hits_collect(&others, &t->anchors, s, l);
    run_add(r, l->word_first,
            others.count > 0 ? others.hit[0].first - l->word_first : l->words_count);
}

/* Where the label fills a cell, the next cell of the row. */
static void run_add_next_cell(struct run *r, const struct typed *t, const struct sheet *s,
                              const struct sheet_line *l)
{
    const struct cell *from = &s->layout->cells[l->cell];

    if (l->word_first + l->words_count < from->word_first + from->words_count)
        return;
    for (size_t i = 0; i < s->layout->cells_count; i++) {
        const struct cell *c = &s->layout->cells[i];

        if (c->table == from->table && c->row == from->row && c->words_count > 0 &&
            c->column == from->column + from->column_span) {
            for (size_t k = 0; k < s->lines_count; k++)
                if (s->lines[k].cell == i && r->pieces == 0)
                    run_add_until_label(r, t, s, &s->lines[k]);
            return;
        }
    }
}

static void run_add_below(struct run *r, const struct typed *t, const struct sheet *s,
                          const struct sheet_line *l)
{
    size_t below = sheet_below(s, (size_t)(l - s->lines), l->left - LEFT_OFF, 1);
    struct hits others;

    if (below == SHEET_NONE || line_gap(l, &s->lines[below]) > BELOW_GAP_MAX)
        return;
    hits_collect(&others, &t->anchors, s, &s->lines[below]);
    if (others.count == 0)
        run_add_line(r, &s->lines[below]);
}

/* What stands between the label and the next one, or beside it. */
static void run_collect(struct run *r, const struct typed *t, const struct sheet *s,
                        const struct sheet_line *l, const struct hit *h, size_t end)
{
    size_t beside;

    if (end > h->behind) {
        run_add(r, h->behind, end - h->behind);
        return;
    }
    if (end < l->word_first + l->words_count)
        return;
    beside = line_beside(s, l);
    if (beside != SHEET_NONE)
        run_add_until_label(r, t, s, &s->lines[beside]);
    else if (l->cell != SHEET_NO_CELL)
        run_add_next_cell(r, t, s, l);
}

/* Below only where the type says so; where it may stand there too, its pattern must tell. */
static void value_take(struct typed *t, const struct field_def *f, uint32_t page,
                       const struct sheet_line *l, const struct hit *h, size_t end)
{
    const struct sheet *s = &t->g->sheets[page];
    struct run label = {.page = page}, value = {.page = page}, below = {.page = page};
    unsigned sure =
        ends_in_colon(&s->words[h->behind - 1]) ? SURE_PLACE_AND_WORDS : SURE_PLACE;

    if (gather_has(t->g, f->name) || !typed_on_page(t, f, page))
        return;
    run_add(&label, h->first, h->behind - h->first);
    if (f->search.side != BELOW_ANCHOR)
        run_collect(&value, t, s, l, h, end);
    if (typed_take(t, f, &value, &label, ROW_NONE, sure, "label"))
        return;
    /* "Đã chết vào lúc: 7 giờ   ngày 12/03/2001": further along is what looks so. */
    if (f->search.patterns_count > 0 && value.pieces > 0 &&
        value.first[0] >= l->word_first && end == l->word_first + l->words_count) {
        size_t beside = line_beside(s, l);

        if (beside != SHEET_NONE)
            run_add_until_label(&value, t, s, &s->lines[beside]);
        if (typed_take(t, f, &value, &label, ROW_NONE, SURE_PLACE, "label"))
            return;
    }
    if (f->search.side == BELOW_ANCHOR ||
        (f->search.side == BESIDE_OR_BELOW_ANCHOR && value.pieces == 0 &&
         f->search.patterns_count > 0)) {
        run_add_below(&below, t, s, l);
        (void)typed_take(t, f, &below, &label, ROW_NONE, SURE_PLACE, "label.below");
    }
}

static void page_labels(struct typed *t, uint32_t page, struct marks *marks)
{
    const struct sheet *s = &t->g->sheets[page];
    unsigned table = UINT32_MAX; /* none */
    bool is_register = false;

    marks_collect(marks, &t->anchors, s);
    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];
        struct hits hits;

        /* Cells come table by table: each is looked at once. */
        if (l->cell != SHEET_NO_CELL && s->layout->cells[l->cell].table != table) {
            table = s->layout->cells[l->cell].table;
            is_register = is_register_table(t, page, (uint16_t)table);
        }
        if (l->cell != SHEET_NO_CELL && is_register)
            continue;
        hits_collect(&hits, &t->anchors, s, l);
        for (size_t k = 0; k < hits.count; k++) {
            const struct hit *h = &hits.hit[k];
            size_t fields[ANCHOR_FIELDS_MAX], end = l->word_first + l->words_count;
            size_t count =
                anchor_fields(&t->anchors, h->anchor, section_at(marks, s, l, h), fields,
                              ANCHOR_FIELDS_MAX);

            if (k + 1 < hits.count)
                end = hits.hit[k + 1].first;
            for (size_t f = 0; f < count; f++)
                value_take(t, &t->anchors.type->fields[fields[f]], page, l, h, end);
        }
    }
}

void labels_find(struct typed *t)
{
    struct marks marks;

    for (uint32_t p = 0; t->anchors.count > 0 && p < t->g->sheets_count; p++)
        page_labels(t, p, &marks);
}
