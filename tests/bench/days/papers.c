#include "tests/bench/days/papers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So that 7z's PPMd makes 6.5 bytes into one, as of the contents that the baseline was
 * measured with. */
static const unsigned rare_permille[] = {[LANGUAGE_OURS] = 225, [LANGUAGE_STRANGE] = 137};
#define MISREAD_PERMILLE 15
#define PAGE_BYTES_MIN   1500
#define PAGE_BYTES_MAX   3000
#define STRANGE_WORDS    3000
#define STRANGE_PHRASES  160

const char *const paper_field_names[PAPER_FIELDS] = {
    "number", "symbol", "date",    "place",     "kind",   "issuer",
    "parent", "title",  "subject", "authority", "signer", "sheets"};

/* What fills them, in our language. */
static const char *const templates[PAPER_FIELDS] = {
    "{#2:1-2450}",     "/UBND-{office_code}",
    "{any_date}",      "{commune}",
    "{topic_verb}",    "Ủy ban nhân dân {unit} {commune}",
    "Tỉnh {province}", "Chủ tịch",
    "{topic}",         "TM. Ủy ban nhân dân",
    "{man}",           "{#1-9}"};

static const char *const sentences[] = {
    "{letter_open}",      "{letter_body}",   "{letter_body}",     "{report_sentence}",
    "{report_sentence}",  "{plan_sentence}", "{notice_sentence}", "{proposal_sentence}",
    "{minutes_sentence}", "{article}",       "{ground}",          "{article_first}"};

struct papers {
    enum language language;
    struct random random;
    struct phrases *phrases;
    struct buffer line;
    unsigned count;
    char (*words)[12];       /* LANGUAGE_STRANGE */
    uint16_t (*strange)[16]; /* phrases of its words; 0: a slot */
};

/* ---------------------------------------------------------------------- strange */

static void make_syllable(struct random *r, char out[12])
{
    static const char *const onsets[] = {"b", "c", "d",  "đ",  "g",  "h",  "k",  "kh",
                                         "l", "m", "n",  "ng", "nh", "ph", "qu", "r",
                                         "s", "t", "th", "tr", "v",  "x",  "gi", "ch"};
    static const char *const rimes[] = {
        "a", "à", "ả", "ã", "á", "ạ", "ă", "ằ", "ắ", "â", "ầ",  "ấ",  "e",
        "è", "é", "ê", "ề", "ế", "i", "ì", "í", "o", "ò", "ó",  "ô",  "ồ",
        "ố", "ơ", "ờ", "ớ", "u", "ù", "ú", "ư", "ừ", "ứ", "iê", "uô", "ươ"};
    static const char *const codas[] = {"",  "",  "",  "n",  "ng", "m",
                                        "p", "t", "c", "nh", "i",  "o"};
    const char *onset = onsets[random_below(r, sizeof onsets / sizeof *onsets)];
    const char *rime = rimes[random_below(r, sizeof rimes / sizeof *rimes)];
    const char *coda = codas[random_below(r, sizeof codas / sizeof *codas)];

    (void)snprintf(out, 12, "%s%s%s", onset, rime, coda);
}

/* The lower the commoner. */
static unsigned draw_rank(struct random *r, unsigned bound)
{
    double u = random_unit(r);

    return (unsigned)(u * u * u * (double)(bound - 1));
}

static int make_language(struct papers *p, struct err *e)
{
    p->words = calloc(STRANGE_WORDS, sizeof *p->words);
    p->strange = calloc(STRANGE_PHRASES, sizeof *p->strange);
    if (p->words == NULL || p->strange == NULL)
        return err_set(e, ERR_MEMORY, "papers");
    for (unsigned i = 0; i < STRANGE_WORDS; i++)
        make_syllable(&p->random, p->words[i]);
    for (unsigned i = 0; i < STRANGE_PHRASES; i++)
        for (unsigned k = 0; k < 16; k++)
            p->strange[i][k] =
                random_chance(&p->random, 12)
                    ? 0
                    : (uint16_t)(1 + draw_rank(&p->random, STRANGE_WORDS - 1));
    return 0;
}

/* A run of a phrase's words, its slots filled. */
static void say_strange(struct papers *p, unsigned words, struct buffer *out)
{
    const uint16_t *phrase = p->strange[random_below(&p->random, STRANGE_PHRASES)];

    buffer_clear(out);
    for (unsigned i = 0; i < words; i++) {
        unsigned word = phrase[i % 16];

        if (i > 0)
            buffer_append_byte(out, ' ');
        if (word == 0 && random_chance(&p->random, 30))
            buffer_append_format(out, "%u", random_below(&p->random, 2000));
        else
            buffer_append_text(
                out, p->words[word != 0 ? word : draw_rank(&p->random, STRANGE_WORDS)]);
    }
    buffer_append_byte(out, '.');
}

/* ------------------------------------------------------------------------ saying */

static int say(struct papers *p, const char *template, unsigned strange_words,
               struct err *e)
{
    if (p->language == LANGUAGE_STRANGE) {
        say_strange(p, strange_words, &p->line);
        return buffer_check(&p->line, e);
    }
    return phrases_fill(p->phrases, &p->random, &p->line, template, e);
}

static int begin_paper(struct papers *p, unsigned day, struct err *e)
{
    static const char *const drawn[][2] = {{"unit", "{unit_word}"},
                                           {"commune", "{commune_name}"},
                                           {"province", "{province_name}"}};
    char year[16];

    phrases_clear(p->phrases);
    for (unsigned i = 0; i < 3; i++)
        if (phrases_draw(p->phrases, &p->random, drawn[i][0], drawn[i][1], e) != 0)
            return -1;
    (void)snprintf(year, sizeof year, "%u", 1996 + day % 20);
    if (phrases_set(p->phrases, "year", year, e) != 0)
        return -1;
    (void)snprintf(year, sizeof year, "%u", 1995 + day % 20);
    return phrases_set(p->phrases, "last_year", year, e) != 0
               ? -1
               : phrases_set(p->phrases, "term", "2020 - 2025", e);
}

int papers_field(struct papers *p, unsigned field, char out[256], struct err *e)
{
    static const unsigned strange_words[PAPER_FIELDS] = {1, 1, 2, 2, 3, 5,
                                                         2, 2, 9, 4, 3, 1};

    if (say(p, templates[field], strange_words[field], e) != 0)
        return -1;
    (void)snprintf(out, 256, "%s", (const char *)p->line.bytes);
    return 0;
}

static int set_page(struct papers *p, char **out, struct err *e)
{
    size_t want = (size_t)random_between(&p->random, PAGE_BYTES_MIN, PAGE_BYTES_MAX);
    struct buffer text;

    buffer_init(&text, PAPER_TEXT_MAX);
    while (text.count < want) {
        unsigned pick = random_below(&p->random, sizeof sentences / sizeof *sentences);

        if (say(p, sentences[pick], 10 + random_below(&p->random, 20), e) != 0)
            goto failed;
        if (text.count > 0)
            buffer_append_text(&text, random_chance(&p->random, 40) ? "\n" : " ");
        buffer_append(&text, p->line.bytes, p->line.count);
    }
    if (buffer_check(&text, e) != 0)
        goto failed;
    *out = (char *)text.bytes;
    return 0;
failed:
    buffer_release(&text);
    return -1;
}

int papers_next(struct papers *p, unsigned day, struct paper_text *out, struct err *e)
{
    *out = (struct paper_text){.number = ++p->count,
                               .pages = 1 + random_below(&p->random, PAPER_PAGES_MAX)};
    if (begin_paper(p, day, e) != 0)
        return -1;
    for (unsigned i = 0; i < PAPER_FIELDS; i++)
        if (papers_field(p, i, out->fields[i], e) != 0)
            return -1;
    for (unsigned i = 0; i < out->pages; i++)
        if (set_page(p, &out->clean[i], e) != 0)
            return -1;
    return 0;
}

void paper_text_release(struct paper_text *t)
{
    for (unsigned i = 0; i < PAPER_PAGES_MAX; i++) {
        free(t->clean[i]);
        free(t->read[i]);
    }
    *t = (struct paper_text){0};
}

/* ----------------------------------------------------------------------- reading */

static bool one_of(struct papers *p, unsigned permille)
{
    return random_below(&p->random, 1000) < permille;
}

void papers_read(struct papers *p, const char *clean, struct buffer *out)
{
    static const char letters[] = "aceilnortu";

    for (const char *at = clean; *at != '\0';) {
        size_t bytes = strcspn(at, " \n");
        char rare[12];

        if (bytes > 0 && one_of(p, rare_permille[p->language])) {
            make_syllable(&p->random, rare);
            buffer_append_text(out, rare);
        } else {
            buffer_append(out, at, bytes);
            if (bytes > 0 && one_of(p, MISREAD_PERMILLE) &&
                isalpha(out->bytes[out->count - 1]))
                out->bytes[out->count - 1] =
                    (unsigned char)letters[random_below(&p->random, 10)];
        }
        at += bytes;
        if (*at != '\0')
            buffer_append_byte(out, (uint8_t)*at++);
    }
}

/* ----------------------------------------------------------------------- opening */

int papers_create(struct papers **out, uint64_t seed, enum language l, struct err *e)
{
    struct papers *p = calloc(1, sizeof *p);

    *out = NULL;
    if (p == NULL)
        return err_set(e, ERR_MEMORY, "papers");
    p->language = l;
    random_init(&p->random, seed, 1);
    buffer_init(&p->line, PHRASE_BYTES_MAX);
    if (phrases_create(&p->phrases, e) != 0 ||
        (l == LANGUAGE_STRANGE && make_language(p, e) != 0)) {
        papers_destroy(p);
        return -1;
    }
    *out = p;
    return 0;
}

void papers_destroy(struct papers *p)
{
    if (p == NULL)
        return;
    phrases_destroy(p->phrases);
    buffer_release(&p->line);
    free(p->words);
    free(p->strange);
    free(p);
}

struct random *papers_random(struct papers *p)
{
    return &p->random;
}
