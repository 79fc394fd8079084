#include "ocr/fields/anchors.h"

#include <stdlib.h>
#include <string.h>

#define ANCHOR_BYTES 256
/* Letters that a longer anchor must be longer by for each that is wrong in it: "tên vợ"
 * is not "tên" before a name. */
#define MISS_COST      3
#define SECTION_SPAN   4 /* words of a section's name */
#define FOLD_ONE_BELOW 5

/* 0: nothing is left of it, or it is too long. */
static size_t words_fold(const char *text, char out[FOLD_NEEDLE_MAX + 1])
{
    char folded[ANCHOR_BYTES];
    size_t bytes = strlen(text), count;

    if (bytes > sizeof folded)
        return 0;
    count = fold_text(text, bytes, folded, NULL);
    if (count > FOLD_NEEDLE_MAX)
        return 0;
    memcpy(out, folded, count);
    out[count] = '\0';
    return count;
}

/* ------------------------------------------------------------------- making */

static int anchor_use(struct anchors *a, const char *text, size_t field, struct err *e)
{
    char folded[FOLD_NEEDLE_MAX + 1];
    size_t count = words_fold(text, folded), i = 0;
    struct anchor *anchor;
    size_t *fields;

    if (count == 0)
        return 0;
    while (i < a->count && strcmp(a->all[i].folded, folded) != 0)
        i++;
    anchor = &a->all[i];
    if (i < a->count && anchor->fields[anchor->fields_count - 1] == field)
        return 0; /* "Số:" and "Số" are one */
    fields = realloc(anchor->fields, (anchor->fields_count + 1) * sizeof *fields);
    if (fields == NULL)
        return err_set(e, ERR_MEMORY, "anchors");
    anchor->fields = fields;
    anchor->fields[anchor->fields_count++] = field;
    if (i == a->count) {
        memcpy(anchor->folded, folded, count + 1);
        anchor->count = count;
        a->count++;
    }
    return 0;
}

static unsigned section_of_words(const struct anchors *a, const char *folded)
{
    for (size_t i = 0; i < a->words_count; i++)
        if (strcmp(a->words[i].folded, folded) == 0)
            return a->words[i].section;
    return SECTION_NONE;
}

/* Fields that share any of their sections' words are of one. */
static void section_use(struct anchors *a, const struct field_search *search,
                        size_t field)
{
    char folded[FOLD_NEEDLE_MAX + 1];
    unsigned section = SECTION_NONE;

    for (size_t i = 0; section == SECTION_NONE && i < search->sections_count; i++)
        if (words_fold(search->sections[i], folded) > 0)
            section = section_of_words(a, folded);
    if (section == SECTION_NONE && search->sections_count > 0 &&
        a->sections_count < SECTIONS_MAX)
        section = ++a->sections_count;
    a->section_of[field] = section;
    for (size_t i = 0; section != SECTION_NONE && i < search->sections_count; i++) {
        struct section_words *w = &a->words[a->words_count];

        if (a->words_count == SECTION_WORDS)
            return;
        w->count = words_fold(search->sections[i], w->folded);
        w->section = section;
        if (w->count > 0 && section_of_words(a, w->folded) == SECTION_NONE)
            a->words_count++;
    }
}

static size_t anchors_total(const struct record_type *type)
{
    size_t total = 0;

    for (size_t i = 0; i < type->fields_count; i++)
        total += type->fields[i].search.anchors_count;
    return total;
}

int anchors_open(struct anchors *out, const struct record_type *type, struct err *e)
{
    *out = (struct anchors){.type = type};
    out->all = calloc(anchors_total(type) + 1, sizeof *out->all);
    out->section_of = calloc(type->fields_count + 1, sizeof *out->section_of);
    if (out->all == NULL || out->section_of == NULL) {
        anchors_close(out);
        return err_set(e, ERR_MEMORY, "anchors");
    }
    for (size_t i = 0; i < type->fields_count; i++) {
        const struct field_search *search = &type->fields[i].search;

        section_use(out, search, i);
        for (size_t k = 0; k < search->anchors_count; k++)
            if (anchor_use(out, search->anchors[k], i, e) != 0) {
                anchors_close(out);
                return -1;
            }
    }
    return 0;
}

void anchors_close(struct anchors *a)
{
    for (size_t i = 0; a->all != NULL && i < a->count; i++)
        free(a->all[i].fields);
    free(a->all);
    free(a->section_of);
    *a = (struct anchors){0};
}

/* ------------------------------------------------------------------ looking */

size_t anchor_of(const struct anchors *a, const char *folded, size_t letters, bool whole,
                 struct fold_match *out)
{
    long most = 0;
    size_t best = a->count;

    for (size_t i = 0; i < a->count; i++) {
        const struct anchor *one = &a->all[i];
        unsigned tolerance = one->count < 5 ? 0 : one->count < 12 ? 1 : 2;
        struct fold_match m;

        if (!(whole ? fold_is(folded, letters, one->folded, tolerance, &m)
                    : fold_begins(folded, letters, one->folded, tolerance, &m)))
            continue;
        if ((long)one->count - MISS_COST * (long)m.distance > most) {
            most = (long)one->count - MISS_COST * (long)m.distance;
            best = i;
            *out = m;
        }
    }
    return best;
}

/* The letters of some words, folded; 0: too many. */
static size_t span_fold(const struct sheet *s, size_t first, size_t behind,
                        char out[FOLD_NEEDLE_MAX])
{
    size_t count = 0;

    for (size_t i = first; i < behind; i++) {
        const struct sheet_word *w = &s->words[i];

        if (count + w->bytes > FOLD_NEEDLE_MAX)
            return 0;
        count += fold_text(w->text, w->bytes, out + count, NULL);
    }
    return count;
}

static const struct section_words *
section_at(const struct anchors *a, const struct sheet *s, size_t first, size_t behind)
{
    char folded[FOLD_NEEDLE_MAX];
    size_t count = span_fold(s, first, behind, folded);

    for (size_t i = 0; count > 0 && i < a->words_count; i++) {
        const struct section_words *w = &a->words[i];
        struct fold_match m;

        if (fold_is(folded, count, w->folded, w->count >= FOLD_ONE_BELOW, &m))
            return w;
    }
    return NULL;
}

unsigned section_in(const struct anchors *a, const struct sheet *s, size_t first,
                    size_t behind, size_t *named_first, size_t *named_behind)
{
    unsigned found = SECTION_NONE;
    size_t longest = 0;

    for (size_t i = first; i < behind; i++)
        for (size_t end = i + 1; end <= behind && end <= i + SECTION_SPAN; end++) {
            const struct section_words *w = section_at(a, s, i, end);

            if (w == NULL)
                continue;
            if (found != SECTION_NONE && w->section != found)
                return SECTION_NONE;
            if (w->count > longest) {
                longest = w->count;
                *named_first = i;
                *named_behind = end;
            }
            found = w->section;
        }
    return found;
}

size_t anchor_fields(const struct anchors *a, size_t anchor, unsigned section,
                     size_t *fields, size_t max)
{
    const struct anchor *one = &a->all[anchor];
    size_t count = 0, divided = 0;

    for (size_t i = 0; i < one->fields_count; i++) {
        divided += a->section_of[one->fields[i]] != SECTION_NONE;
        if (section != SECTION_NONE && count < max &&
            a->section_of[one->fields[i]] == section)
            fields[count++] = one->fields[i];
    }
    if (count > 0 || (section != SECTION_NONE && divided > 0))
        return count;
    for (size_t i = 0; i < one->fields_count && count < max; i++)
        if (a->section_of[one->fields[i]] == SECTION_NONE)
            fields[count++] = one->fields[i];
    /* Words that only one field has need no section. */
    if (count == 0 && one->fields_count == 1 && max > 0)
        fields[count++] = one->fields[0];
    return count;
}
