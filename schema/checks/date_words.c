/* Dates in words: folded, "năm" is both five and year, so that where a word stands
 * says which it is: a month has one word, or two that begin with "mười". */
#include <stdlib.h>
#include <string.h>

#include "schema/checks/date.h"
#include "schema/tokenizer.h"

enum { WORDS_MAX = 32, WORD_BYTES = 12, TEN = 10, HUNDRED = 100, THOUSAND = 1000 };

struct words {
    char word[WORDS_MAX][WORD_BYTES];
    size_t count;
};

static int take(void *arg, const struct token *t)
{
    struct words *w = arg;

    if (t->folded_bytes >= WORD_BYTES || w->count == WORDS_MAX)
        return -1;
    memcpy(w->word[w->count++], t->folded, t->folded_bytes + 1);
    return 0;
}

static bool is(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* 0 to 9, or -1. */
static int digit(const char *word)
{
    static const struct {
        const char *word;
        int value;
    } digits[] = {
        {"khong", 0}, {"mot", 1}, {"gieng", 1}, {"hai", 2},  {"ba", 3},
        {"bon", 4},   {"tu", 4},  {"nam", 5},   {"lam", 5},  {"nham", 5},
        {"sau", 6},   {"bay", 7}, {"tam", 8},   {"chin", 9},
    };

    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++)
        if (strcmp(word, digits[i].word) == 0)
            return digits[i].value;
    return -1;
}

static bool is_ten(const char *word)
{
    return is(word, "muoi", "chuc");
}

/* Below a hundred: "lăm", "mười hai", "bảy mươi lăm", "bảy lăm", "linh năm"; none is 0.
 * -1: no number. */
static int below_hundred(const struct words *w, size_t from, size_t to)
{
    int first, last;

    if (from < to && is(w->word[from], "linh", "le"))
        from++;
    if (from == to)
        return 0;
    if (to - from > 3)
        return -1;
    first = is_ten(w->word[from]) ? 1 : digit(w->word[from]);
    if (to - from == 1)
        return is_ten(w->word[from]) ? TEN : first;
    if (to - from == 3 && !is_ten(w->word[from + 1]))
        return -1;
    last = is_ten(w->word[to - 1]) ? 0 : digit(w->word[to - 1]);
    return first < 0 || last < 0 ? -1 : first * TEN + last;
}

/* The word among [from, to); `to` if it is not there. */
static size_t find(const struct words *w, size_t from, size_t to, const char *a,
                   const char *b)
{
    while (from < to && !is(w->word[from], a, b))
        from++;
    return from;
}

/* "một chín bảy lăm"; -1: no four digits. */
static int spelled(const struct words *w, size_t from, size_t to)
{
    int value = 0;

    if (to - from != 4)
        return -1;
    for (; from < to; from++) {
        if (digit(w->word[from]) < 0)
            return -1;
        value = value * TEN + digit(w->word[from]);
    }
    return value;
}

/* -1: none. */
static int year_of(const struct words *w, size_t from, size_t to)
{
    size_t thousand = find(w, from, to, "nghin", "ngan"), hundred;
    int rest, hundreds = 0;

    if (to - from == 1 && strspn(w->word[from], "0123456789") == 4)
        return atoi(w->word[from]);
    if (thousand == to)
        return spelled(w, from, to);
    hundred = find(w, thousand + 1, to, "tram", "tram");
    if (hundred < to) {
        if (hundred != thousand + 2)
            return -1;
        hundreds = digit(w->word[thousand + 1]);
        rest = below_hundred(w, hundred + 1, to);
    } else {
        rest = below_hundred(w, thousand + 1, to);
    }
    if (thousand != from + 1 || digit(w->word[from]) < 1 || hundreds < 0 || rest < 0)
        return -1;
    return digit(w->word[from]) * THOUSAND + hundreds * HUNDRED + rest;
}

static int number_of(const struct words *w, size_t from, size_t to)
{
    if (to - from == 1 && strspn(w->word[from], "0123456789") == strlen(w->word[from]))
        return atoi(w->word[from]);
    return below_hundred(w, from, to);
}

/* At the month's first word; *next is behind its last. */
static int month_of(const struct words *w, size_t at, size_t *next)
{
    int value;

    *next = at + 1;
    if (at >= w->count)
        return -1;
    if (strcmp(w->word[at], "chap") == 0)
        return 12;
    if (is_ten(w->word[at]) && at + 1 < w->count && digit(w->word[at + 1]) >= 1 &&
        digit(w->word[at + 1]) <= 2) {
        *next = at + 2;
        return TEN + digit(w->word[at + 1]);
    }
    value = number_of(w, at, at + 1);
    return value >= 1 && value <= 12 ? value : -1;
}

bool date_read_words(struct paper_date *out, const char *text)
{
    struct words w = {.count = 0};
    size_t at = 0, month;

    *out = (struct paper_date){0};
    if (tokens_each(text, strlen(text), take, &w) != 0 || w.count == 0)
        return false;
    month = find(&w, 0, w.count, "thang", "thang");
    if (month < w.count) {
        while (at < month &&
               (is(w.word[at], "ngay", "ngay") || is(w.word[at], "mong", "mung")))
            at++;
        if (at < month && (out->day = number_of(&w, at, month)) <= 0)
            return false;
        if ((out->month = month_of(&w, month + 1, &at)) < 0)
            return false;
    }
    if (at < w.count && strcmp(w.word[at], "nam") == 0)
        at++;
    out->year = at < w.count ? year_of(&w, at, w.count) : -1;
    return out->year > 0;
}
