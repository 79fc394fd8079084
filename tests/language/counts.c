#include "tests/language/counts.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 256
#define WORD_BYTES 64

void counts_release(struct counts *c)
{
    free(c->syllables);
    free(c->pairs);
    *c = (struct counts){0};
}

static bool code_of(const char *word, uint16_t *code)
{
    struct syllable s;

    if (strcmp(word, "<s>") == 0 || strcmp(word, "</s>") == 0) {
        *code = COUNTS_EDGE;
        return true;
    }
    s = syllable_of(word);
    *code = s.code;
    return s.kind == SYLLABLE_SOUND;
}

static int take_syllable(struct counts *c, const char *line, struct err *e)
{
    char word[WORD_BYTES];
    uint32_t count;
    uint16_t code;

    if (sscanf(line, "%63s %" SCNu32, word, &count) != 2)
        return err_set(e, ERR_CORRUPT, "no syllable and count: %s", line);
    if (code_of(word, &code))
        c->syllables[code] += count;
    return 0;
}

static int take_pair(struct counts *c, const char *line, struct err *e)
{
    char first[WORD_BYTES], second[WORD_BYTES];
    struct pair p;

    if (sscanf(line, "%63s %63s %" SCNu32, first, second, &p.count) != 3)
        return err_set(e, ERR_CORRUPT, "no pair and count: %s", line);
    if (!code_of(first, &p.first) || !code_of(second, &p.second))
        return 0;
    if (c->pairs_count == c->pairs_room) {
        size_t room = c->pairs_room == 0 ? 1024 : 2 * c->pairs_room;
        struct pair *grown = realloc(c->pairs, room * sizeof *grown);

        if (grown == NULL)
            return err_set(e, ERR_MEMORY, "out of memory");
        c->pairs = grown;
        c->pairs_room = room;
    }
    c->pairs[c->pairs_count++] = p;
    return 0;
}

static int read_lines(struct counts *c, const char *dir, const char *name,
                      int take(struct counts *, const char *, struct err *),
                      struct err *e)
{
    char path[4096], line[LINE_BYTES];
    FILE *f;
    int rc = 0;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "r");
    if (f == NULL)
        return err_set(e, ERR_FAILED, "%s: cannot be read", path);
    while (rc == 0 && fgets(line, sizeof line, f) != NULL)
        rc = take(c, line, e);
    if (rc == 0 && ferror(f))
        rc = err_set(e, ERR_FAILED, "%s: cannot be read to its end", path);
    (void)fclose(f); /* only read */
    return rc;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->second < y->second ? -1 : x->second > y->second;
}

/* Sorts, and adds up what is the same pair in two spellings. */
static void merge_pairs(struct counts *c)
{
    size_t kept = 0;

    if (c->pairs_count == 0)
        return;
    qsort(c->pairs, c->pairs_count, sizeof *c->pairs, compare_pairs);
    for (size_t i = 1; i < c->pairs_count; i++)
        if (compare_pairs(&c->pairs[kept], &c->pairs[i]) == 0)
            c->pairs[kept].count += c->pairs[i].count;
        else
            c->pairs[++kept] = c->pairs[i];
    c->pairs_count = kept + 1;
}

int counts_read(struct counts *c, const char *dir, struct err *e)
{
    *c = (struct counts){.syllables = calloc(COUNTS_CODES, sizeof *c->syllables)};
    if (c->syllables == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    if (read_lines(c, dir, "syllables.tsv", take_syllable, e) != 0 ||
        read_lines(c, dir, "pairs.tsv", take_pair, e) != 0) {
        counts_release(c);
        return -1;
    }
    merge_pairs(c);
    return 0;
}
