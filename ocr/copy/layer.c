#include "ocr/copy/layer.h"

#include "base/words.h"
#include "ocr/copy/sheaf.h"

/* A word that was removed hands the beginning of its line on. */
static uint32_t add_words(struct buffer *out, const char *text,
                          const struct layout *layout, const struct layer_words *words)
{
    enum word_start start = WORD_IN_LINE;
    uint32_t count = 0;
    size_t at = 0, bytes;
    const char *word;

    for (uint32_t i = 0; i < layout->words_count && words_next(text, &at, &word, &bytes);
         i++) {
        const struct word *w = &layout->words[i];

        start = layout_start_greater(start, w->start);
        if (words != NULL)
            words->now(words->arg, i, &word, &bytes);
        if (bytes == 0)
            continue;
        layer_encode_word(out, &(struct layer_word){.start = start,
                                                    .left = w->left,
                                                    .top = w->top,
                                                    .width = w->width,
                                                    .height = w->height,
                                                    .text = word,
                                                    .bytes = bytes});
        count++;
        start = WORD_IN_LINE;
    }
    return count;
}

int layer_of_reading(struct buffer *out, const char *text, const struct layout *layout,
                     uint8_t shown_turns, const struct layer_words *words, struct err *e)
{
    struct layer_head head = {.turns = layout->rotation,
                              .shown_turns = shown_turns,
                              .skew_centidegrees = layout->skew_centidegrees,
                              .width = layout->width,
                              .height = layout->height,
                              .dpi = layout->dpi};
    struct buffer encoded;
    int rc;

    buffer_init(&encoded, SHEAF_LAYER_BYTES_MAX);
    head.words_count = add_words(&encoded, text, layout, words);
    layer_encode_head(out, &head);
    buffer_append(out, encoded.bytes, encoded.count);
    rc = buffer_check(&encoded, e) != 0 ? -1 : buffer_check(out, e);
    buffer_release(&encoded);
    return rc;
}
