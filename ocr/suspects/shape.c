#include "ocr/suspects/shape.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "ocr/language/letter.h"

/* What papers print alone. */
#define PRINTED_ALONE "-–—…./:;+=&%*()\"“”,?!≥≤<>→√x×•#"
#define AMONG_DIGITS  ".,/-–:%°()[]\"“”'’;+*…=×≥≤<>?!&$#"
#define LIKE_DIGITS   "0123456789OoØIlÌÍÏỊìíïị|SsZzBTgq§"
#define YEAR_MIN      1800
#define YEAR_MAX      2100

static size_t character(const char *at, utf8proc_int32_t *point)
{
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, point);

    return n > 0 ? (size_t)n : 1;
}

static bool is_in(const char *at, size_t bytes, const char *set)
{
    for (; *set != '\0'; set++)
        if (strncmp(set, at, bytes) == 0)
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(utf8proc_int32_t point)
{
    utf8proc_category_t c = utf8proc_category(point);

    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

bool shape_has_digit(const char *text)
{
    return text[strcspn(text, "0123456789")] != '\0';
}

bool shape_is_dirt(const char *text)
{
    for (size_t bytes; *text != '\0'; text += bytes) {
        utf8proc_int32_t point;

        bytes = character(text, &point);
        if (!is_in(text, bytes, PRINTED_ALONE))
            return true;
    }
    return false;
}

bool shape_is_like_digits(const char *text)
{
    size_t count = 0, others = 0;

    for (size_t bytes; *text != '\0' && !is_in(text, 1, ".,;:"); text += bytes, count++) {
        utf8proc_int32_t point;

        bytes = character(text, &point);
        if (!is_in(text, bytes, LIKE_DIGITS))
            return false;
        others += !is_digit(*text);
    }
    return others > 0 && count <= 3;
}

size_t shape_strangers(const char *text)
{
    size_t count = 0;

    for (size_t bytes; *text != '\0'; text += bytes) {
        utf8proc_int32_t point;
        struct letter l;

        bytes = character(text, &point);
        count += !letter_read(&l, text) && !is_digit(*text) &&
                 !is_in(text, bytes, AMONG_DIGITS "-_@<>");
    }
    return count;
}

bool shape_is_joined(const char *text)
{
    bool joined = false, before = false;

    for (size_t bytes; *text != '\0'; text += bytes) {
        utf8proc_int32_t point;
        bool joint;

        bytes = character(text, &point);
        joint = is_in(text, bytes, "-–/.&'’@_:");
        if (!joint && !is_letter(point) && !is_in(text, bytes, ",;()\"“”"))
            return false;
        joined = joined || (joint && before);
        before = is_letter(point);
    }
    return joined;
}

/* --- numbers ------------------------------------------------------------------------- */

/* "12/3/1975" with all three parts: whether there may be such a day. Not a date: true. */
static bool date_is_possible(const char *text)
{
    char *end;
    long day, month, year;

    text += strcspn(text, "0123456789");
    day = strtol(text, &end, 10);
    if (*end != '/' || !is_digit(end[1]))
        return true;
    month = strtol(end + 1, &end, 10);
    if (*end != '/' || !is_digit(end[1]))
        return true;
    year = strtol(end + 1, &end, 10);
    if (is_digit(*end) || *end == '/')
        return true;
    return day >= 1 && day <= 31 && month >= 1 && month <= 12 &&
           ((year >= YEAR_MIN && year <= YEAR_MAX) || year < 100);
}

/* What stands between two joints of a code: digits, then letters ("12a", "30km", "m2"),
 * or capitals and the number of what they name ("UBTVQH15"). */
struct part {
    size_t digits, letters, small, turns; /* turns: from digits to letters or back */
    bool last_digit, hour;                /* hour: "08h30" */
};

static bool part_is_sound(const struct part *p)
{
    if (p->digits == 0 || p->letters == 0)
        return true;
    if (p->turns > 1)
        return p->turns == 2 && p->letters == 1 && p->hour;
    if (p->last_digit) /* letters first */
        return p->small == 0 || (p->letters == 1 && p->digits == 1);
    return p->letters <= 3;
}

static void part_add(struct part *p, const char *at, bool digit, bool small)
{
    if (p->digits + p->letters > 0 && p->last_digit != digit)
        p->turns++;
    p->digits += digit;
    p->letters += !digit;
    p->small += !digit && small;
    p->last_digit = digit;
    p->hour = p->hour || *at == 'h' || *at == 'g';
}

/* A letter follows where a space belongs: "8,xã". */
static bool runs_on(const char *after)
{
    utf8proc_int32_t point;

    (void)character(after, &point);
    return *after != '\0' && is_letter(point);
}

bool shape_is_bad_number(const char *text)
{
    struct part part = {0};

    if (!date_is_possible(text))
        return true;
    for (size_t bytes; *text != '\0'; text += bytes) {
        utf8proc_int32_t point;

        bytes = character(text, &point);
        if (is_digit(*text) || is_letter(point)) {
            part_add(&part, text, is_digit(*text), utf8proc_tolower(point) == point);
            continue;
        }
        if (!is_in(text, bytes, AMONG_DIGITS) || !part_is_sound(&part) ||
            (is_in(text, bytes, ",;") && runs_on(text + bytes)))
            return true;
        part = (struct part){0};
    }
    return !part_is_sound(&part);
}
