/* Layer: the words of a reading as a searchable copy holds them (sheaf.h), each as it is
 * now. Pure. */
#ifndef TRAM_OCR_COPY_LAYER_H
#define TRAM_OCR_COPY_LAYER_H

#include "ocr/layout.h"

/* What is in the place of word `number` now: *word and *bytes hold what was read, and are
 * changed to what a person wrote; no bytes: it was removed. Called in the words' order. */
struct layer_words {
    void (*now)(void *arg, uint32_t number, const char **word, size_t *bytes);
    void *arg;
};

/* Appends the layer of a page that is shown with these quarter turns. `words` NULL: as
 * they were read. `text` and `layout` agree, as reading_decode() has seen. */
int layer_of_reading(struct buffer *out, const char *text, const struct layout *layout,
                     uint8_t shown_turns, const struct layer_words *words, struct err *e);

#endif
