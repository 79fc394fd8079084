#include "ocr/suspects/context.h"

#include <string.h>

#include "ocr/language/bigram.h"

void context_read(struct context_word *out, const char *text)
{
    struct syllable s = {SYLLABLE_NONE, 0};

    *out = (struct context_word){.place = BIGRAM_NO_WORD};
    core_read(&out->core, text);
    if (out->core.kind > CORE_OTHER)
        s = syllable_of(out->core.letters);
    out->kind = s.kind;
    if (s.kind == SYLLABLE_SOUND)
        out->place = bigram_find(s.code);
    out->begins = out->core.at > 0;
    out->ends = text[out->core.at + out->core.bytes] != '\0';
}

static void keep(struct context_variants *out, const char *letters, float margin)
{
    size_t at = out->count;

    if (at == CONTEXT_VARIANTS_MAX && margin <= out->margins[at - 1])
        return;
    if (at == CONTEXT_VARIANTS_MAX)
        at--;
    else
        out->count++;
    for (; at > 0 && out->margins[at - 1] < margin; at--) {
        out->margins[at] = out->margins[at - 1];
        memcpy(out->letters[at], out->letters[at - 1], CORE_BYTES);
    }
    out->margins[at] = margin;
    memcpy(out->letters[at], letters, CORE_BYTES);
}

void context_vary(struct context_variants *out, const struct context_word *words,
                  size_t count, size_t at)
{
    const struct context_word *w = &words[at];
    uint16_t before = bigram_edge(), after = bigram_edge();
    struct variants v;
    float own;

    *out = (struct context_variants){0};
    if (w->core.kind <= CORE_OTHER)
        return;
    if (at > 0 && !w->begins && !words[at - 1].ends)
        before = words[at - 1].place;
    if (at + 1 < count && !w->ends && !words[at + 1].begins)
        after = words[at + 1].place;
    out->vouched = before < bigram_edge() || after < bigram_edge();
    own = bigram_cost(before, w->place) + bigram_cost(w->place, after);
    variants_of(&v, &w->core);
    for (size_t i = 0; i < v.count; i++)
        keep(out, v.all[i].letters,
             own - bigram_cost(before, v.all[i].place) -
                 bigram_cost(v.all[i].place, after));
}
