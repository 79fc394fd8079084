#include "appliance/facsimile_layer.h"

#include <stdlib.h>
#include <string.h>

#include "ocr/copy/layer.h"

/* What a person wrote in the place of a word. */
struct corrected {
    uint32_t word;
    char *text; /* owned */
};

struct layering {
    struct layout layout;
    struct buffer text;
    struct corrected *corrected; /* by word, ascending */
    size_t corrected_count, corrected_at;
};

static void release(struct layering *l)
{
    for (size_t i = 0; i < l->corrected_count; i++)
        free(l->corrected[i].text);
    free(l->corrected);
    layout_release(&l->layout);
    buffer_release(&l->text);
}

static int take_correction(void *arg, const struct correction_row *c, struct err *e)
{
    struct layering *l = arg;
    struct corrected *more =
        realloc(l->corrected, (l->corrected_count + 1) * sizeof *more);

    if (more == NULL)
        return err_set(e, ERR_MEMORY, "words: out of memory");
    l->corrected = more;
    more[l->corrected_count] = (struct corrected){c->word, strdup(c->new_text)};
    if (more[l->corrected_count].text == NULL)
        return err_set(e, ERR_MEMORY, "words: out of memory");
    l->corrected_count++;
    return 0;
}

static void now(void *arg, uint32_t number, const char **word, size_t *bytes)
{
    struct layering *l = arg;

    while (l->corrected_at < l->corrected_count &&
           l->corrected[l->corrected_at].word < number)
        l->corrected_at++;
    if (l->corrected_at == l->corrected_count ||
        l->corrected[l->corrected_at].word != number)
        return;
    *word = l->corrected[l->corrected_at].text;
    *bytes = strlen(*word);
}

static int take_reading(struct layering *l, struct records *r, uint64_t page,
                        struct err *e)
{
    struct buffer packed;
    uint64_t reading;
    int rc = -1;

    buffer_init(&packed, RECORD_LAYOUT_BYTES_MAX);
    if (record_newest_reading(r, page, &reading, &l->text, &packed, e) == 0) {
        rc = 0;
        if (reading != 0 && packed.count > 0)
            rc = layout_unpack(&l->layout, packed.bytes, packed.count, e) != 0
                     ? -1
                     : record_each_correction(r, reading, take_correction, l, e);
    }
    buffer_release(&packed);
    return rc;
}

int facsimile_layer(struct records *r, const struct page_row *page, struct buffer *out,
                    struct err *e)
{
    struct layering l = {0};
    const struct layer_words words = {now, &l};
    int rc = -1;

    buffer_init(&l.text, RECORD_TEXT_BYTES_MAX);
    if (take_reading(&l, r, page->id, e) == 0)
        /* What the clerk says stands, the words where they were found. */
        rc = layer_of_reading(
            out, l.text.count == 0 ? "" : (const char *)l.text.bytes, &l.layout,
            page->rotation != 0 ? page->rotation : l.layout.rotation, &words, e);
    release(&l);
    return rc;
}
