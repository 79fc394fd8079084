#include "schema/checks/date.h"

#include <stdlib.h>
#include <string.h>

#include "schema/tokenizer.h"

enum { NUMBERS_MAX = 3, YEAR_MIN = 1000, YEAR_MAX = 2999 };

struct numbers {
    int value[NUMBERS_MAX], digits[NUMBERS_MAX];
    size_t count;
};

/* The words of a date that carry nothing. */
static bool is_date_word(const char *folded)
{
    static const char *const words[] = {"ngay", "thang", "nam", "mong", "mung", "sinh"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(folded, words[i]) == 0)
            return true;
    return false;
}

static int take(void *arg, const struct token *t)
{
    struct numbers *n = arg;

    if (is_date_word(t->folded))
        return 0;
    if (t->folded_bytes > 4 || strspn(t->folded, "0123456789") != t->folded_bytes ||
        n->count == NUMBERS_MAX)
        return -1;
    n->digits[n->count] = (int)t->folded_bytes;
    n->value[n->count] = atoi(t->folded);
    if (n->value[n->count] == 0)
        n->value[n->count] = -1;
    n->count++;
    return 0;
}

bool date_read(struct paper_date *out, const char *text)
{
    struct numbers n = {.count = 0};
    size_t year;

    *out = (struct paper_date){0};
    if (tokens_each(text, strlen(text), take, &n) != 0 || n.count == 0)
        return false;
    year = n.digits[0] == 4 ? 0 : n.count - 1; /* 1975-03-12, or 12/03/1975 */
    if (n.digits[year] != 4 || n.value[year] < YEAR_MIN || n.value[year] > YEAR_MAX)
        return false;
    out->year = n.value[year];
    if (n.count == 1)
        return true;
    out->month = n.value[n.count == 2 ? 1 - year : 1];
    if (n.count == 3)
        out->day = n.value[2 - year];
    for (size_t i = 0; i < n.count; i++)
        if (i != year && n.digits[i] > 2)
            return false;
    return true;
}

static int days_of(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

bool date_exists(const struct paper_date *d)
{
    bool has_month = d->month >= 1 && d->month <= 12;

    if (d->month == 0 && d->day == 0)
        return true;
    return has_month && d->day >= 0 && d->day <= days_of(d->month, d->year);
}

int date_compare(const struct paper_date *a, const struct paper_date *b)
{
    if (a->year != b->year)
        return a->year - b->year;
    if (a->month == 0 || b->month == 0 || a->month != b->month)
        return a->month == 0 || b->month == 0 ? 0 : a->month - b->month;
    return a->day == 0 || b->day == 0 ? 0 : a->day - b->day;
}
