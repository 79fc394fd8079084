#include "schema/tokenizer.h"

#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#define CODE_BYTES_MAX   4
#define D_STROKED        0x111 /* đ */
#define ZERO_WIDTH_SPACE 0x200b

/* Of one letter; Vietnamese needs two. More are read over: only letters decorated
 * for fun have more, and a bound keeps every buffer here fixed. */
#define MARKS_MAX 8

/* No code point becomes more than 18 when decomposed (U+FDFA). */
#define DECOMPOSED_MAX 32

/* A folded byte stands for at most one letter: đ is two bytes, others as many as
 * in the folded form, each with its marks. */
#define EXACT_BYTES_MAX (TOKEN_BYTES_MAX * (2 + MARKS_MAX * CODE_BYTES_MAX))

enum kind { SEPARATOR, JOINER, MARK, LETTER };

struct mark {
    int32_t code;
    int combining_class;
};

struct builder {
    int (*each)(void *arg, const struct token *t);
    void *arg;
    bool open;
    size_t start, end;
    char folded[TOKEN_BYTES_MAX + 1];
    size_t folded_bytes;
    char exact[EXACT_BYTES_MAX + 1];
    size_t exact_bytes;
    char tones[EXACT_BYTES_MAX];
    size_t tones_bytes;
    struct mark marks[MARKS_MAX]; /* of the last letter, in canonical order */
    size_t marks_count;
};

static bool is_ascii_letter_or_digit(unsigned char c)
{
    return (unsigned)(c - '0') < 10 || (unsigned)((c | 0x20) - 'a') < 26;
}

static enum kind kind_of(int32_t code)
{
    const utf8proc_property_t *p = utf8proc_get_property(code);

    /* Zero width spaces are invisible too, but they do part words. */
    if (p->ignorable && code != ZERO_WIDTH_SPACE)
        return JOINER;
    switch (p->category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return LETTER;
    case UTF8PROC_CATEGORY_LM:
        /* Apostrophes, primes and the like, letters in name only. */
        return code >= 0x02b9 && code <= 0x02ff ? SEPARATOR : LETTER;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return MARK;
    default:
        return SEPARATOR;
    }
}

/* Grave, acute, tilde, hook above, dot below. */
static bool is_tone(int32_t code)
{
    return code == 0x300 || code == 0x301 || code == 0x303 || code == 0x309 ||
           code == 0x323;
}

/* Case folded, Đ is đ, Ð (U+00D0) is ð and Ɖ (U+0189) is ɖ; the capitals look alike. */
static bool is_stroked_d(int32_t code)
{
    return code == D_STROKED || code == 0xf0 || code == 0x256;
}

/* What a compatibility form of one character stands for. Those of several
 * characters stay the one that they were: 1½ is not 112. */
static int32_t plain(int32_t code)
{
    int options = UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_COMPAT;
    int32_t codes[DECOMPOSED_MAX];
    int boundary = 0;

    if (utf8proc_get_property(code)->decomp_type != 0 &&
        utf8proc_decompose_char(code, codes, DECOMPOSED_MAX, options, &boundary) == 1)
        code = codes[0];
    return is_stroked_d(code) ? D_STROKED : code;
}

/* Case folds and decomposes; yields how many code points it comes to. No table of our
 * own for the Vietnamese letters: with utf8proc's lookups some 50 MB a second were measured
 * on a desktop core, many times what the search index takes in. */
static size_t decompose(int32_t code, int32_t out[DECOMPOSED_MAX])
{
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        code, out, DECOMPOSED_MAX, UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);

    if (count < 0 || count > DECOMPOSED_MAX)
        return 0;
    for (utf8proc_ssize_t i = 0; i < count; i++)
        out[i] = plain(out[i]);
    return (size_t)count;
}

static size_t encode(int32_t code, char *out)
{
    return (size_t)utf8proc_encode_char(code, (utf8proc_uint8_t *)out);
}

/* Inserts it where canonical order wants it. */
static void mark_add(struct builder *b, int32_t code)
{
    int combining_class = utf8proc_get_property(code)->combining_class;
    size_t at = b->marks_count;

    if (b->marks_count == MARKS_MAX)
        return;
    while (at > 0 && combining_class > 0 &&
           b->marks[at - 1].combining_class > combining_class) {
        b->marks[at] = b->marks[at - 1];
        at--;
    }
    b->marks[at] = (struct mark){code, combining_class};
    b->marks_count++;
}

/* The last letter has all its marks: the tones wait for the end of the token. */
static void marks_settle(struct builder *b)
{
    for (size_t i = 0; i < b->marks_count; i++) {
        int32_t code = b->marks[i].code;

        if (is_tone(code))
            b->tones_bytes += encode(code, b->tones + b->tones_bytes);
        else
            b->exact_bytes += encode(code, b->exact + b->exact_bytes);
    }
    b->marks_count = 0;
}

static int token_end(struct builder *b)
{
    struct token t;

    if (!b->open)
        return 0;
    b->open = false;
    marks_settle(b);
    memcpy(b->exact + b->exact_bytes, b->tones, b->tones_bytes);
    b->exact_bytes += b->tones_bytes;
    b->folded[b->folded_bytes] = '\0';
    b->exact[b->exact_bytes] = '\0';
    t = (struct token){.start = b->start,
                       .end = b->end,
                       .folded = b->folded,
                       .folded_bytes = b->folded_bytes,
                       .exact = b->exact,
                       .exact_bytes = b->exact_bytes};
    t.accented =
        t.folded_bytes != t.exact_bytes || memcmp(t.folded, t.exact, t.exact_bytes) != 0;
    return t.folded_bytes == 0 ? 0 : b->each(b->arg, &t);
}

/* Opens a token at `at` unless one is open that has `bytes` of room. */
static int token_begin(struct builder *b, size_t at, size_t bytes)
{
    int rc = 0;

    if (b->open && b->folded_bytes + bytes <= TOKEN_BYTES_MAX)
        return 0;
    rc = token_end(b);
    b->open = true;
    b->start = at;
    b->folded_bytes = b->exact_bytes = b->tones_bytes = b->marks_count = 0;
    return rc;
}

static int ascii_add(struct builder *b, unsigned char c, size_t at)
{
    int rc = token_begin(b, at, 1);
    char lower = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);

    if (b->marks_count > 0)
        marks_settle(b);
    b->folded[b->folded_bytes++] = lower;
    b->exact[b->exact_bytes++] = lower;
    b->end = at + 1;
    return rc;
}

static int32_t fold(int32_t code)
{
    return code == D_STROKED ? 'd' : code;
}

static void letter_add(struct builder *b, int32_t code)
{
    char folded[CODE_BYTES_MAX];
    size_t bytes = encode(fold(code), folded);

    /* Of a letter token_begin() made room; the few marks that fold to letters must
     * not open a token, and find room or are lost. */
    if (b->folded_bytes + bytes > TOKEN_BYTES_MAX)
        return;
    marks_settle(b);
    memcpy(b->folded + b->folded_bytes, folded, bytes);
    b->folded_bytes += bytes;
    b->exact_bytes += encode(code, b->exact + b->exact_bytes);
}

/* How many bytes of folded form these make. */
static size_t folded_bytes_of(const int32_t *codes, size_t count)
{
    char scratch[CODE_BYTES_MAX];
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        if (kind_of(codes[i]) == LETTER)
            bytes += encode(fold(codes[i]), scratch);
    return bytes;
}

static int code_add(struct builder *b, int32_t code, size_t at, size_t bytes)
{
    enum kind kind = kind_of(code);
    int32_t codes[DECOMPOSED_MAX];
    size_t count;
    int rc = 0;

    if (kind == JOINER || (kind == MARK && !b->open))
        return 0;
    if (kind == SEPARATOR)
        return token_end(b);
    count = decompose(code, codes);
    if (kind == LETTER)
        rc = token_begin(b, at, folded_bytes_of(codes, count));
    for (size_t i = 0; i < count; i++) {
        enum kind part = kind_of(codes[i]);

        if (part == LETTER)
            letter_add(b, codes[i]);
        else if (part == MARK)
            mark_add(b, codes[i]);
    }
    b->end = at + bytes;
    return rc;
}

int tokens_each(const char *text, size_t bytes,
                int (*each)(void *arg, const struct token *t), void *arg)
{
    const unsigned char *t = (const unsigned char *)text;
    struct builder b;
    size_t at = 0;
    int rc = 0;

    /* Not zeroed as a whole: its buffers are kilobytes and start empty anyway. */
    b.each = each;
    b.arg = arg;
    b.open = false;
    b.folded_bytes = b.exact_bytes = b.tones_bytes = b.marks_count = 0;
    while (at < bytes && rc == 0) {
        utf8proc_int32_t code;
        utf8proc_ssize_t width = 1;

        if (is_ascii_letter_or_digit(t[at])) {
            rc = ascii_add(&b, t[at], at);
        } else if (t[at] < 0x80) {
            rc = token_end(&b);
        } else {
            width = utf8proc_iterate(t + at, (utf8proc_ssize_t)(bytes - at), &code);
            rc = width > 0 ? code_add(&b, code, at, (size_t)width) : token_end(&b);
        }
        at += width > 0 ? (size_t)width : 1;
    }
    return rc != 0 ? rc : token_end(&b);
}

/* --------------------------------------------------------------- FTS5's side */

struct receiver {
    void *context;
    int (*token)(void *context, int flags, const char *folded, int bytes, int start,
                 int end);
};

static int receiver_each(void *arg, const struct token *t)
{
    struct receiver *r = arg;

    return r->token(r->context, 0, t->folded, (int)t->folded_bytes, (int)t->start,
                    (int)t->end);
}

static int fts_tokenize(Fts5Tokenizer *unused, void *context, int flags, const char *text,
                        int bytes, int (*token)(void *, int, const char *, int, int, int))
{
    struct receiver r = {context, token};

    (void)unused;
    (void)flags; /* document or query: the same tokens, that is the point */
    return tokens_each(text, (size_t)bytes, receiver_each, &r);
}

/* Nothing to keep; but FTS5 wants a pointer that is not NULL. */
static int fts_create(void *unused, const char **args, int args_count,
                      Fts5Tokenizer **out)
{
    static char nothing;

    (void)unused;
    (void)args;
    (void)args_count;
    *out = (Fts5Tokenizer *)&nothing;
    return SQLITE_OK;
}

static void fts_delete(Fts5Tokenizer *unused)
{
    (void)unused;
}

/* FTS5 hands its interface out through an SQL function, to a bound pointer. */
static fts5_api *fts_api(sqlite3 *db)
{
    fts5_api *api = NULL;
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &s, NULL) == SQLITE_OK) {
        (void)sqlite3_bind_pointer(s, 1, &api, "fts5_api_ptr", NULL);
        (void)sqlite3_step(s); /* a failure leaves api NULL */
    }
    (void)sqlite3_finalize(s);
    return api;
}

int tokenizer_register(sqlite3 *db, struct err *e)
{
    fts5_tokenizer tokenizer = {fts_create, fts_delete, fts_tokenize};
    fts5_api *api = fts_api(db);

    if (api == NULL)
        return err_set(e, ERR_FAILED, "SQLite has no FTS5: %s", sqlite3_errmsg(db));
    if (api->xCreateTokenizer(api, "tram", NULL, &tokenizer, NULL) != SQLITE_OK)
        return err_set(e, ERR_FAILED, "tokenizer: %s", sqlite3_errmsg(db));
    return 0;
}
