/* Fuzz: the tokenizer on any bytes. Tokens lie in order in the text, keep their
 * caps, and mean the same again when they are read alone or folded. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "schema/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

struct walk {
    const char *text;
    size_t count, end;
};

struct one {
    const struct token *expected;
    bool only_folded;
    unsigned seen;
};

static int is_the_one(void *arg, const struct token *t)
{
    struct one *o = arg;

    assert(++o->seen == 1);
    assert(t->folded_bytes == o->expected->folded_bytes);
    assert(memcmp(t->folded, o->expected->folded, t->folded_bytes) == 0);
    if (o->only_folded)
        return 0;
    assert(t->exact_bytes == o->expected->exact_bytes);
    assert(memcmp(t->exact, o->expected->exact, t->exact_bytes) == 0);
    return 0;
}

static int check(void *arg, const struct token *t)
{
    struct walk *w = arg;
    struct one alone = {.expected = t}, again = {.expected = t, .only_folded = true};

    assert(t->start >= w->end && t->start < t->end && t->end <= w->count);
    assert(t->folded_bytes > 0 && t->folded_bytes <= TOKEN_BYTES_MAX);
    assert(strlen(t->folded) == t->folded_bytes && strlen(t->exact) == t->exact_bytes);
    assert(!t->accented == (strcmp(t->folded, t->exact) == 0));
    (void)tokens_each(w->text + t->start, t->end - t->start, is_the_one, &alone);
    (void)tokens_each(t->folded, t->folded_bytes, is_the_one, &again);
    assert(alone.seen == 1 && again.seen == 1);
    w->end = t->end;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct walk w = {(const char *)bytes, count, 0};

    (void)tokens_each(w.text, count, check, &w);
    return 0;
}
