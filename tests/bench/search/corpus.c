#include "tests/bench/search/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"

#define WORDS_MAX 1024

const char *const question_names[QUESTIONS] = {"one word", "three words", "phrase",
                                               "prefix", "misread"};

static const char *const onsets[] = {"b",  "c", "ch", "d",  "đ",  "g",  "h",  "k",
                                     "kh", "l", "m",  "n",  "ng", "nh", "ph", "qu",
                                     "r",  "s", "t",  "th", "tr", "v",  "x",  ""};
static const char *const rhymes[] = {
    "a",   "à",   "á",    "ả",    "ạ",   "an",  "àn",  "án",  "anh", "ành", "ánh", "ang",
    "áng", "ao",  "áo",   "ay",   "ày",  "âm",  "ấm",  "ân",  "ấn",  "ận",  "ất",  "ật",
    "ây",  "ấy",  "e",    "ẻ",    "em",  "en",  "ên",  "ết",  "ệt",  "ế",   "ể",   "i",
    "ì",   "í",   "iên",  "iến",  "iện", "iết", "iệt", "iêu", "inh", "ình", "ính", "ịnh",
    "o",   "ò",   "oan",  "oàn",  "oá",  "ong", "òng", "ông", "ồng", "ống", "ộng", "ơ",
    "ờ",   "ơi",  "ời",   "ới",   "u",   "ù",   "ủ",   "úc",  "ục",  "ui",  "um",  "un",
    "ung", "ùng", "uyên", "uyết", "ư",   "ừ",   "ứ",   "ưa",  "ừng", "ước", "ược", "ường",
};
static const char *const sentences[] = {"{report_sentence}",  "{plan_sentence}",
                                        "{notice_sentence}",  "{proposal_sentence}",
                                        "{minutes_sentence}", "{party_sentence}"};

static void make_syllables(struct corpus *c)
{
    size_t o = sizeof onsets / sizeof *onsets, r = sizeof rhymes / sizeof *rhymes;
    struct random random;

    random_init(&random, c->seed, 1);
    for (size_t i = 0; i < CORPUS_SYLLABLES; i++) {
        size_t at = i % (o * r);

        /* A second round stands for what readers make of them. */
        (void)snprintf(c->syllables[i], sizeof *c->syllables, "%s%s%s", onsets[at / r],
                       rhymes[at % r],
                       i < o * r       ? ""
                       : i < 2 * o * r ? "l"
                                       : "ii");
    }
    for (size_t i = CORPUS_SYLLABLES - 1; i > 0; i--) {
        size_t j = random_below(&random, (uint32_t)i + 1);
        char swap[16];

        memcpy(swap, c->syllables[i], sizeof swap);
        memcpy(c->syllables[i], c->syllables[j], sizeof swap);
        memcpy(c->syllables[j], swap, sizeof swap);
    }
    for (size_t i = 0; i < CORPUS_SYLLABLES; i++)
        c->sums[i] = (i == 0 ? 0 : c->sums[i - 1]) + 1.0 / (double)(i + 3);
}

int corpus_create(struct corpus **out, uint64_t seed, struct err *e)
{
    struct corpus *c = calloc(1, sizeof *c);

    *out = NULL;
    if (c == NULL)
        return err_set(e, ERR_MEMORY, "corpus");
    c->seed = seed;
    c->syllables = calloc(CORPUS_SYLLABLES, sizeof *c->syllables);
    c->sums = calloc(CORPUS_SYLLABLES, sizeof *c->sums);
    if (c->syllables == NULL || c->sums == NULL) {
        corpus_destroy(c);
        return err_set(e, ERR_MEMORY, "corpus");
    }
    if (phrases_create(&c->phrases, e) != 0) {
        corpus_destroy(c);
        return -1;
    }
    make_syllables(c);
    *out = c;
    return 0;
}

void corpus_destroy(struct corpus *c)
{
    if (c == NULL)
        return;
    phrases_destroy(c->phrases);
    free(c->syllables);
    free(c->sums);
    free(c);
}

static const char *syllable(const struct corpus *c, struct random *r)
{
    double at = random_unit(r) * c->sums[CORPUS_SYLLABLES - 1];
    size_t low = 0, high = CORPUS_SYLLABLES - 1;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (c->sums[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return c->syllables[low];
}

static int add_sentence(struct corpus *c, struct random *r, struct buffer *out,
                        struct err *e)
{
    struct buffer sentence;
    uint32_t which = random_below(r, sizeof sentences / sizeof *sentences);
    int rc;

    buffer_init(&sentence, PHRASE_BYTES_MAX);
    rc = phrases_fill(c->phrases, r, &sentence, sentences[which], e);
    if (rc == 0) {
        buffer_append_text(out, (const char *)sentence.bytes);
        buffer_append_byte(out, '\n');
    }
    buffer_release(&sentence);
    return rc;
}

/* What the sentences of one paper have in common. */
static int draw_setting(struct corpus *c, struct random *r, struct err *e)
{
    static const char *const settings[][2] = {{"year", "{#1990-2025}"},
                                              {"last_year", "{#1989-2024}"},
                                              {"commune", "{commune_name}"},
                                              {"unit", "{unit_word}"},
                                              {"topic", "{topic}"}};

    phrases_clear(c->phrases);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (phrases_draw(c->phrases, r, settings[i][0], settings[i][1], e) != 0)
            return -1;
    return 0;
}

int corpus_page(struct corpus *c, uint64_t number, struct buffer *out, struct err *e)
{
    struct random r;

    random_init(&r, c->seed, number + 2);
    if (draw_setting(c, &r, e) != 0)
        return -1;
    buffer_clear(out);
    buffer_append_format(out, "Số: %u/QĐ-UBND ngày %02u/%02u/%u\n",
                         random_below(&r, 3000) + 1, random_below(&r, 28) + 1,
                         random_below(&r, 12) + 1, 1990 + random_below(&r, 36));
    buffer_append_format(out, "0%02u%09u\n", random_below(&r, 96) + 1,
                         random_below(&r, 1000000000));
    while (out->count < CORPUS_PAGE) {
        if (random_below(&r, 4) == 0 && add_sentence(c, &r, out, e) != 0)
            return -1;
        for (int i = 0; i < 12; i++)
            buffer_append_format(out, "%s%s", syllable(c, &r), i == 11 ? ".\n" : " ");
    }
    return buffer_check(out, e);
}

/* ------------------------------------------------------------------ questions */

struct page_words {
    const char *at[WORDS_MAX];
    size_t bytes[WORDS_MAX];
    size_t count;
};

/* Without the marks of ASCII that hang on it. */
static void trim(const char **word, size_t *bytes)
{
    while (*bytes > 0 && strchr(".,;:()\"-/", (*word)[*bytes - 1]) != NULL)
        --*bytes;
    while (*bytes > 0 && strchr(".,;:()\"", **word) != NULL) {
        ++*word;
        --*bytes;
    }
}

static void take_words(struct page_words *w, const char *text)
{
    size_t at = 0;

    w->count = 0;
    while (w->count < WORDS_MAX &&
           words_next(text, &at, &w->at[w->count], &w->bytes[w->count])) {
        trim(&w->at[w->count], &w->bytes[w->count]);
        w->count +=
            w->bytes[w->count] > 0 && strpbrk(w->at[w->count], "/:") != w->at[w->count];
    }
}

static void add_word(struct buffer *out, const struct page_words *w, size_t i)
{
    if (out->count > 0)
        buffer_append_byte(out, ' ');
    buffer_append(out, w->at[i], w->bytes[i]);
}

/* One of its letters another: one of ASCII, so that it stays UTF-8. */
static void misread(struct buffer *out, struct random *r)
{
    for (int i = 0; i < 20; i++) {
        size_t at = random_below(r, (uint32_t)out->count);
        unsigned char letter = (unsigned char)('a' + random_below(r, 26));

        if (out->bytes[at] >= 'a' && out->bytes[at] <= 'z' && out->bytes[at] != letter) {
            out->bytes[at] = letter;
            return;
        }
    }
}

/* The first two to four letters. */
static void begin(struct buffer *out, struct random *r)
{
    size_t letters = 2 + random_below(r, 3), at = 0;

    while (at < out->count && letters > 0) {
        at++;
        while (at < out->count && (out->bytes[at] & 0xc0) == 0x80)
            at++;
        letters--;
    }
    out->count = at;
    buffer_append_text(out, "");
}

int corpus_question(struct corpus *c, enum question kind, uint64_t number, uint64_t pages,
                    struct buffer *out, struct err *e)
{
    struct page_words *w = calloc(1, sizeof *w);
    struct buffer page;
    struct random r;
    int rc = -1;

    buffer_init(&page, 1 << 20);
    random_init(&r, c->seed + 1, number * QUESTIONS + kind);
    if (w == NULL) {
        (void)err_set(e, ERR_MEMORY, "question");
        goto out;
    }
    if (corpus_page(c, random_next(&r) % pages, &page, e) != 0)
        goto out;
    take_words(w, (const char *)page.bytes);
    buffer_clear(out);
    if (kind == QUESTION_PHRASE) {
        size_t words = 2 + random_below(&r, 3);
        size_t first = random_below(&r, (uint32_t)(w->count - words));

        for (size_t i = 0; i < words; i++)
            add_word(out, w, first + i);
    } else {
        for (int i = 0; i < (kind == QUESTION_THREE ? 3 : 1); i++)
            add_word(out, w, random_below(&r, (uint32_t)w->count));
    }
    if (kind == QUESTION_MISREAD)
        misread(out, &r);
    if (kind == QUESTION_PREFIX)
        begin(out, &r);
    rc = buffer_check(out, e);
out:
    buffer_release(&page);
    free(w);
    return rc;
}
