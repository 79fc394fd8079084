/* Place and date of a paper: "An Trạch, ngày 05 tháng 02 năm 2024". */
#include <string.h>

#include "ocr/fields/head.h"

/* The three words are looked for in the line's folded letters, each behind the last;
 * digits stand between, or nothing where a day was written by hand. */
static bool mark_find(const struct sheet *s, const struct sheet_line *l, size_t from,
                      const char *word, unsigned distance, struct fold_match *out)
{
    if (from >= l->fold_count ||
        !fold_find(line_folded(s, l) + from, l->fold_count - from, word, distance, out))
        return false;
    out->at += from;
    return true;
}

static size_t digits_after(const struct sheet *s, const struct sheet_line *l, size_t at)
{
    const char *folded = line_folded(s, l);
    size_t count = 0;

    while (at + count < l->fold_count && folded[at + count] >= '0' &&
           folded[at + count] <= '9')
        count++;
    return count;
}

bool date_words(const struct sheet *s, const struct sheet_line *l, size_t *first,
                size_t *count)
{
    struct fold_match day, month, year, whole;
    size_t digits;

    if (!mark_find(s, l, 0, "thang", 1, &month) ||
        !mark_find(s, l, month.at + month.count, "nam", 1, &year))
        return false;
    digits = digits_after(s, l, year.at + year.count);
    if (digits < 2 || digits > 4)
        return false;
    /* The last "ngày" before the month. */
    if (!fold_find(line_folded(s, l), month.at, "ngay", 1, &day))
        return false;
    while (mark_find(s, l, day.at + day.count, "ngay", 1, &whole) &&
           whole.at + whole.count <= month.at)
        day = whole;
    whole = (struct fold_match){day.at, year.at + year.count + digits - day.at, 0};
    line_match_words(s, l, &whole, first, count);
    return true;
}

void head_date(struct gather *g, const struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];
    const struct sheet_line *l;
    struct run date = {.page = h->page}, place = {.page = h->page};
    size_t first, count;

    if (h->date == SHEET_NONE)
        return;
    l = &s->lines[h->date];
    if (!date_words(s, l, &first, &count))
        return;
    run_add(&date, first, count);
    gather_run(g, "date", &date, NULL, SURE_PLACE_AND_WORDS, "head.date");
    run_add(&place, l->word_first, first - l->word_first);
    if (place.pieces > 0)
        gather_run(g, "place", &place, NULL, SURE_PLACE, "head.date");
}
