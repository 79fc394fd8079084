#include "ocr/language/syllable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/language/letter.h"

/* --- what there is --------------------------------------------------------------- */

/* Which rhymes an onset goes with: by ear each goes with all, by spelling not. */
enum company {
    ANY,
    BEFORE_FRONT, /* k, gh, ngh: before e, ê, i, y */
    BEFORE_BACK,  /* c, ng: before the others */
    BEFORE_I,     /* g also before i of the syllable's own: gì, giếng */
    AFTER_QU,
    AFTER_GI,
    ALONE, /* no onset: iê is written yê there */
};

struct onset {
    char text[5];
    enum company company;
};

/* Longer ones before those that they begin with. */
static const struct onset ONSETS[] = {
    {"ngh", BEFORE_FRONT},
    {"ng", BEFORE_BACK},
    {"nh", ANY},
    {"n", ANY},
    {"ch", ANY},
    {"c", BEFORE_BACK},
    {"th", ANY},
    {"tr", ANY},
    {"t", ANY},
    {"gi", AFTER_GI},
    {"gh", BEFORE_FRONT},
    {"g", BEFORE_I},
    {"qu", AFTER_QU},
    {"kh", ANY},
    {"k", BEFORE_FRONT},
    {"ph", ANY},
    {"p", ANY},
    {"b", ANY},
    {"d", ANY},
    {"đ", ANY},
    {"h", ANY},
    {"l", ANY},
    {"m", ANY},
    {"r", ANY},
    {"s", ANY},
    {"v", ANY},
    {"x", ANY},
    {"", ALONE},
};
#define ONSETS_COUNT (sizeof ONSETS / sizeof *ONSETS)

struct rhyme {
    char text[8];
    bool after_qu;
};

/* In the order of their bytes. */
static const struct rhyme RHYMES[] = {
    {"a", 1},    {"ac", 1},   {"ach", 1},  {"ai", 1},   {"am", 1},   {"an", 1},
    {"ang", 1},  {"anh", 1},  {"ao", 1},   {"ap", 0},   {"at", 1},   {"au", 1},
    {"ay", 1},   {"e", 1},    {"ec", 0},   {"em", 0},   {"en", 1},   {"eng", 1},
    {"eo", 1},   {"ep", 0},   {"et", 1},   {"i", 1},    {"ia", 0},   {"ich", 1},
    {"im", 0},   {"in", 1},   {"inh", 1},  {"ip", 0},   {"it", 1},   {"iu", 0},
    {"iêc", 0},  {"iêm", 0},  {"iên", 0},  {"iêng", 0}, {"iêp", 0},  {"iêt", 0},
    {"iêu", 0},  {"o", 0},    {"oa", 0},   {"oac", 0},  {"oach", 0}, {"oai", 0},
    {"oam", 0},  {"oan", 0},  {"oang", 0}, {"oanh", 0}, {"oao", 0},  {"oap", 0},
    {"oat", 0},  {"oay", 0},  {"oc", 0},   {"oe", 0},   {"oen", 0},  {"oeo", 0},
    {"oet", 0},  {"oi", 0},   {"om", 0},   {"on", 0},   {"ong", 0},  {"ooc", 0},
    {"oong", 0}, {"op", 0},   {"ot", 0},   {"oăc", 0},  {"oăm", 0},  {"oăn", 0},
    {"oăng", 0}, {"oăt", 0},  {"u", 0},    {"ua", 0},   {"uc", 0},   {"ui", 0},
    {"um", 0},   {"un", 0},   {"ung", 0},  {"up", 0},   {"ut", 0},   {"uy", 0},
    {"uya", 0},  {"uych", 0}, {"uyn", 0},  {"uynh", 0}, {"uyp", 0},  {"uyt", 0},
    {"uyu", 0},  {"uyên", 0}, {"uyêt", 0}, {"uâc", 0},  {"uân", 0},  {"uâng", 0},
    {"uât", 0},  {"uây", 0},  {"uê", 0},   {"uêch", 0}, {"uên", 0},  {"uênh", 0},
    {"uôc", 0},  {"uôi", 0},  {"uôm", 0},  {"uôn", 0},  {"uông", 0}, {"uôt", 0},
    {"uơ", 0},   {"y", 1},    {"ych", 1},  {"ynh", 1},  {"yt", 1},   {"yêm", 0},
    {"yên", 1},  {"yêng", 0}, {"yêt", 1},  {"yêu", 1},  {"âc", 0},   {"âm", 0},
    {"ân", 1},   {"âng", 1},  {"âp", 0},   {"ât", 1},   {"âu", 1},   {"ây", 1},
    {"ê", 1},    {"êch", 1},  {"êm", 0},   {"ên", 1},   {"ênh", 1},  {"êp", 0},
    {"êt", 1},   {"êu", 1},   {"ô", 1},    {"ôc", 1},   {"ôi", 0},   {"ôm", 0},
    {"ôn", 1},   {"ông", 0},  {"ôp", 0},   {"ôt", 0},   {"ăc", 1},   {"ăm", 1},
    {"ăn", 1},   {"ăng", 1},  {"ăp", 1},   {"ăt", 1},   {"ơ", 1},    {"ơi", 0},
    {"ơm", 0},   {"ơn", 1},   {"ơp", 0},   {"ơt", 0},   {"ư", 0},    {"ưa", 0},
    {"ưc", 0},   {"ưi", 0},   {"ưng", 0},  {"ưt", 0},   {"ưu", 0},   {"ươc", 0},
    {"ươi", 0},  {"ươm", 0},  {"ươn", 0},  {"ương", 0}, {"ươp", 0},  {"ươt", 0},
    {"ươu", 0},
};
#define RHYMES_COUNT (sizeof RHYMES / sizeof *RHYMES)

static_assert(ONSETS_COUNT * RHYMES_COUNT * TONES == SYLLABLE_CODES,
              "a code is onset, rhyme and tone");

/* Of names in the languages of the highlands, and of loans, beside those above. */
static const char *const FOREIGN_ONSETS[] = {
    "bl", "br", "bh", "chr", "cl", "cr",  "dl", "dr", "đh", "đr", "f",  "fl", "fr",
    "gl", "gr", "hl", "hm",  "hr", "j",   "jr", "kb", "kl", "kn", "kp", "kr", "ml",
    "mn", "mr", "pl", "pr",  "q",  "rch", "sl", "sr", "st", "tl", "w",  "z",
};
static const char *const FOREIGN_CODAS[] = {
    "b", "ck", "d", "f", "g", "h", "k", "kh", "l", "r", "s", "x",
};
static const char *const CODAS[] = {"", "c", "ch", "m", "n", "ng", "nh", "p", "t"};

/* --- a word taken apart ------------------------------------------------------------ */

struct spelling {
    struct letter letters[SYLLABLE_LETTERS_MAX];
    char plain[SYLLABLE_LETTERS_MAX * LETTER_BYTES]; /* all letters without tones */
    size_t at[SYLLABLE_LETTERS_MAX + 1];             /* of each in plain */
    size_t count;
    enum tone tone;
    size_t tone_at; /* the letter that bears it; `count`: none does */
};

/* False: not letters, too many of them, or two tones. */
static bool spelling_read(struct spelling *s, const char *text)
{
    size_t used = 0, tones = 0;

    *s = (struct spelling){0};
    for (; *text != '\0'; s->count++) {
        struct letter *l = &s->letters[s->count];

        if (s->count == SYLLABLE_LETTERS_MAX || !letter_read(l, text))
            return false;
        if (l->tone != TONE_LEVEL) {
            s->tone = l->tone;
            s->tone_at = s->count;
            tones++;
        }
        s->at[s->count] = used;
        memcpy(s->plain + used, l->plain, strlen(l->plain) + 1);
        used += strlen(l->plain);
        text += l->bytes;
    }
    s->at[s->count] = used;
    if (tones == 0)
        s->tone_at = s->count;
    return s->count > 0 && tones <= 1;
}

static bool is_one_of(const char *text, size_t bytes, const char *const *set,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(set[i]) == bytes && memcmp(set[i], text, bytes) == 0)
            return true;
    return false;
}

/* --- sound ones --------------------------------------------------------------------- */

static int compare_rhymes(const void *text, const void *rhyme)
{
    return strcmp(text, ((const struct rhyme *)rhyme)->text);
}

static bool is_front(const struct letter *l)
{
    return strchr("eiy", letter_base(l)) != NULL;
}

static bool agree(const struct onset *o, const struct spelling *s, size_t from,
                  const struct rhyme *r)
{
    const struct letter *l = &s->letters[from];
    const char *rest = r->text;

    switch (o->company) {
    case ANY:
        return l->plain[0] != 'y' || rest[1] == '\0';
    case BEFORE_FRONT:
        return is_front(l) && (l->plain[0] != 'y' || rest[1] == '\0');
    case BEFORE_BACK:
        return !is_front(l);
    case BEFORE_I: /* gia is gi and a */
        return !is_front(l) ||
               (rest[0] == 'i' && strcmp(rest, "ia") != 0 && strcmp(rest, "iu") != 0);
    case AFTER_QU:
        return r->after_qu;
    case AFTER_GI:
        return rest[0] != 'i' && rest[0] != 'y';
    case ALONE:
        return strncmp(rest, "iê", strlen("iê")) != 0;
    }
    return false;
}

/* The letter of the rhyme that bears the tone, by the rule of the new way: the last
 * vowel with a mark of its own, else the last before a coda, else the last but one. */
static size_t tone_place(const struct spelling *s, size_t from)
{
    size_t vowels = 0, marked = SIZE_MAX;

    while (from + vowels < s->count && s->letters[from + vowels].vowel) {
        if (s->letters[from + vowels].plain[1] != '\0')
            marked = from + vowels;
        vowels++;
    }
    if (marked != SIZE_MAX)
        return marked;
    if (from + vowels < s->count || vowels == 1)
        return from + vowels - 1;
    return from + vowels - 2;
}

static bool tone_stands(const struct spelling *s, size_t from, const struct rhyme *r)
{
    size_t place = tone_place(s, from);
    char last = r->text[strlen(r->text) - 1];
    bool stopped = strchr("cpt", last) != NULL ||
                   (last == 'h' && r->text[strlen(r->text) - 2] == 'c');

    if (stopped && s->tone != TONE_RISING && s->tone != TONE_HEAVY)
        return false;
    if (s->tone == TONE_LEVEL || s->tone_at == place)
        return true;
    /* hoà, khoẻ, uỷ */
    return s->tone_at == place + 1 &&
           (strcmp(r->text, "oa") == 0 || strcmp(r->text, "oe") == 0 ||
            strcmp(r->text, "uy") == 0);
}

static bool is_sound(const struct spelling *s, uint16_t *code)
{
    for (size_t o = 0; o < ONSETS_COUNT; o++) {
        size_t bytes = strlen(ONSETS[o].text), from = 0;
        const struct rhyme *r;

        if (strncmp(s->plain, ONSETS[o].text, bytes) != 0)
            continue;
        while (from < s->count && s->at[from] < bytes)
            from++;
        if (from == s->count || !s->letters[from].vowel)
            continue;
        r = bsearch(s->plain + bytes, RHYMES, RHYMES_COUNT, sizeof *RHYMES,
                    compare_rhymes);
        if (r == NULL || !agree(&ONSETS[o], s, from, r) || !tone_stands(s, from, r))
            continue;
        *code = (uint16_t)((o * RHYMES_COUNT + (size_t)(r - RHYMES)) * TONES +
                           (size_t)s->tone);
        return true;
    }
    return false;
}

/* --- unusual ones ---------------------------------------------------------------------- */

#define IS_ONE_OF(text, bytes, set)                                                      \
    is_one_of(text, bytes, set, sizeof(set) / sizeof *(set))

static bool is_native_onset(const char *text, size_t bytes)
{
    for (size_t o = 0; o < ONSETS_COUNT; o++)
        if (strlen(ONSETS[o].text) == bytes && memcmp(ONSETS[o].text, text, bytes) == 0)
            return true;
    return false;
}

/* Consonants, up to three vowels, consonants, all as somebody writes them. */
static bool is_unusual(const struct spelling *s)
{
    size_t first = 0, after;
    const char *coda;

    while (first < s->count && !s->letters[first].vowel)
        first++;
    for (after = first; after < s->count && s->letters[after].vowel;)
        after++;
    if (after == first || after - first > 3)
        return false;
    if (s->tone != TONE_LEVEL && (s->tone_at < first || s->tone_at >= after))
        return false;
    coda = s->plain + s->at[after];
    return (is_native_onset(s->plain, s->at[first]) ||
            IS_ONE_OF(s->plain, s->at[first], FOREIGN_ONSETS)) &&
           (IS_ONE_OF(coda, strlen(coda), CODAS) ||
            IS_ONE_OF(coda, strlen(coda), FOREIGN_CODAS));
}

struct syllable syllable_of(const char *text)
{
    struct syllable found = {SYLLABLE_NONE, 0};
    struct spelling s;

    if (!spelling_read(&s, text))
        return found;
    if (is_sound(&s, &found.code))
        found.kind = SYLLABLE_SOUND;
    else if (is_unusual(&s))
        found.kind = SYLLABLE_UNUSUAL;
    return found;
}
