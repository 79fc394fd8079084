/* Whose a paper is: the words in capitals at the left of its head; and of a paper of
 * several offices, each of them. */
#include <string.h>

#include "ocr/fields/head.h"
#include "ocr/fields/kinds.h"

#define ISSUER_LINES_MAX  8
#define ISSUER_PIECES_MAX 16

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

/* -------------------------------------------------------------------- pieces */

/* A line, or what a dash parts of it. */
struct piece {
    struct sheet_line line;
    bool joined; /* an office that a dash parts from the one before */
    bool dashed; /* a dash is its last word */
};

struct pieces {
    struct piece piece[ISSUER_PIECES_MAX];
    size_t count;
};

static bool is_dash(const struct sheet_word *w)
{
    static const char *const dashes[] = {"-", "–", "—"};

    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
        if (w->bytes == strlen(dashes[i]) && memcmp(w->text, dashes[i], w->bytes) == 0)
            return true;
    return false;
}

/* Words of a line as a line of their own. */
static struct sheet_line part_of(const struct sheet *s, const struct sheet_line *l,
                                 size_t first, size_t behind)
{
    struct sheet_line out = *l;
    size_t at = l->fold_first, end = l->fold_first + l->fold_count;

    while (at < end && s->folded_word[at] < first)
        at++;
    out.fold_first = at;
    while (at < end && s->folded_word[at] < behind)
        at++;
    out.fold_count = at - out.fold_first;
    out.word_first = first;
    out.words_count = behind - first;
    return out;
}

/* "BỘ TƯ PHÁP - BỘ CÔNG AN" is two; "XÃ TÂN KHÊ - HUYỆN AN LÃO" is one. A dash at a line's
 * end may be a speck or a rule: it counts where the symbol says that several have issued
 * the paper. */
static void line_part(struct pieces *out, const struct sheet *s,
                      const struct sheet_line *l, bool joint)
{
    size_t first = l->word_first, end = l->word_first + l->words_count;
    bool joined = joint && out->count > 0 && out->piece[out->count - 1].dashed &&
                  office_begins(s, l);

    for (size_t i = first + 1; i + 1 < end && out->count + 1 < ISSUER_PIECES_MAX; i++) {
        struct sheet_line behind;

        if (!is_dash(&s->words[i]))
            continue;
        behind = part_of(s, l, i + 1, end);
        if (!office_begins(s, &behind))
            continue;
        out->piece[out->count++] = (struct piece){part_of(s, l, first, i), joined, true};
        joined = true;
        first = i + 1;
    }
    if (out->count < ISSUER_PIECES_MAX)
        out->piece[out->count++] = (struct piece){part_of(s, l, first, end), joined,
                                                  is_dash(&s->words[end - 1])};
}

/* "05/TTLT-BTP-BCA", liên tịch; "12/CTPH-LĐLĐ-SVH", phối hợp. */
static bool is_joint(const struct gather *g)
{
    const struct field_found *symbol = fields_get(g->out, "symbol", 0);

    return symbol != NULL &&
           (strstr(symbol->value, "LT-") != NULL || strstr(symbol->value, "PH-") != NULL);
}

/* -------------------------------------------------------------------- values */

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

static void gather_office(struct gather *g, const char *name, struct run *r,
                          unsigned sure)
{
    if (r->pieces > 0)
        gather_spelled(g, name, r, sure, "head.issuer", "head.issuer.spelled");
    r->pieces = 0;
}

void head_issuer(struct gather *g, const struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];
    struct issuer_lines all = {.count = 0};
    struct pieces parts = {.count = 0};
    struct run r = {.page = h->page};
    size_t begin = 0;
    unsigned sure = SURE_PLACE;

    if (!h->found)
        return;
    issuer_collect(&all, h, s);
    for (size_t i = 0; i < all.count; i++)
        line_part(&parts, s, &s->lines[all.line[i]], is_joint(g));
    for (size_t i = 0; i < parts.count; i++) {
        const struct piece *p = &parts.piece[i];
        bool office = office_begins(s, &p->line);

        if (office)
            sure = SURE_PLACE_AND_WORDS;
        if (office && i > 0 && !p->joined && !goes_on(s, &parts.piece[i - 1].line))
            begin = i;
    }
    for (size_t i = 0; i < begin; i++)
        run_add_name(&r, s, &parts.piece[i].line);
    gather_office(g, "parent", &r, sure);
    for (size_t i = begin; i < parts.count; i++) {
        if (parts.piece[i].joined)
            gather_office(g, "issuer", &r, sure);
        run_add_name(&r, s, &parts.piece[i].line);
    }
    gather_office(g, "issuer", &r, sure);
}
