#include "ocr/fields/labels.h"

#include <string.h>

#define HITS_MAX     12  /* labels of one line */
#define ROW_SHARE    0.5 /* of its height: so much of a line is beside another */
#define ANCHOR_BYTES 256
/* Letters that a longer anchor must be longer by for each that is wrong in it: "tên vợ"
 * is not "tên" before a name. */
#define MISS_COST 3

/* A label's words in a line. */
struct hit {
    size_t label, first, behind; /* words */
};

struct hits {
    struct hit hit[HITS_MAX];
    size_t count;
};

static size_t anchor_fold(const char *anchor, char out[FOLD_NEEDLE_MAX + 1])
{
    char folded[ANCHOR_BYTES];
    size_t bytes = strlen(anchor), count;

    if (bytes > sizeof folded)
        return 0;
    count = fold_text(anchor, bytes, folded, NULL);
    if (count > FOLD_NEEDLE_MAX)
        return 0;
    memcpy(out, folded, count);
    out[count] = '\0';
    return count;
}

size_t label_of(const struct fields_label *labels, size_t count, const char *folded,
                size_t letters, bool column, struct fold_match *out)
{
    long most = 0;
    size_t best = count;

    for (size_t i = 0; i < count; i++) {
        char needle[FOLD_NEEDLE_MAX + 1];
        size_t length = anchor_fold(labels[i].anchor, needle);
        unsigned tolerance = length < 5 ? 0 : length < 12 ? 1 : 2;
        struct fold_match m;

        if (labels[i].column != column ||
            !(column ? fold_is(folded, letters, needle, tolerance, &m)
                     : fold_begins(folded, letters, needle, tolerance, &m)))
            continue;
        if ((long)length - MISS_COST * (long)m.distance > most) {
            most = (long)length - MISS_COST * (long)m.distance;
            best = i;
            *out = m;
        }
    }
    return best;
}

static bool ends_in_colon(const struct sheet_word *w)
{
    return memchr(w->text, ':', w->bytes) != NULL;
}

/* The label that begins with this word: at a line's beginning, or with a colon behind
 * it. In a sentence the same words are no label. */
static bool hit_at(struct hit *out, const struct sheet *s, const struct sheet_line *l,
                   size_t word, const struct fields_label *labels, size_t count)
{
    size_t at = l->fold_first, end = l->fold_first + l->fold_count, first, words;
    struct fold_match m;

    while (at < end && s->folded_word[at] < word)
        at++;
    if (at == end || s->folded_word[at] != word)
        return false;
    out->label = label_of(labels, count, s->folded + at, end - at, false, &m);
    if (out->label == count)
        return false;
    m.at += at - l->fold_first;
    line_match_words(s, l, &m, &first, &words);
    /* All of its last word. */
    at = l->fold_first + m.at + m.count;
    if (at < end && s->folded_word[at] == first + words - 1)
        return false;
    out->first = first;
    out->behind = first + words;
    return first == l->word_first || ends_in_colon(&s->words[out->behind - 1]);
}

static void hits_collect(struct hits *out, const struct sheet *s,
                         const struct sheet_line *l, const struct fields_label *labels,
                         size_t count)
{
    size_t end = l->word_first + l->words_count;

    out->count = 0;
    for (size_t word = l->word_first; word < end && out->count < HITS_MAX;) {
        struct hit *h = &out->hit[out->count];

        if (hit_at(h, s, l, word, labels, count)) {
            word = h->behind;
            out->count++;
        } else {
            word++;
        }
    }
}

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

/* What stands between the label and the next one, or beside it. */
static void value_gather(struct gather *g, uint32_t page, const struct sheet_line *l,
                         const struct hit *h, size_t end,
                         const struct fields_label *labels, size_t count)
{
    const struct sheet *s = &g->sheets[page];
    struct run r = {.page = page};
    size_t beside;
    struct hits others;

    if (end > h->behind) {
        run_add(&r, h->behind, end - h->behind);
    } else if (end == l->word_first + l->words_count) {
        beside = line_beside(s, l);
        if (beside == SHEET_NONE)
            return;
        hits_collect(&others, s, &s->lines[beside], labels, count);
        if (others.count > 0)
            end = others.hit[0].first;
        else
            end = s->lines[beside].word_first + s->lines[beside].words_count;
        run_add(&r, s->lines[beside].word_first, end - s->lines[beside].word_first);
    }
    if (r.pieces > 0)
        gather_run(g, labels[h->label].field, &r, NULL,
                   ends_in_colon(&s->words[h->behind - 1]) ? SURE_PLACE_AND_WORDS
                                                           : SURE_PLACE,
                   "label");
}

static void page_labels(struct gather *g, uint32_t page,
                        const struct fields_label *labels, size_t count)
{
    const struct sheet *s = &g->sheets[page];

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];
        struct hits hits;

        hits_collect(&hits, s, l, labels, count);
        for (size_t k = 0; k < hits.count; k++) {
            size_t end = k + 1 < hits.count ? hits.hit[k + 1].first
                                            : l->word_first + l->words_count;

            if (!gather_has(g, labels[hits.hit[k].label].field))
                value_gather(g, page, l, &hits.hit[k], end, labels, count);
        }
    }
}

void labels_find(struct gather *g, const struct fields_label *labels, size_t count)
{
    if (count == 0)
        return;
    for (uint32_t p = 0; p < g->sheets_count; p++) {
        page_labels(g, p, labels, count);
        labels_in_columns(g, p, labels, count);
    }
}
