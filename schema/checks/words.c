#include "schema/checks/words.h"

#include <string.h>

#include "schema/tokenizer.h"

struct spelled {
    char text[256];
    size_t count;
};

static int take(void *arg, const struct token *t)
{
    struct spelled *s = arg;

    if (s->count + t->exact_bytes + 2 > sizeof s->text)
        return -1;
    memcpy(s->text + s->count, t->exact, t->exact_bytes);
    s->count += t->exact_bytes;
    s->text[s->count++] = ' ';
    return 0;
}

static bool same_words(const struct spelled *a, const char *text)
{
    struct spelled b = {.count = 0};

    return tokens_each(text, strlen(text), take, &b) == 0 && a->count == b.count &&
           memcmp(a->text, b.text, a->count) == 0;
}

const struct code_value *code_named(const struct code_list *l, const char *text)
{
    const struct code_value *found = code_find(l, text);
    struct spelled words = {.count = 0};

    if (found != NULL || tokens_each(text, strlen(text), take, &words) != 0 ||
        words.count == 0)
        return found;
    for (size_t i = 0; i < l->values_count; i++)
        if (same_words(&words, l->values[i].label.vi) ||
            same_words(&words, l->values[i].label.en))
            return &l->values[i];
    return NULL;
}

size_t letters_count(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* An en dash, which readers put for a hyphen. */
#define EN_DASH "\xE2\x80\x93"

static size_t mark_bytes(const char *text)
{
    if (strncmp(text, EN_DASH, strlen(EN_DASH)) == 0)
        return strlen(EN_DASH);
    return *text != '\0' && strchr("/- ", *text) != NULL;
}

/* What stands before the symbol where both are in one value: "05/", "12a/", "05A/2025/",
 * "12–". */
static const char *behind_number(const char *text)
{
    for (;;) {
        size_t digits = strspn(text, "0123456789");
        const char *behind = text + digits;
        size_t mark = mark_bytes(behind);

        if (digits > 0 && mark == 0 && *behind != '\0' && mark_bytes(behind + 1) > 0)
            mark = 1 + mark_bytes(behind + 1); /* a letter behind the digits */
        if (mark == 0)
            return behind;
        text = behind + mark;
    }
}

void symbol_kind_part(char *out, size_t bytes, const char *symbol)
{
    const char *dash;
    size_t count;

    symbol = behind_number(symbol);
    count = strcspn(symbol, "-/& .");
    dash = strstr(symbol, EN_DASH);
    if (dash != NULL && (size_t)(dash - symbol) < count)
        count = (size_t)(dash - symbol);
    if (count >= bytes)
        count = 0;
    memcpy(out, symbol, count);
    out[count] = '\0';
}
