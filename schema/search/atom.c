#include "schema/search/atom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/order.h"
#include "schema/search/near.h"
#include "schema/statements.h"

/* A question is to be answered in milliseconds: so many words of the vocabulary are
 * looked at, and slots of their lists read, for one word of it. What is left out is told
 * (narrowed); of a beginning the rare words, of a neighbourhood the common ones, which
 * are right as they stand. */
#define RANGE_WORDS_MAX  20000
#define PART_PAGES_MAX   100     /* a number more common than that is what was meant */
#define NUMBERS_MAX      2000000 /* gone through for a part of a number: 0.1 µs each */
#define WORDS_MAX        512
#define YEAR_FIRST       1000 /* written with four digits */
#define YEAR_LAST        9999
#define PREFIX_PAGES_MAX 6000000
#define NEAR_PAGES_MAX   3000000

const char *const atom_sql[ATOM_STATEMENTS] = {
    [ATOM_FIND] = "SELECT number, pages FROM search_word WHERE word = ?1",
    [ATOM_RANGE] = "SELECT number, pages, word FROM search_word WHERE word >= ?1"
                   " AND word < ?2 LIMIT ?3",
    [ATOM_SLOTS] = "SELECT slots FROM search_list WHERE key = ?1",
    [ATOM_PLACES] = "SELECT slots, places FROM search_list WHERE key = ?1",
};

/* ----------------------------------------------------------------- vocabulary */

struct found_word {
    uint32_t number;
    uint64_t pages;
};

struct finding {
    sqlite3_stmt *find;
    struct found_word *words; /* owned */
    size_t count, capacity;
    struct err *e;
};

static int finding_add(struct finding *f, sqlite3_stmt *row)
{
    if (f->count == f->capacity) {
        size_t capacity = f->capacity == 0 ? 64 : 2 * f->capacity;
        struct found_word *words = realloc(f->words, capacity * sizeof *words);

        if (words == NULL)
            return err_set(f->e, ERR_MEMORY, "words");
        f->words = words;
        f->capacity = capacity;
    }
    f->words[f->count++] = (struct found_word){(uint32_t)sqlite3_column_int64(row, 0),
                                               (uint64_t)sqlite3_column_int64(row, 1)};
    return 0;
}

static int find_word(void *arg, const char *word, size_t bytes)
{
    struct finding *f = arg;
    sqlite3_stmt *s = statement_fresh(f->find);
    int row;

    (void)sqlite3_bind_text(s, 1, word, (int)bytes, SQLITE_STATIC);
    row = statement_step(s, f->e);
    if (row == 1)
        row = finding_add(f, s);
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

/* What begins with `from` or a later word, up to `to`; `seen_max` are looked at. */
static int find_range(struct finding *f, struct atom *a, sqlite3_stmt *s,
                      const char *from, const char *to, size_t seen_max)
{
    size_t seen = 0;
    int row;

    (void)statement_fresh(s);
    bind_text(s, 1, from);
    bind_text(s, 2, to);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)seen_max);
    while ((row = statement_step(s, f->e)) == 1) {
        const char *word = (const char *)sqlite3_column_text(s, 2);

        seen++;
        if (word != NULL && atom_is(a, word, (size_t)sqlite3_column_bytes(s, 2)) &&
            finding_add(f, s) != 0)
            row = -1;
        if (row < 0)
            break;
    }
    (void)statement_fresh(s);
    a->narrowed = seen == seen_max;
    return row < 0 ? -1 : 0;
}

static int by_pages(const void *one, const void *other)
{
    const struct found_word *a = one, *b = other;

    if (a->pages != b->pages)
        return a->pages < b->pages ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Those that may be looked for, once each, into a->numbers. */
static int keep(struct atom *a, struct finding *f)
{
    uint64_t pages = 0,
             pages_max = a->kind == ATOM_NEAR ? NEAR_PAGES_MAX : PREFIX_PAGES_MAX;

    a->numbers = calloc(f->count + 1, sizeof *a->numbers);
    if (a->numbers == NULL)
        return err_set(f->e, ERR_MEMORY, "words");
    if (f->count > 1)
        qsort(f->words, f->count, sizeof *f->words, by_pages);
    for (size_t i = 0; i < f->count; i++) {
        size_t at = a->kind == ATOM_NEAR ? i : f->count - 1 - i;

        if (a->numbers_count > 0 &&
            a->numbers[a->numbers_count - 1] == f->words[at].number)
            continue;
        pages += f->words[at].pages;
        if (a->numbers_count == WORDS_MAX ||
            (a->numbers_count > 0 && a->kind != ATOM_WORD && pages > pages_max)) {
            a->narrowed = true;
            break;
        }
        a->pages += f->words[at].pages;
        a->numbers[a->numbers_count++] = f->words[at].number;
    }
    return 0;
}

/* A range of words would hold every number that begins as a year does. */
static int find_years(struct finding *f, const struct atom *a)
{
    uint32_t last = a->year_to < YEAR_LAST ? a->year_to : YEAR_LAST;
    char word[16];

    for (uint32_t y = a->year_from > YEAR_FIRST ? a->year_from : YEAR_FIRST; y <= last;
         y++) {
        (void)snprintf(word, sizeof word, "%04u", (unsigned)y);
        if (find_word(f, word, 4) != 0)
            return -1;
    }
    return 0;
}

int atom_look_up(struct atom *a, sqlite3_stmt **statements, struct err *e)
{
    struct finding f = {.find = statements[ATOM_FIND], .e = e};
    char from[256], to[256];
    int rc = 0;

    switch (a->kind) {
    case ATOM_WORD:
        rc = find_word(&f, a->word, a->bytes);
        break;
    case ATOM_NEAR:
        rc = find_word(&f, a->word, a->bytes);
        if (rc == 0 && near_is_part(a->word, a->bytes)) {
            if (f.count == 0 || f.words[0].pages <= PART_PAGES_MAX)
                rc = find_range(&f, a, statements[ATOM_RANGE], "0", ":", NUMBERS_MAX);
        } else if (rc == 0)
            rc = near_each(a->word, a->bytes, find_word, &f);
        break;
    case ATOM_PREFIX:
        (void)snprintf(from, sizeof from, "%s", a->word);
        /* No folded word has this letter, and nothing sorts behind it. */
        (void)snprintf(to, sizeof to, "%s\U0010FFFF", a->word);
        rc = find_range(&f, a, statements[ATOM_RANGE], from, to, RANGE_WORDS_MAX);
        break;
    case ATOM_YEARS:
        rc = find_years(&f, a);
        break;
    }
    if (rc == 0)
        rc = keep(a, &f);
    free(f.words);
    return rc;
}

void atom_release(struct atom *a)
{
    free(a->numbers);
    free(a->places.at);
}

static bool is_year_within(const struct atom *a, const char *word, size_t bytes)
{
    uint32_t year = 0;

    for (size_t i = 0; i < bytes && i < 4; i++) {
        if (word[i] < '0' || word[i] > '9')
            return false;
        year = year * 10 + (uint32_t)(word[i] - '0');
    }
    return bytes == 4 && year >= a->year_from && year <= a->year_to;
}

bool atom_is(const struct atom *a, const char *word, size_t bytes)
{
    switch (a->kind) {
    case ATOM_PREFIX:
        return bytes >= a->bytes && memcmp(word, a->word, a->bytes) == 0;
    case ATOM_NEAR:
        return near_is(a->word, a->bytes, word, bytes);
    case ATOM_YEARS:
        return is_year_within(a, word, bytes);
    case ATOM_WORD:
        break;
    }
    return bytes == a->bytes && memcmp(word, a->word, bytes) == 0;
}

/* --------------------------------------------------------------------- blocks */

/* The word's list in the block: 1, or 0 if it has none. */
static int list_row(sqlite3_stmt *s, uint64_t block, uint32_t word, bool with_places,
                    struct list_reader *r, struct err *e)
{
    int row;
    const void *slots, *places = NULL;
    size_t slots_bytes, places_bytes = 0;

    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)(block << 32 | word));
    row = statement_step(s, e);
    if (row != 1)
        return row;
    slots = sqlite3_column_blob(s, 0);
    slots_bytes = (size_t)sqlite3_column_bytes(s, 0);
    if (with_places) {
        places = sqlite3_column_blob(s, 1);
        places_bytes = (size_t)sqlite3_column_bytes(s, 1);
    }
    list_reader_init(r, slots, slots_bytes, places, places_bytes);
    return 1;
}

static void count_times(const struct list_slots *some, const struct bits *bits,
                        uint16_t *times)
{
    for (uint32_t i = 0; i < some->count; i++) {
        uint32_t slot = some->slot[i];
        uint64_t sum =
            (uint64_t)some->times[i] + (bits_has(bits, slot) ? times[slot] : 0);

        times[slot] = sum > UINT16_MAX ? UINT16_MAX : (uint16_t)sum;
    }
}

int atom_read(struct atom *a, sqlite3_stmt **statements, uint64_t block,
              struct bits *bits, uint16_t *times, struct err *e)
{
    sqlite3_stmt *s = statements[ATOM_SLOTS];
    struct list_slots some;
    int row = 0;

    if (block == 0)
        places_tell(&a->places, bits, times);
    for (size_t i = 0; block != 0 && row >= 0 && i < a->numbers_count; i++) {
        struct list_reader r;

        row = list_row(s, block, a->numbers[i], false, &r, e);
        a->work += row == 1 ? (uint64_t)(r.slots.end - r.slots.at) : 0;
        while (row == 1 && list_slots_next(&r, &some)) {
            if (times != NULL)
                count_times(&some, bits, times);
            for (uint32_t j = 0; j < some.count; j++)
                bits_set(bits, some.slot[j]);
        }
    }
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

static int read_list_places(struct atom *a, struct list_reader *r,
                            const struct bits *only, struct err *e)
{
    struct places *p = &a->places;
    struct list_slots some;

    while (list_slots_next(r, &some))
        for (uint32_t i = 0; i < some.count; i++) {
            uint64_t room = (uint64_t)some.times[i] + LIST_PLACES_SHORT;

            if (!bits_has(only, some.slot[i])) {
                r->passed += some.times[i];
                continue;
            }
            if (p->capacity - p->count < room && places_reserve(p, room, e) != 0)
                return -1;
            p->count += list_places(r, some.slot[i], some.times[i], p->at + p->count);
        }
    return 0;
}

int atom_read_places(struct atom *a, sqlite3_stmt **statements, uint64_t block,
                     const struct bits *only, struct err *e)
{
    sqlite3_stmt *s = statements[ATOM_PLACES];
    int row = 0;

    if (block == 0)
        return 0;
    a->places.count = 0;
    for (size_t i = 0; row >= 0 && i < a->numbers_count; i++) {
        struct list_reader r;

        row = list_row(s, block, a->numbers[i], true, &r, e);
        a->work += row == 1 ? (uint64_t)(r.slots.end - r.slots.at) : 0;
        if (row == 1 && read_list_places(a, &r, only, e) != 0)
            row = -1;
    }
    (void)statement_fresh(s);
    if (a->numbers_count > 1 && a->places.count > 1)
        qsort(a->places.at, a->places.count, sizeof *a->places.at, order_u64);
    return row < 0 ? -1 : 0;
}
