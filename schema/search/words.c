#include "schema/search/words.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_BYTES_MAX ((size_t)1 << 30)
#define PLACES_FIRST    8192 /* a power of two */

void words_set_init(struct words_set *w)
{
    *w = (struct words_set){0};
    buffer_init(&w->text, WORDS_BYTES_MAX);
}

void words_set_release(struct words_set *w)
{
    for (size_t i = 0; i < w->count; i++)
        list_writer_release(&w->entries[i].list);
    free(w->entries);
    free(w->places);
    buffer_release(&w->text);
    *w = (struct words_set){0};
}

/* FNV-1a: the words come from papers, and a table of one block cannot be made long. */
static uint64_t hash_of(const char *word, size_t bytes)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < bytes; i++)
        h = (h ^ (unsigned char)word[i]) * 1099511628211u;
    return h ^ h >> 29;
}

/* Where the word is, or the free place where it belongs. */
static size_t place_of(const struct words_set *w, const char *word, size_t bytes)
{
    size_t at = hash_of(word, bytes) & (w->places_count - 1);

    for (; w->places[at] != 0; at = (at + 1) & (w->places_count - 1)) {
        const struct words_entry *x = &w->entries[w->places[at] - 1];

        if (x->bytes == bytes && memcmp(w->text.bytes + x->at, word, bytes) == 0)
            break;
    }
    return at;
}

/* Room for one more: at most half of the places are taken. */
static bool grow(struct words_set *w)
{
    size_t capacity = w->places_count == 0 ? PLACES_FIRST : 2 * w->places_count;
    struct words_entry *entries;

    if (2 * w->count < w->places_count)
        return true;
    entries = realloc(w->entries, (capacity / 2 + 1) * sizeof *entries);
    if (entries == NULL)
        return false;
    w->entries = entries;
    free(w->places);
    w->places = calloc(capacity, sizeof *w->places);
    w->places_count = w->places == NULL ? 0 : capacity;
    for (size_t i = 0; w->places != NULL && i < w->count; i++) {
        const char *word = (const char *)w->text.bytes + w->entries[i].at;

        w->places[place_of(w, word, w->entries[i].bytes)] = (uint32_t)i + 1;
    }
    return w->places != NULL;
}

struct words_entry *words_set_at(struct words_set *w, const char *word, size_t bytes)
{
    struct words_entry *entry;
    size_t place;

    if (!grow(w))
        return NULL;
    place = place_of(w, word, bytes);
    if (w->places[place] != 0)
        return &w->entries[w->places[place] - 1];
    entry = &w->entries[w->count];
    *entry = (struct words_entry){.at = w->text.count, .bytes = bytes};
    list_writer_init(&entry->list);
    buffer_append(&w->text, word, bytes);
    if (w->text.failed != ERR_NONE)
        return NULL;
    w->places[place] = (uint32_t)++w->count;
    return entry;
}

static int by_number(const void *one, const void *other)
{
    const struct words_entry *a = one, *b = other;

    return a->number < b->number ? -1 : a->number > b->number;
}

void words_set_sort(struct words_set *w)
{
    if (w->count > 0)
        qsort(w->entries, w->count, sizeof *w->entries, by_number);
}
