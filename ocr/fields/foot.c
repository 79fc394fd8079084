#include "ocr/fields/foot.h"

#include <math.h>

#include "ocr/fields/kinds.h"
#include "ocr/fields/surname.h"

#define RIGHT_MIDDLE_MIN 0.56 /* of the page: where a signature's lines have theirs */
#define RIGHT_LEFT_MIN   0.38
#define ABREAST_MAX      0.13 /* lines of one signature have about one middle */
#define BLOCK_GAP_MAX    1.3  /* heights between its lines in capitals */
#define NAME_BELOW_MAX   0.22 /* of the page's height, below the title */
#define BLOCK_LINES_MAX  6
#define SEAL_WORDS_MAX   2
#define RECIPIENTS_MAX   40

/* Who signs with another signs at the left, as high; a name tells him from what else
 * stands there. */
#define LEFT_MIDDLE_MAX 0.44
#define LEFT_RIGHT_MAX  0.56
#define AS_HIGH_MAX     3.0 /* heights */

struct signature {
    uint32_t page;
    bool left;
    size_t lines[BLOCK_LINES_MAX], count; /* in capitals, downwards */
    size_t name;                          /* SHEET_NONE: not read */
    bool untitled;                        /* NGƯỜI LẬP BIỂU */
};

static bool stands_at(bool left, const struct sheet_line *l)
{
    return left ? line_middle(l) < LEFT_MIDDLE_MAX && l->right < LEFT_RIGHT_MAX
                : line_middle(l) > RIGHT_MIDDLE_MIN && l->left > RIGHT_LEFT_MIN;
}

/* A line that only a signature begins with. */
static bool signs(const struct sheet *s, const struct sheet_line *l, bool left)
{
    return stands_at(left, l) && l->cell == SHEET_NO_CELL && l->letters >= 4 &&
           l->capital > 0.6 &&
           (authority_letters(s, l) > 0 || title_begins(s, l) ||
            signs_without_title(s, l));
}

static bool is_abreast(const struct sheet_line *a, const struct sheet_line *b)
{
    return fabs(line_middle(a) - line_middle(b)) < ABREAST_MAX;
}

/* Lines in capitals from `line` down, of one block. */
static void block_collect(struct signature *out, const struct sheet *s, size_t line)
{
    double middle = line_middle(&s->lines[line]);

    out->count = 0;
    while (out->count < BLOCK_LINES_MAX) {
        size_t below = sheet_below(s, line, middle - ABREAST_MAX, middle + ABREAST_MAX);

        out->lines[out->count++] = line;
        if (below == SHEET_NONE)
            return;
        /* What continues is near, and in capitals; a seal's letters are neither. */
        if (s->lines[below].capital < 0.8 || s->lines[below].letters < 3 ||
            line_gap(&s->lines[line], &s->lines[below]) > BLOCK_GAP_MAX ||
            !stands_at(out->left, &s->lines[below]) ||
            (!signs(s, &s->lines[below], out->left) &&
             name_looks_so(s, &s->lines[below]) &&
             authority_letters(s, &s->lines[line]) == 0))
            return;
        line = below;
    }
}

/* The words of a line before its name, SHEET_NONE: it holds none. Letters of a seal that
 * lies beside a name are read with it: then the name begins with a surname. */
static size_t name_begins(const struct sheet *s, const struct sheet_line *l)
{
    for (size_t skip = 0; skip <= SEAL_WORDS_MAX && skip < l->words_count; skip++) {
        const struct sheet_word *first = &s->words[l->word_first + skip];
        struct sheet_line rest = *l;

        rest.word_first += skip;
        rest.words_count -= skip;
        if (name_looks_so(s, &rest) &&
            (skip == 0 || surname_is(first->text, first->bytes)))
            return surname_is_missing(first->text, first->bytes) ? SHEET_NONE : skip;
    }
    return SHEET_NONE;
}

/* The lowest line below the block that looks like a name: seal and signature lie
 * between. */
static size_t name_find(const struct sheet *s, const struct signature *b)
{
    const struct sheet_line *last = &s->lines[b->lines[b->count - 1]];
    size_t best = SHEET_NONE;

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];

        if (line_height_middle(l) < last->bottom + 0.2 * last->height ||
            l->top > last->bottom + NAME_BELOW_MAX || !is_abreast(l, last) ||
            (b->left ? l->right > LEFT_RIGHT_MAX : l->left < RIGHT_LEFT_MIN) ||
            l->cell != SHEET_NO_CELL || name_begins(s, l) == SHEET_NONE ||
            signs(s, l, b->left))
            continue;
        if (best == SHEET_NONE ||
            line_height_middle(l) > line_height_middle(&s->lines[best]))
            best = i;
    }
    return best;
}

/* The highest line of each block begins it; the lowest block of the page counts. */
static bool signature_on(struct signature *out, const struct sheet *s, uint32_t page)
{
    bool found = false;

    for (size_t i = 0; i < s->lines_count; i++) {
        struct signature one = {.page = page};

        if (!signs(s, &s->lines[i], false))
            continue;
        if (found && line_height_middle(&s->lines[i]) <=
                         s->lines[out->lines[out->count - 1]].bottom)
            continue; /* of the block that we have */
        block_collect(&one, s, i);
        one.name = name_find(s, &one);
        one.untitled = signs_without_title(s, &s->lines[i]);
        if (found && one.name == SHEET_NONE && out->name != SHEET_NONE)
            continue;
        *out = one;
        found = true;
    }
    return found;
}

/* Beside the one that was found: of a paper that two have signed. A recipient with a dash
 * before it signs nothing. */
static bool signature_beside(struct signature *out, const struct sheet *s,
                             const struct signature *right)
{
    const struct sheet_line *first = &s->lines[right->lines[0]];

    for (size_t i = 0; i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];

        if (fabs(line_height_middle(l) - line_height_middle(first)) >
                AS_HIGH_MAX * first->height ||
            !signs(s, l, true) || s->words[l->word_first].text[0] == '-')
            continue;
        *out = (struct signature){.page = right->page, .left = true};
        block_collect(out, s, i);
        out->name = name_find(s, out);
        out->untitled = signs_without_title(s, l);
        if (out->name != SHEET_NONE)
            return true;
    }
    return false;
}

static void signer_gather(struct gather *g, const struct run *name)
{
    struct buffer read, mended;

    buffer_init(&read, FIELD_VALUE_BYTES_MAX);
    buffer_init(&mended, FIELD_VALUE_BYTES_MAX);
    run_text(g, name, &read);
    if (read.count > 0 && surname_mend((const char *)read.bytes, &mended) &&
        mended.failed == ERR_NONE)
        gather_run(g, "signer", name, (const char *)mended.bytes, SURE_WORDS,
                   "foot.signature.spelled");
    else
        gather_run(g, "signer", name, NULL, SURE_WORDS, "foot.signature");
    buffer_release(&read);
    buffer_release(&mended);
}

static void signature_gather(struct gather *g, const struct signature *b)
{
    const struct sheet *s = &g->sheets[b->page];
    struct run authority = {.page = b->page}, title = {.page = b->page},
               name = {.page = b->page};
    size_t first_title = 0, skip;

    for (size_t i = 0; i < b->count; i++)
        if (authority_letters(s, &s->lines[b->lines[i]]) > 0)
            first_title = i + 1;
    /* TM. ỦY BAN NHÂN DÂN | XÃ AN TRẠCH | CHỦ TỊCH */
    while (first_title > 0 && first_title < b->count &&
           !title_begins(s, &s->lines[b->lines[first_title]]))
        first_title++;
    for (size_t i = 0; i < b->count; i++)
        run_add_line(i < first_title ? &authority : &title, &s->lines[b->lines[i]]);
    if (authority.pieces > 0)
        gather_spelled(g, "authority", &authority, SURE_PLACE_AND_WORDS, "foot.signature",
                       "foot.signature.spelled");
    if (title.pieces > 0 && !b->untitled)
        gather_spelled(g, "title", &title, SURE_PLACE_AND_WORDS, "foot.signature",
                       "foot.signature.spelled");
    if (b->name == SHEET_NONE)
        return;
    skip = name_begins(s, &s->lines[b->name]);
    run_add(&name, s->lines[b->name].word_first + skip,
            s->lines[b->name].words_count - skip);
    signer_gather(g, &name);
}

/* Name, title and authority of one person have one ordinal, whatever he lacks. */
static void signature_gather_beside(struct gather *g, const struct signature *left)
{
    size_t before = g->out->count;

    signature_gather(g, left);
    for (size_t i = before; i < g->out->count; i++)
        g->out->values[i].ordinal = 1;
}

/* Who signs alone signs at the right, so that one is the first. */
void foot_signature(struct gather *g)
{
    for (uint32_t p = (uint32_t)g->sheets_count; p > 0; p--) {
        struct signature right, left;

        if (!signature_on(&right, &g->sheets[p - 1], p - 1))
            continue;
        signature_gather(g, &right);
        if (signature_beside(&left, &g->sheets[p - 1], &right))
            signature_gather_beside(g, &left);
        return;
    }
}

/* --------------------------------------------------------------- recipients */

static size_t recipients_anchor(const struct sheet *s)
{
    for (size_t i = s->lines_count; i > 0; i--) {
        const struct sheet_line *l = &s->lines[i - 1];
        struct fold_match m;

        if (l->left < 0.4 && l->words_count <= 5 &&
            fold_begins(line_folded(s, l), l->fold_count, "noinhan", 1, &m))
            return i - 1;
    }
    return SHEET_NONE;
}

/* One a line; what goes on below begins with no dash. */
void foot_recipients(struct gather *g)
{
    for (uint32_t p = (uint32_t)g->sheets_count; p > 0; p--) {
        const struct sheet *s = &g->sheets[p - 1];
        size_t line = recipients_anchor(s);
        struct run r = {.page = p - 1};

        if (line == SHEET_NONE)
            continue;
        for (int i = 0; i < RECIPIENTS_MAX; i++) {
            size_t below = sheet_below(s, line, 0, RIGHT_MIDDLE_MIN - 0.04);
            const struct sheet_line *l;

            if (below == SHEET_NONE || line_gap(&s->lines[line], &s->lines[below]) > 2 ||
                s->lines[below].right > RIGHT_MIDDLE_MIN + 0.06)
                break;
            l = &s->lines[line = below];
            if (l->letters < 2)
                continue;
            if (r.pieces > 0 && s->words[l->word_first].text[0] == '-') {
                gather_run(g, "recipient", &r, NULL, SURE_PLACE_AND_WORDS,
                           "foot.recipients");
                r.pieces = 0;
            }
            run_add_line(&r, l);
        }
        if (r.pieces > 0)
            gather_run(g, "recipient", &r, NULL, SURE_PLACE_AND_WORDS, "foot.recipients");
        return;
    }
}
