#include "schema/search/snippet.h"

#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#include "schema/search/search.h"

/* Of the line's characters, those before the first hit. */
#define LEAD_CHARACTERS 30

/* Left off when cutting back to a blank; more would rather cut a word. */
#define TAIL_CHARACTERS 30

/* Marks on one letter that are written; a bound on the bytes, with room to spare:
 * 120 characters of 4 bytes and 8 marks of 4, hit marks and ellipses. */
#define MARKS_MAX 8

#define ELLIPSIS "\u2026"

enum glyph_kind { BLANK, MARK, VISIBLE };

struct glyph {
    const char *bytes;
    size_t count;   /* bytes of the text it takes */
    size_t written; /* bytes at `bytes` to write for it */
    enum glyph_kind kind;
};

struct window {
    size_t start, end;
};

static enum glyph_kind kind_of(int32_t code)
{
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return BLANK;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return MARK;
    default:
        return VISIBLE;
    }
}

static struct glyph glyph_at(const char *text, size_t bytes, size_t at)
{
    utf8proc_int32_t code;
    utf8proc_ssize_t width = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                              (utf8proc_ssize_t)(bytes - at), &code);

    if (width <= 0)
        return (struct glyph){"\ufffd", 1, 3, VISIBLE};
    return (struct glyph){text + at, (size_t)width, (size_t)width, kind_of(code)};
}

/* Where the code point before `at` begins; `at` is above 0. */
static size_t step_back(const char *text, size_t at)
{
    size_t begin = at - 1;

    while (begin > 0 && at - begin < 4 && ((unsigned char)text[begin] & 0xc0) == 0x80)
        begin--;
    return begin;
}

/* A word may be cut off from what is before `at`: a blank, and no mark behind it. */
static bool is_word_boundary(const char *text, size_t bytes, size_t at)
{
    if (at == 0 || at >= bytes)
        return true;
    return glyph_at(text, bytes, step_back(text, at)).kind == BLANK &&
           glyph_at(text, bytes, at).kind == VISIBLE;
}

/* ------------------------------------------------------------------ the window */

/* How many different phrases begin at span `first` or soon after it. */
static size_t phrases_near(const struct search_spans *spans, size_t first)
{
    size_t end_max = spans->at[first].start + SNIPPET_CHARACTERS_MAX - LEAD_CHARACTERS;
    size_t different = 0;

    for (size_t i = first; i < spans->count && spans->at[i].end <= end_max; i++) {
        bool again = false;

        for (size_t j = first; j < i && !again; j++)
            again = spans->at[j].phrase == spans->at[i].phrase;
        different += !again;
    }
    return different;
}

/* The span to begin with: the earliest with most phrases in sight. */
static const struct search_span *best_span(const struct search_spans *spans)
{
    size_t best = 0, best_phrases = 0;

    for (size_t i = 0; i < spans->count; i++) {
        size_t phrases = phrases_near(spans, i);

        if (phrases > best_phrases) {
            best = i;
            best_phrases = phrases;
        }
    }
    return spans->count > 0 ? &spans->at[best] : NULL;
}

static size_t window_start(const char *text, size_t bytes, size_t hit)
{
    size_t best = hit, at = hit;

    for (size_t characters = 0; at > 0 && characters < LEAD_CHARACTERS;) {
        at = step_back(text, at);
        characters += glyph_at(text, bytes, at).kind != MARK;
        if (is_word_boundary(text, bytes, at))
            best = at;
    }
    return best;
}

/* `kept` is a place that the window must reach if it can: the first hit's end. */
static size_t window_end(const char *text, size_t bytes, size_t start, size_t kept)
{
    size_t at = start, characters = 0, boundary = 0, boundary_characters = 0;
    bool after_blank = true;

    while (at < bytes) {
        struct glyph g = glyph_at(text, bytes, at);

        characters += g.kind == VISIBLE || (g.kind == BLANK && !after_blank);
        if (characters > SNIPPET_CHARACTERS_MAX)
            break;
        after_blank = g.kind == BLANK;
        at += g.count;
        if (is_word_boundary(text, bytes, at)) {
            boundary = at;
            boundary_characters = characters;
        }
    }
    if (boundary >= kept && boundary > start &&
        boundary_characters + TAIL_CHARACTERS >= SNIPPET_CHARACTERS_MAX)
        return boundary;
    return at;
}

static bool has_visible(const char *text, size_t from, size_t to)
{
    while (from < to) {
        struct glyph g = glyph_at(text, to, from);

        if (g.kind != BLANK)
            return true;
        from += g.count;
    }
    return false;
}

/* -------------------------------------------------------------------- the line */

struct writer {
    struct buffer *out;
    const struct search_spans *spans;
    size_t next;    /* span */
    size_t hit_end; /* of the hit that is open, or 0 */
    bool wrote, blank;
    size_t marks;
};

static void blank_settle(struct writer *w)
{
    if (w->blank && w->wrote)
        buffer_append_byte(w->out, ' ');
    w->blank = false;
}

static void hit_close(struct writer *w)
{
    if (w->hit_end > 0)
        buffer_append_text(w->out, SEARCH_HIT_END);
    w->hit_end = 0;
}

/* Opens and closes hits at `at`; hits that overlap are one. */
static void hits_at(struct writer *w, size_t at)
{
    size_t end = 0;

    for (; w->next < w->spans->count && w->spans->at[w->next].start <= at; w->next++)
        if (w->spans->at[w->next].end > at && w->spans->at[w->next].end > end)
            end = w->spans->at[w->next].end;
    if (w->hit_end > 0 && at >= w->hit_end)
        hit_close(w);
    if (end == 0)
        return;
    if (w->hit_end == 0) {
        blank_settle(w);
        buffer_append_text(w->out, SEARCH_HIT_BEGIN);
    }
    w->hit_end = end > w->hit_end ? end : w->hit_end;
}

static void glyph_write(struct writer *w, const struct glyph *g)
{
    if (g->kind == BLANK) {
        w->blank = true;
        w->marks = 0;
        return;
    }
    w->marks = g->kind == MARK ? w->marks + 1 : 0;
    if (w->marks > MARKS_MAX)
        return;
    blank_settle(w);
    buffer_append(w->out, g->bytes, g->written);
    w->wrote = true;
}

void snippet_append(struct buffer *out, const char *text, size_t bytes,
                    const struct search_spans *spans)
{
    const struct search_span *hit = best_span(spans);
    struct writer w = {.out = out, .spans = spans};
    struct window window = {0};

    if (hit != NULL)
        window.start = window_start(text, bytes, hit->start);
    window.end = window_end(text, bytes, window.start, hit != NULL ? hit->end : 0);
    if (has_visible(text, 0, window.start))
        buffer_append_text(out, ELLIPSIS);
    for (size_t at = window.start; at < window.end;) {
        struct glyph g = glyph_at(text, bytes, at);

        hits_at(&w, at);
        glyph_write(&w, &g);
        at += g.count;
    }
    hit_close(&w);
    if (has_visible(text, window.end, bytes))
        buffer_append_text(out, ELLIPSIS);
}
