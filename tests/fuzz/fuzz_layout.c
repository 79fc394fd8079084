/* Fuzz: a packed layout. What is taken must pack to bytes that are taken again and
 * mean the same. */
#include <stdlib.h>

#include "ocr/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void same_words(const struct layout *a, const struct layout *b)
{
    if (a->words_count != b->words_count)
        abort();
    for (size_t i = 0; i < a->words_count; i++)
        if (a->words[i].left != b->words[i].left || a->words[i].top != b->words[i].top ||
            a->words[i].width != b->words[i].width ||
            a->words[i].height != b->words[i].height)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct layout l, again;
    struct buffer b;
    struct err e;

    if (layout_unpack(&l, bytes, count, &e) != 0)
        return 0;
    buffer_init(&b, LAYOUT_BYTES_MAX);
    layout_pack(&l, &b);
    if (buffer_check(&b, &e) != 0 || layout_unpack(&again, b.bytes, b.count, &e) != 0)
        abort();
    same_words(&l, &again);
    layout_release(&again);
    layout_release(&l);
    buffer_release(&b);
    return 0;
}
