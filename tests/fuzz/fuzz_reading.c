/* Fuzz: the answers of a caged child. The first byte chooses which. What is taken of a
 * reading must come back, be written in every format, and be looked through for suspects. */
#include <stdlib.h>

#include "ocr/format.h"
#include "ocr/suspects/suspects.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void try_formats(const struct reading *r)
{
    const struct format_page p = {"a.png", 1, 1, r};

    for (enum format f = FORMAT_TEXT; f <= FORMAT_PDF; f++) {
        struct buffer b;
        struct err e;

        buffer_init(&b, FORMAT_BYTES_MAX);
        format_page(f, &p, &b);
        if (buffer_check(&b, &e) != 0)
            abort();
        buffer_release(&b);
    }
}

static void try_suspects(const struct reading *r)
{
    const struct suspects_zone zone = {0, 0, 1000, 1000, true};
    const struct suspects_page p = {.text =
                                        r->text.count == 0 ? "" : (char *)r->text.bytes,
                                    .layout = &r->layout,
                                    .alternatives = &r->alternatives,
                                    .zones = &zone,
                                    .zones_count = 1};
    struct suspects s;
    struct err e;

    if (suspects_find(&s, &p, &e) != 0)
        abort();
    for (size_t i = 0; i < s.count; i++)
        if (s.list[i].word >= r->layout.words_count || s.list[i].reasons == 0)
            abort();
    suspects_release(&s);
}

static void try_reading(const uint8_t *bytes, size_t count)
{
    struct reading r, again;
    struct buffer b;
    struct err e;

    if (reading_decode(&r, bytes, count, &e) != 0)
        return;
    buffer_init(&b, ANSWER_BYTES_MAX);
    reading_encode(&r, &b);
    if (buffer_check(&b, &e) != 0 || reading_decode(&again, b.bytes, b.count, &e) != 0)
        abort();
    if (r.refusal == REFUSAL_NONE &&
        layout_count_words(r.text.count == 0 ? "" : (char *)r.text.bytes) !=
            r.layout.words_count)
        abort();
    if (r.refusal == REFUSAL_NONE) {
        try_formats(&r);
        try_suspects(&r);
    }
    reading_release(&again);
    reading_release(&r);
    buffer_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct identity i;
    struct look l;
    struct err e;

    if (count == 0)
        return 0;
    switch (bytes[0]) {
    case 'i':
        (void)identity_decode(&i, bytes + 1, count - 1, &e);
        break;
    case 'l':
        (void)look_decode(&l, bytes + 1, count - 1, &e);
        break;
    case 'r':
        try_reading(bytes + 1, count - 1);
        break;
    }
    return 0;
}
