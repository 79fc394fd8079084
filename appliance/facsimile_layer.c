#include "appliance/facsimile_layer.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ocr/copy/sheaf.h"

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
    struct buffer words; /* encoded */
    uint32_t words_count;
};

static void release(struct layering *l)
{
    for (size_t i = 0; i < l->corrected_count; i++)
        free(l->corrected[i].text);
    free(l->corrected);
    layout_release(&l->layout);
    buffer_release(&l->text);
    buffer_release(&l->words);
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

/* The word as it is now; '' if it was removed. */
static void now(struct layering *l, uint32_t number, const char **word, size_t *bytes)
{
    while (l->corrected_at < l->corrected_count &&
           l->corrected[l->corrected_at].word < number)
        l->corrected_at++;
    if (l->corrected_at == l->corrected_count ||
        l->corrected[l->corrected_at].word != number)
        return;
    *word = l->corrected[l->corrected_at].text;
    *bytes = strlen(*word);
}

/* A word that was removed hands the beginning of its line on. */
static void add_words(struct layering *l)
{
    const char *text = l->text.count == 0 ? "" : (const char *)l->text.bytes, *word;
    enum word_start start = WORD_IN_LINE;
    size_t at = 0, bytes;

    for (uint32_t i = 0;
         i < l->layout.words_count && words_next(text, &at, &word, &bytes); i++) {
        const struct word *w = &l->layout.words[i];

        start = layout_start_greater(start, w->start);
        now(l, i, &word, &bytes);
        if (bytes == 0)
            continue;
        layer_encode_word(&l->words, &(struct layer_word){.start = start,
                                                          .left = w->left,
                                                          .top = w->top,
                                                          .width = w->width,
                                                          .height = w->height,
                                                          .text = word,
                                                          .bytes = bytes});
        l->words_count++;
        start = WORD_IN_LINE;
    }
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
    struct layer_head head = {0};
    int rc = -1;

    buffer_init(&l.text, RECORD_TEXT_BYTES_MAX);
    buffer_init(&l.words, SHEAF_LAYER_BYTES_MAX);
    if (take_reading(&l, r, page->id, e) != 0)
        goto out;
    add_words(&l);
    /* What the clerk says stands, the words where they were found. */
    head.turns = l.layout.rotation;
    head.shown_turns = page->rotation != 0 ? page->rotation : l.layout.rotation;
    head.skew_centidegrees = l.layout.skew_centidegrees;
    head.width = l.layout.width;
    head.height = l.layout.height;
    head.dpi = l.layout.dpi;
    head.words_count = l.words_count;
    layer_encode_head(out, &head);
    buffer_append(out, l.words.bytes, l.words.count);
    rc = buffer_check(&l.words, e) != 0 ? -1 : buffer_check(out, e);
out:
    release(&l);
    return rc;
}
