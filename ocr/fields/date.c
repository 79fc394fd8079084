/* Place and date of a paper: "An Trạch, ngày 05 tháng 02 năm 2024". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/fields/head.h"
#include "ocr/fields/phrases.h"

#define SLOT_BYTES 16
#define YEAR_MIN   1900
#define YEAR_MAX   2100

/* The words of a date in a line, as matches in its folded letters. */
struct date {
    struct fold_match day, month, year;
};

static bool mark_find(const struct sheet *s, const struct sheet_line *l, size_t from,
                      const char *word, struct fold_match *out)
{
    if (from >= l->fold_count ||
        !fold_find(line_folded(s, l) + from, l->fold_count - from, word, 1, out))
        return false;
    out->at += from;
    return true;
}

/* The three words are looked for in the line's folded letters, each behind the last;
 * digits stand between, or nothing where a day was written by hand. */
static bool marks_find(struct date *out, const struct sheet *s,
                       const struct sheet_line *l)
{
    struct fold_match next;

    /* The first "tháng" that has a "ngày" before it: a commune may be called Quyết Thắng. */
    for (size_t from = 0; mark_find(s, l, from, "thang", &out->month);
         from = out->month.at + 1) {
        if (!mark_find(s, l, out->month.at + out->month.count, "nam", &out->year))
            return false;
        if (!fold_find(line_folded(s, l), out->month.at, "ngay", 1, &out->day))
            continue;
        /* The last "ngày" before the month. */
        while (mark_find(s, l, out->day.at + out->day.count, "ngay", &next) &&
               next.at + next.count <= out->month.at)
            out->day = next;
        return out->year.at + out->year.count < l->fold_count;
    }
    return false;
}

/* Where the match's word begins, and behind its last. */
static void match_words(const struct sheet *s, const struct sheet_line *l,
                        const struct fold_match *m, size_t *first, size_t *behind)
{
    size_t count;

    line_match_words(s, l, m, first, &count);
    *behind = *first + count;
}

bool date_words(const struct sheet *s, const struct sheet_line *l, size_t *first,
                size_t *count)
{
    struct date d;
    size_t year, behind, end = l->word_first + l->words_count;

    if (!marks_find(&d, s, l))
        return false;
    match_words(s, l, &d.day, first, &behind);
    match_words(s, l, &d.year, &year, &behind);
    /* The year is the next word, or in that of "năm". */
    if (behind < end && s->words[behind].bytes >= 2 && s->words[behind].bytes <= 8)
        behind++;
    *count = behind - *first;
    return true;
}

/* What stands between two of the words, in digits; false: nothing that is a number. An
 * empty slot is one that is left for the pen. */
static bool slot_read(const struct sheet *s, size_t first, size_t behind,
                      char out[SLOT_BYTES], bool *mended)
{
    struct buffer digits;
    bool whole = true;

    buffer_init(&digits, SLOT_BYTES - 1);
    for (size_t i = first; i < behind && whole; i++) {
        const struct sheet_word *w = &s->words[i];
        size_t bytes = w->bytes, before = digits.count;

        while (bytes > 0 && strchr(".,;:-_/", w->text[bytes - 1]) != NULL)
            bytes--;
        whole = phrases_digits(w->text, bytes, &digits);
        *mended = *mended ||
                  (whole &&
                   memcmp(digits.bytes == NULL ? "" : (const char *)digits.bytes + before,
                          w->text, digits.count - before) != 0);
    }
    (void)snprintf(out, SLOT_BYTES, "%s",
                   digits.count == 0 ? "" : (const char *)digits.bytes);
    whole = whole && digits.failed == ERR_NONE;
    buffer_release(&digits);
    return whole;
}

static bool within(const char *slot, long least, long most, bool may_be_empty)
{
    long n = strtol(slot, NULL, 10);

    return slot[0] == '\0' ? may_be_empty : strlen(slot) <= 4 && n >= least && n <= most;
}

/* "ngày 05 tháng 02 năm 2024", or from the month on where the day cannot be read: it is
 * often written by hand. False: its numbers are none, or no day's. *mended: not letter
 * for letter what was read. */
static bool date_say(const struct sheet *s, const struct sheet_line *l, char *out,
                     size_t out_bytes, bool *mended)
{
    char day[SLOT_BYTES], month[SLOT_BYTES], year[SLOT_BYTES];
    size_t first, day_behind, month_first, month_behind, year_first, year_behind, count;
    struct date d;

    if (!marks_find(&d, s, l) || !date_words(s, l, &first, &count))
        return false;
    match_words(s, l, &d.day, &first, &day_behind);
    match_words(s, l, &d.month, &month_first, &month_behind);
    match_words(s, l, &d.year, &year_first, &year_behind);
    if (!slot_read(s, month_behind, year_first, month, mended) ||
        !slot_read(s, year_behind, first + count, year, mended) ||
        !within(month, 1, 12, true) || !within(year, YEAR_MIN, YEAR_MAX, false))
        return false;
    if (slot_read(s, day_behind, month_first, day, mended) && within(day, 1, 31, true)) {
        (void)snprintf(out, out_bytes, "ngày %s%stháng %s%snăm %s", day,
                       day[0] ? " " : "", month, month[0] ? " " : "", year);
        return true;
    }
    *mended = true;
    (void)snprintf(out, out_bytes, "tháng %s năm %s", month, year);
    return month[0] != '\0';
}

/* Dirt in front of a name, which begins with a capital: Y Tý, A Lưới. */
static bool is_dirt(const struct sheet_word *w)
{
    return w->bytes == 1 && !(w->text[0] >= 'A' && w->text[0] <= 'Z');
}

static void place_gather(struct gather *g, const struct head *h, size_t first,
                         size_t count)
{
    struct run r = {.page = h->page};

    while (count > 0 && is_dirt(&g->sheets[h->page].words[first])) {
        first++;
        count--;
    }
    run_add(&r, first, count);
    if (r.pieces > 0)
        gather_run(g, "place", &r, NULL, SURE_PLACE, "head.date");
}

void head_date(struct gather *g, const struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];
    const struct sheet_line *l;
    struct run date = {.page = h->page};
    struct buffer read;
    bool mended = false;
    size_t first, count;
    char said[64];

    if (h->date == SHEET_NONE)
        return;
    l = &s->lines[h->date];
    if (!date_words(s, l, &first, &count))
        return;
    place_gather(g, h, l->word_first, first - l->word_first);
    if (!date_say(s, l, said, sizeof said, &mended))
        return;
    run_add(&date, first, count);
    buffer_init(&read, FIELD_VALUE_BYTES_MAX);
    run_text(g, &date, &read);
    if (read.count > 0 && strcmp((const char *)read.bytes, said) == 0)
        gather_run(g, "date", &date, NULL, SURE_PLACE_AND_WORDS, "head.date");
    else
        gather_run(g, "date", &date, said, mended ? SURE_BARELY : SURE_WORDS,
                   "head.date.spelled");
    buffer_release(&read);
}
