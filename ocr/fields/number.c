/* The number and symbol of a paper: "Số: 05/QĐ-UBND", "Số: 15/2025/QĐ-UBND",
 * "Số 12-QĐ/ĐU", and "Số:      /UBND-VP" where the number was written by hand. */
#include <string.h>

#include "ocr/fields/head.h"
#include "ocr/language/letter.h"

#define LINE_BYTES   256
#define BELIEVED_MIN 20 /* per cent */

/* The line with one space between its words, and whose byte is whose word's. */
struct spelled {
    char text[LINE_BYTES];
    size_t word[LINE_BYTES], count;
};

struct part {
    size_t at, bytes;
};

struct number {
    bool begins;  /* with "Số" */
    bool divided; /* by a mark between number and symbol */
    struct part number, symbol;
};

static void spell(struct spelled *out, const struct sheet *s, const struct sheet_line *l)
{
    out->count = 0;
    for (size_t i = 0; i < l->words_count; i++) {
        const struct sheet_word *w = &s->words[l->word_first + i];

        if (out->count + w->bytes + 2 > LINE_BYTES)
            break;
        if (i > 0) {
            out->word[out->count] = l->word_first + i;
            out->text[out->count++] = ' ';
        }
        for (size_t k = 0; k < w->bytes; k++)
            out->word[out->count + k] = l->word_first + i;
        memcpy(out->text + out->count, w->text, w->bytes);
        out->count += w->bytes;
    }
    out->text[out->count] = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_capital(char c)
{
    return (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_letter(char c)
{
    return is_capital(c) || (c >= 'a' && c <= 'z');
}

/* "Số", "Sô:", "S6:", "Só ." – what there is before the number; its bytes. */
static size_t word_before(const char *text, bool *begins)
{
    size_t at = 0, letters = 0;
    char folded[8];
    size_t first;

    while (text[at] != '\0' && !is_letter(text[at]) && !is_digit(text[at]) &&
           text[at] != '/')
        at++;
    first = at;
    while (is_letter(text[at]) && letters < 7) {
        at++;
        letters++;
    }
    *begins = letters >= 2 && letters <= 4 &&
              fold_text(text + first, letters, folded, NULL) >= 1 && folded[0] == 's';
    if (!*begins && letters == 1 && (text[first] | 0x20) == 's' && text[at] == '6') {
        at++;
        *begins = true;
    }
    if (!*begins)
        return first;
    while (text[at] != '\0' && strchr(" :.;,'`", text[at]) != NULL)
        at++;
    /* A stroke of the pen before the digits. */
    return text[at] == '/' && is_digit(text[at + 1]) ? at + 1 : at;
}

static bool is_year(const char *at)
{
    return (strncmp(at, "19", 2) == 0 || strncmp(at, "20", 2) == 0) && is_digit(at[2]) &&
           is_digit(at[3]) && !is_digit(at[4]);
}

static size_t spaces(const char *text)
{
    return strspn(text, " ");
}

static size_t digits_take(const char *text, struct part *out, size_t at)
{
    size_t behind = at;

    while (is_digit(text[behind]))
        behind++;
    /* 12a/QĐ-UBND, 05A/QĐ-UBND; the year of what makes rules, 15/2025/QĐ-UBND. */
    if (behind > at && (text[behind] | 0x20) >= 'a' && (text[behind] | 0x20) <= 'e' &&
        (text[behind + 1] == '/' || text[behind + 1] == '-'))
        behind++;
    if (behind > at && text[behind] == '/' && is_year(text + behind + 1))
        behind += 5;
    *out = (struct part){at, behind - at};
    return behind;
}

static void symbol_take(const char *text, struct part *out, size_t at)
{
    size_t behind = at, letters = 0, capitals = 0;

    for (;; behind++) {
        char c = text[behind];

        if (c == ' ') { /* a word goes on only over a dash or a stroke */
            size_t gap = spaces(text + behind);
            bool joined = behind > at && strchr("-/", text[behind - 1]) != NULL;

            if (text[behind + gap] != '\0' &&
                (strchr("-/", text[behind + gap]) != NULL ||
                 (joined && is_capital(text[behind + gap])))) {
                behind += gap - 1;
                continue;
            }
            break;
        }
        if (c == '\0' || (!is_letter(c) && !is_digit(c) && strchr("-/&", c) == NULL))
            break;
        letters += is_letter(c);
        capitals += is_capital(c);
    }
    while (behind > at && strchr("-/& ", text[behind - 1]) != NULL)
        behind--;
    *out = (struct part){at, behind - at};
    if (letters < 2 || capitals * 2 < letters)
        out->bytes = 0;
}

/* A number by hand is read as anything: what stands between "Số" and the stroke is then no
 * number, but the symbol behind it is printed. */
#define SCRAWL_BYTES_MAX 16

static size_t scrawl_skip(const char *text, struct number *n, size_t at)
{
    size_t behind = n->number.at + n->number.bytes;
    const char *next = text + behind + strspn(text + behind, " /-|\\.,:_~");

    struct letter letter; /* "£" and "§" are none, "Đ" is */

    if (!n->begins || *next == '\0' || letter_read(&letter, next))
        return at;
    for (size_t i = behind; text[i] != '\0' && i < behind + SCRAWL_BYTES_MAX; i++)
        if (text[i] == '/' && is_capital(text[i + 1 + spaces(text + i + 1)])) {
            n->number.bytes = 0;
            return i;
        }
    return at;
}

static void parse(struct number *out, const char *text)
{
    size_t at = word_before(text, &out->begins), before;

    at = digits_take(text, &out->number, at);
    at = scrawl_skip(text, out, at);
    before = at;
    at += spaces(text + at);
    while (text[at] != '\0' && strchr("/-|\\.,:_~", text[at]) != NULL) {
        out->divided = out->divided || text[at] == '/' || text[at] == '-';
        at++;
    }
    at += spaces(text + at);
    if (at == before && out->number.bytes == 0)
        return; /* a word like any other */
    symbol_take(text, &out->symbol, at);
}

unsigned number_marks(const struct sheet *s, const struct sheet_line *l)
{
    struct spelled line;
    struct number n = {0};
    char symbol[LINE_BYTES];

    spell(&line, s, l);
    parse(&n, line.text);
    memcpy(symbol, line.text + n.symbol.at, n.symbol.bytes);
    symbol[n.symbol.bytes] = '\0';
    return n.begins + (n.number.bytes > 0 && n.begins) +
           (n.divided && n.symbol.bytes > 0 &&
            (n.number.bytes > 0 || strpbrk(symbol, "-/") != NULL));
}

static void part_gather(struct gather *g, const struct head *h, const char *name,
                        const struct spelled *line, const struct part *p, unsigned sure)
{
    struct run r = {.page = h->page};
    char value[LINE_BYTES];
    size_t count = 0;

    if (p->bytes == 0)
        return;
    for (size_t i = 0; i < p->bytes; i++)
        if (line->text[p->at + i] != ' ')
            value[count++] = line->text[p->at + i];
    value[count] = '\0';
    run_add(&r, line->word[p->at],
            line->word[p->at + p->bytes - 1] - line->word[p->at] + 1);
    gather_run(g, name, &r, value, sure, h->party ? "head.number.party" : "head.number");
}

/* Numbers are often written by hand: what the reader itself does not believe is none. */
static bool is_believed(const struct sheet *s, const struct spelled *line,
                        const struct part *p)
{
    return p->bytes > 0 && s->words[line->word[p->at]].confidence >= BELIEVED_MIN;
}

void head_number(struct gather *g, const struct head *h)
{
    const struct sheet *s = &g->sheets[h->page];
    struct spelled line;
    struct number n = {0};
    unsigned sure;

    if (h->number == SHEET_NONE)
        return;
    spell(&line, s, &s->lines[h->number]);
    parse(&n, line.text);
    sure = n.begins && n.divided   ? SURE_PLACE_AND_WORDS
           : n.begins || n.divided ? SURE_PLACE
                                   : SURE_BARELY;
    if (is_believed(s, &line, &n.number))
        part_gather(g, h, "number", &line, &n.number, sure);
    part_gather(g, h, "symbol", &line, &n.symbol, sure);
}
