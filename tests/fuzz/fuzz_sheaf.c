/* Fuzz: a sheaf on its way into the cage that makes a searchable copy of it. What is
 * taken lies within the bytes, and each layer is read to its end or refused. */
#include <stdlib.h>

#include "ocr/copy/picture_form.h"
#include "ocr/copy/sheaf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void read_layer(const struct sheaf_page *p)
{
    struct layer_word w;
    struct layer l;
    struct err e;
    uint32_t words = 0;

    if (layer_open(&l, p->layer, p->layer_count, &e) != 0)
        return;
    while (layer_next(&l, &w, &e) == 1) {
        const unsigned char *text = (const unsigned char *)w.text;

        if (text < p->layer || text + w.bytes > p->layer + p->layer_count ||
            ++words > l.head.words_count)
            abort();
    }
}

static void read_picture(const struct sheaf_page *p)
{
    struct picture_form f;
    const unsigned char *coded;
    size_t coded_count;
    struct err e;

    if (picture_form_decode(&f, &coded, &coded_count, p->picture, p->picture_count, &e) ==
            0 &&
        (coded + coded_count != p->picture + p->picture_count || f.width == 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct sheaf_page p;
    struct sheaf s;
    struct err e;

    if (sheaf_open(&s, bytes, count, &e) != 0)
        return 0;
    while (sheaf_next(&s, &p, &e) == 1) {
        if (p.picture < bytes || p.layer + p.layer_count > bytes + count)
            abort();
        read_picture(&p);
        read_layer(&p);
    }
    return 0;
}
