#include "ocr/anchor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"

#define GROUP_WORDS_MAX 32  /* on each side; a word is never torn into more */
#define OVERLAP_MIN     0.5 /* of the smaller box */
#define HEIGHT_TIMES    3   /* more: a speck on a letter, a frame around words */

struct word_text {
    const char *at;
    size_t bytes;
};

struct side {
    const struct layout *layout;
    struct word_text *words; /* owned */
    bool *taken;             /* owned: in a group already */
};

/* Of the words of both readings, those that hang together. */
struct group {
    uint32_t old[GROUP_WORDS_MAX], new[GROUP_WORDS_MAX];
    size_t old_count, new_count;
};

struct carrying {
    struct side from, to;
    const struct anchor_correction *corrections;
    size_t count;
    int (*each)(void *arg, const struct anchored *a, struct err *e);
    void *arg;
};

static void side_release(struct side *s)
{
    free(s->words);
    free(s->taken);
}

static int side_init(struct side *s, const struct anchor_reading *r, struct err *e)
{
    size_t at = 0, bytes, count = 0;
    const char *word;

    *s = (struct side){.layout = r->layout};
    s->words = calloc(r->layout->words_count + 1, sizeof *s->words);
    s->taken = calloc(r->layout->words_count + 1, sizeof *s->taken);
    if (s->words == NULL || s->taken == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for the words of a page");
    for (; words_next(r->text, &at, &word, &bytes); count++)
        if (count < r->layout->words_count)
            s->words[count] = (struct word_text){word, bytes};
    if (count != r->layout->words_count)
        return err_set(e, ERR_CORRUPT, "a reading of %zu words with %zu boxes", count,
                       r->layout->words_count);
    return 0;
}

/* ---------------------------------------------------------------- what hangs together */

static double shared_length(int32_t a, int32_t a_long, int32_t b, int32_t b_long)
{
    double begin = a > b ? a : b;
    double end_a = (double)a + a_long, end_b = (double)b + b_long;
    double end = end_a < end_b ? end_a : end_b;

    return end > begin ? end - begin : 0;
}

static bool hang_together(const struct word *a, const struct word *b)
{
    double area_a = (double)a->width * a->height, area_b = (double)b->width * b->height;
    double shared = shared_length(a->left, a->width, b->left, b->width) *
                    shared_length(a->top, a->height, b->top, b->height);

    if ((int64_t)a->height > (int64_t)HEIGHT_TIMES * b->height ||
        (int64_t)b->height > (int64_t)HEIGHT_TIMES * a->height)
        return false;
    return shared > 0 && shared >= OVERLAP_MIN * (area_a < area_b ? area_a : area_b);
}

/* Adds the words of `s` that lie on `w` and are in no group yet; false: too many. */
static bool add_over(struct side *s, const struct word *w, uint32_t *list, size_t *count)
{
    for (size_t i = 0; i < s->layout->words_count; i++) {
        if (s->taken[i] || !hang_together(&s->layout->words[i], w))
            continue;
        if (*count == GROUP_WORDS_MAX)
            return false;
        s->taken[i] = true;
        list[(*count)++] = (uint32_t)i;
    }
    return true;
}

static int compare_words(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* From one old word outwards, until nothing more lies on what is there. A group that is
 * too large stays what it is by then. */
static void group_find(struct carrying *c, uint32_t word, struct group *g)
{
    size_t old_done = 0, new_done = 0;
    bool room = true;

    *g = (struct group){.old = {word}, .old_count = 1};
    c->from.taken[word] = true;
    while (room && (old_done < g->old_count || new_done < g->new_count)) {
        if (old_done < g->old_count)
            room = add_over(&c->to, &c->from.layout->words[g->old[old_done++]], g->new,
                            &g->new_count);
        else
            room = add_over(&c->from, &c->to.layout->words[g->new[new_done++]], g->old,
                            &g->old_count);
    }
    qsort(g->old, g->old_count, sizeof *g->old, compare_words);
    qsort(g->new, g->new_count, sizeof *g->new, compare_words);
}

/* ------------------------------------------------------------------ what stands there */

static const struct anchor_correction *correction_of(const struct carrying *c,
                                                     uint32_t word)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->corrections[i].word == word)
            return &c->corrections[i];
    return NULL;
}

/* What the person saw: the group's old words with their corrections. */
static void append_seen(const struct carrying *c, const struct group *g,
                        struct buffer *out)
{
    for (size_t i = 0; i < g->old_count; i++) {
        const struct anchor_correction *fix = correction_of(c, g->old[i]);
        const struct word_text *w = &c->from.words[g->old[i]];
        size_t bytes = fix != NULL ? strlen(fix->text) : w->bytes;

        if (bytes == 0)
            continue;
        if (out->count > 0)
            buffer_append_byte(out, ' ');
        buffer_append(out, fix != NULL ? fix->text : w->at, bytes);
    }
    buffer_append_byte(out, '\0');
}

static size_t count_words(const char *text)
{
    size_t at = 0, bytes, count = 0;
    const char *word;

    while (words_next(text, &at, &word, &bytes))
        count++;
    return count;
}

static int tell(const struct carrying *c, uint32_t number, struct word_text was,
                struct word_text text, struct err *e)
{
    struct anchored a = {.word = number};
    struct buffer both;
    int rc = -1;

    buffer_init(&both, 2 * READING_TEXT_MAX + 2);
    buffer_append(&both, was.at, was.bytes);
    buffer_append_byte(&both, '\0');
    buffer_append(&both, text.at, text.bytes);
    buffer_append_byte(&both, '\0');
    if (buffer_check(&both, e) == 0) {
        a.was = (const char *)both.bytes;
        a.text = (const char *)both.bytes + was.bytes + 1;
        rc = c->each(c->arg, &a, e);
    }
    buffer_release(&both);
    return rc;
}

/* The text of each new word in turn: one each, or all for the first. */
static struct word_text next_text(const char *seen, size_t *at, bool one_each, bool first)
{
    struct word_text all = {seen, strlen(seen)}, none = {"", 0}, next = none;

    if (!one_each)
        return first ? all : none;
    (void)words_next(seen, at, &next.at, &next.bytes); /* there are as many */
    return next;
}

static int tell_group(const struct carrying *c, const struct group *g, const char *seen,
                      struct err *e)
{
    bool one_each = count_words(seen) == g->new_count;
    size_t at = 0;

    for (size_t i = 0; i < g->new_count; i++) {
        struct word_text was = c->to.words[g->new[i]];
        struct word_text text = next_text(seen, &at, one_each, i == 0);

        /* Also what was read right: a later reading may have it wrong again. */
        if (tell(c, g->new[i], was, text, e) != 0)
            return -1;
    }
    return 0;
}

static int carry(struct carrying *c, const struct anchor_correction *fix, struct err *e)
{
    struct word_text nothing_else = {fix->text, strlen(fix->text)};
    struct group g;
    struct buffer seen;
    int rc = -1;

    group_find(c, fix->word, &g);
    if (g.new_count == 0)
        return tell(c, ANCHOR_NOWHERE, c->from.words[fix->word], nothing_else, e);
    buffer_init(&seen, READING_TEXT_MAX);
    append_seen(c, &g, &seen);
    if (buffer_check(&seen, e) == 0)
        rc = tell_group(c, &g, (const char *)seen.bytes, e);
    buffer_release(&seen);
    return rc;
}

int anchor_corrections(const struct anchor_reading *from, const struct anchor_reading *to,
                       const struct anchor_correction *corrections, size_t count,
                       int (*each)(void *arg, const struct anchored *a, struct err *e),
                       void *arg, struct err *e)
{
    struct carrying c = {
        .corrections = corrections, .count = count, .each = each, .arg = arg};
    int rc = -1;

    if (side_init(&c.from, from, e) != 0 || side_init(&c.to, to, e) != 0)
        goto out;
    for (size_t i = 0; i < count; i++) {
        if (corrections[i].word >= from->layout->words_count) {
            (void)err_set(e, ERR_CORRUPT, "a correction of word %" PRIu32 " of %zu",
                          corrections[i].word, from->layout->words_count);
            goto out;
        }
        if (!c.from.taken[corrections[i].word] && carry(&c, &corrections[i], e) != 0)
            goto out;
    }
    rc = 0;
out:
    side_release(&c.from);
    side_release(&c.to);
    return rc;
}
