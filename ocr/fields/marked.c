/* Words that stand by themselves in a head: how secret a paper is, how urgent; and to
 * whom a letter goes. */
#include <string.h>

#include "ocr/fields/head.h"
#include "ocr/language/letter.h"

#define MARK_TOP_MAX 0.4

struct mark {
    const char *folded, *name, *value;
};

/* Longer ones first. The first look for stamps is the caged reader's own, on the
 * picture (ocr/secrecy.c); here is what the text says. */
static const struct mark marks[] = {
    {"tuyetmat", "secrecy", "TUYỆT MẬT"},
    {"toimat", "secrecy", "TỐI MẬT"},
    {"mat", "secrecy", "MẬT"},
    {"thuongkhan", "urgency", "THƯỢNG KHẨN"},
    {"hoatoc", "urgency", "HỎA TỐC"},
    {"khan", "urgency", "KHẨN"},
};

/* A word as short is another one with other accents: MẶT, MẤT, KHĂN. It may lack some of
 * its own. */
#define WHOLE_BELOW 5

static bool letter_is_of(const struct letter *read, const struct letter *printed)
{
    bool marked = strcmp(read->plain, (char[]){letter_base(read), '\0'}) != 0;

    return letter_base(read) == letter_base(printed) &&
           (!marked || strcmp(read->plain, printed->plain) == 0) &&
           (read->tone == TONE_LEVEL || read->tone == printed->tone);
}

static bool accents_are_of(const struct sheet *s, const struct sheet_line *l,
                           const char *value)
{
    struct letter read, printed;

    for (size_t i = 0; i < l->words_count; i++) {
        const struct sheet_word *w = &s->words[l->word_first + i];

        for (size_t at = 0; at < w->bytes;) {
            char one[5] = "";

            memcpy(one, w->text + at, w->bytes - at < 4 ? w->bytes - at : 4);
            if (!letter_read(&read, one)) {
                at++;
                continue;
            }
            if (!letter_read(&printed, value) || !letter_is_of(&read, &printed))
                return false;
            at += read.bytes;
            value += printed.bytes;
        }
    }
    return *value == '\0';
}

/* The line is that word and no more, in capitals. */
static const struct mark *mark_of(const struct sheet *s, const struct sheet_line *l)
{
    if (l->capital < 0.9 || l->words_count > 4)
        return NULL;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const struct mark *m = &marks[i];
        size_t letters = strlen(m->folded);
        struct fold_match found;

        if (fold_is(line_folded(s, l), l->fold_count, m->folded, letters > WHOLE_BELOW,
                    &found) &&
            (letters >= WHOLE_BELOW || accents_are_of(s, l, m->value)))
            return m;
    }
    return NULL;
}

void head_stamps(struct gather *g, const struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];

    for (size_t i = 0; g->sheets_count > 0 && i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];
        const struct mark *mark = l->top < MARK_TOP_MAX ? mark_of(s, l) : NULL;
        struct run r = {.page = h->page};

        if (mark == NULL || gather_has(g, mark->name))
            continue;
        run_add_line(&r, l);
        gather_run(g, mark->name, &r, NULL, SURE_WORDS, "head.mark");
    }
}

/* "Kính gửi: …" and the lines with a dash below it. */
void head_addressee(struct gather *g, const struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];

    for (size_t i = 0; g->sheets_count > 0 && i < s->lines_count; i++) {
        const struct sheet_line *l = &s->lines[i];
        struct run r = {.page = h->page};
        struct fold_match m;
        size_t first, count;

        if (!fold_begins(line_folded(s, l), l->fold_count, "kinhgui", 1, &m))
            continue;
        line_match_words(s, l, &m, &first, &count);
        run_add(&r, first + count, l->word_first + l->words_count - first - count);
        if (r.pieces > 0) {
            gather_run(g, "addressee", &r, NULL, SURE_WORDS, "head.addressee");
            return;
        }
        for (size_t below = i;;) {
            below = sheet_below(s, below, 0.2, 0.8);
            if (below == SHEET_NONE ||
                s->words[s->lines[below].word_first].text[0] != '-')
                return;
            r.pieces = 0;
            run_add_line(&r, &s->lines[below]);
            gather_run(g, "addressee", &r, NULL, SURE_WORDS, "head.addressee");
        }
    }
}
