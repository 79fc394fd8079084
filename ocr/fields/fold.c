#include "ocr/fields/fold.h"

#include <string.h>

#include "ocr/language/letter.h"

#define TOLERANCE_NONE_BELOW 4
#define TOLERANCE_ONE_BELOW  8
#define TOLERANCE_STEP       6

/* Bytes of the character there, as its first byte says. */
static size_t character_bytes(unsigned char first)
{
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

size_t fold_text(const char *text, size_t bytes, char *out, size_t *from)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes;) {
        size_t step = character_bytes((unsigned char)text[i]);
        char one[5] = "";
        struct letter l;

        if (step > bytes - i)
            step = bytes - i;
        memcpy(one, text + i, step);
        if (from != NULL)
            from[count] = i;
        if (one[0] >= '0' && one[0] <= '9')
            out[count++] = one[0];
        else if (letter_read(&l, one))
            out[count++] = letter_base(&l);
        i += step;
    }
    return count;
}

unsigned fold_tolerance(const char *needle)
{
    size_t count = strlen(needle);

    if (count < TOLERANCE_NONE_BELOW)
        return 0;
    if (count < TOLERANCE_ONE_BELOW)
        return 1;
    return 1 + (unsigned)(count / TOLERANCE_STEP);
}

/* One column of the table of distances, from needle's prefixes to what ends here. */
struct column {
    unsigned distance[FOLD_NEEDLE_MAX + 1];
    size_t start[FOLD_NEEDLE_MAX + 1]; /* where in the text it began */
};

static void step(struct column *c, const char *needle, size_t count, char letter,
                 size_t at, bool anywhere)
{
    unsigned diagonal = c->distance[0];
    size_t diagonal_start = c->start[0];

    c->distance[0] = anywhere ? 0 : c->distance[0] + 1;
    c->start[0] = anywhere ? at + 1 : 0;
    for (size_t i = 1; i <= count; i++) {
        unsigned best = diagonal + (needle[i - 1] != letter);
        size_t start = diagonal_start;

        diagonal = c->distance[i];
        diagonal_start = c->start[i];
        if (c->distance[i] + 1 < best) { /* a letter of the text too many */
            best = c->distance[i] + 1;
            start = c->start[i];
        }
        if (c->distance[i - 1] + 1 < best) { /* one too few */
            best = c->distance[i - 1] + 1;
            start = c->start[i - 1];
        }
        c->distance[i] = best;
        c->start[i] = start;
    }
}

enum where { ANYWHERE, AT_THE_BEGINNING, ALL_OF_IT };

static bool search(const char *hay, size_t hay_count, const char *needle,
                   unsigned distance_max, enum where where, struct fold_match *out)
{
    size_t count = strlen(needle);
    struct column c;

    if (count == 0 || count > FOLD_NEEDLE_MAX ||
        (where == ALL_OF_IT && hay_count > count + distance_max))
        return false;
    for (size_t i = 0; i <= count; i++) {
        c.distance[i] = (unsigned)i;
        c.start[i] = 0;
    }
    out->distance = distance_max + 1;
    for (size_t at = 0; at < hay_count; at++) {
        if (where != ANYWHERE && at > count + distance_max)
            break;
        step(&c, needle, count, hay[at], at, where == ANYWHERE);
        if (c.distance[count] < out->distance &&
            (where != ALL_OF_IT || at + 1 == hay_count))
            *out = (struct fold_match){c.start[count], at + 1 - c.start[count],
                                       c.distance[count]};
    }
    return out->distance <= distance_max;
}

bool fold_find(const char *hay, size_t count, const char *needle, unsigned distance_max,
               struct fold_match *out)
{
    return search(hay, count, needle, distance_max, ANYWHERE, out);
}

bool fold_begins(const char *hay, size_t count, const char *needle, unsigned distance_max,
                 struct fold_match *out)
{
    return search(hay, count, needle, distance_max, AT_THE_BEGINNING, out);
}

bool fold_is(const char *hay, size_t count, const char *needle, unsigned distance_max,
             struct fold_match *out)
{
    return search(hay, count, needle, distance_max, ALL_OF_IT, out);
}
