#include "ocr/language/language.h"

#include <stdio.h>
#include <string.h>

#include "ocr/language/bigram.h"
#include "ocr/language/clause.h"
#include "ocr/language/join.h"
#include "ocr/language/stop.h"

struct choosing {
    struct found *f;
    struct language_report *report;
    struct clause clause;
};

/* --- which words -------------------------------------------------------------------- */

static bool begins_part(const struct found_word *w)
{
    return w->start != WORD_IN_LINE && w->start != WORD_NEW_LINE;
}

/* A capital here says nothing of a name: behind a stop, and a small word after it. */
static bool begins_sentence(const struct found *f, size_t at)
{
    static const char *const STOPS[] = {".", ":", ";", "?", "!", "-", "+", "–"};
    const char *before = at > 0 ? f->words[at - 1].text : "";
    bool begins = at == 0 || begins_part(&f->words[at]);
    struct core next;

    for (size_t i = 0; !begins && i < sizeof STOPS / sizeof *STOPS; i++) {
        size_t bytes = strlen(STOPS[i]), all = strlen(before);

        begins = all >= bytes && strcmp(before + all - bytes, STOPS[i]) == 0;
    }
    if (!begins || at + 1 >= f->words_count || f->words[at + 1].start != WORD_IN_LINE)
        return false;
    core_read(&next, f->words[at + 1].text);
    return next.kind == CORE_SMALL;
}

/* A word between names or dirt may be a cell of a table that nobody ruled: only one
 * beside a small word, or between numbers (a date's), stands in running text. */
static bool is_running_text(const struct found *f, size_t at)
{
    struct core before = {0}, after = {0};

    if (at > 0 && !begins_part(&f->words[at]))
        core_read(&before, f->words[at - 1].text);
    if (at + 1 < f->words_count && !begins_part(&f->words[at + 1]))
        core_read(&after, f->words[at + 1].text);
    return before.kind == CORE_SMALL || after.kind == CORE_SMALL ||
           (before.kind == CORE_NUMBER && after.kind == CORE_NUMBER);
}

/* "a)" and "b." count things. */
static bool is_list_letter(const struct core *c, const char *text)
{
    char after = text[c->at + c->bytes];

    return c->letters_count == 1 && (after == ')' || after == '.');
}

static bool is_open(const struct found *f, size_t at, const struct core *c)
{
    const struct found_word *w = &f->words[at];

    return w->cell == NO_CELL && !w->changed && !is_list_letter(c, w->text) &&
           (c->kind == CORE_SMALL ||
            (c->kind == CORE_TITLE && c->letters_count > 1 && begins_sentence(f, at))) &&
           core_belief(f, w) >= CORE_BELIEF_MIN;
}

/* --- choosing ------------------------------------------------------------------------- */

static void rewrite(struct choosing *g, struct found_word *w, const char *letters)
{
    char text[FOUND_WORD_BYTES];
    struct core c;

    core_read(&c, w->text);
    if (strlen(w->text) - c.bytes + strlen(letters) >= sizeof text)
        return;
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)c.at, w->text, letters,
                   w->text + c.at + c.bytes);
    found_change(w, text, CHANGE_LANGUAGE);
    if (w->changed)
        g->report->changed++;
}

/* Rewrites the clause's words and begins another. */
static void end_clause(struct choosing *g, bool ends)
{
    struct clause *c = &g->clause;
    uint8_t chosen[CLAUSE_WORDS_MAX];

    clause_choose(c, ends, chosen);
    for (size_t i = 0; i < c->count; i++) {
        const struct clause_word *w = &c->words[i];

        if (chosen[i] != 0)
            rewrite(g, &g->f->words[w->index], w->candidates.all[chosen[i]].letters);
        c->before = w->candidates.all[chosen[i]].place;
    }
    if (ends)
        c->before = bigram_edge();
    c->count = 0;
}

static void add_word(struct choosing *g, size_t at)
{
    const struct found_word *w = &g->f->words[at];
    struct clause_word *next;
    uint32_t symbol = UINT32_MAX;
    struct core c;

    core_read(&c, w->text);
    if (c.at > 0 || begins_part(w))
        end_clause(g, true);
    if (c.kind == CORE_NONE)
        return;
    if (c.kind == CORE_NUMBER) { /* the counts' clauses end at numbers too */
        end_clause(g, true);
        return;
    }
    if (g->clause.count == CLAUSE_WORDS_MAX)
        end_clause(g, false);
    next = &g->clause.words[g->clause.count++];
    next->index = at;
    if (is_open(g->f, at, &c))
        symbol = core_symbol(&c, w);
    if (symbol == UINT32_MAX) {
        candidates_fix(&next->candidates, &c);
    } else {
        candidates_gather(&next->candidates, &c, g->f, symbol,
                          c.letters_count > 1 && is_running_text(g->f, at));
        g->report->words++;
    }
    if (w->text[c.at + c.bytes] != '\0')
        end_clause(g, true);
}

void language_choose(struct found *f, struct language_report *out)
{
    struct choosing g = {.f = f, .report = out, .clause = {.before = bigram_edge()}};

    *out = (struct language_report){.joined = join_syllables(f)};
    for (size_t i = 0; i < f->words_count; i++)
        add_word(&g, i);
    end_clause(&g, true);
    out->changed += stop_choose(f);
}

double language_valid_share(const struct found *f)
{
    size_t words = 0, sound = 0;

    for (size_t i = 0; i < f->words_count; i++) {
        struct core c;

        core_read(&c, f->words[i].text);
        if (c.kind != CORE_SMALL)
            continue;
        words++;
        sound += syllable_of(c.letters).kind == SYLLABLE_SOUND;
    }
    return words == 0 ? 1 : (double)sound / (double)words;
}
