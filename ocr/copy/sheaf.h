/* Sheaf: what a searchable copy is made of, as one file on its way into the cage: for
 * each page its picture, as copy_picture.h gave it out of another cage, and the words
 * that lie over it.
 *
 *   per page: picture | layer
 *   per page: u64 picture bytes | u64 layer bytes
 *   u32 pages | u32 magic
 *
 * A layer, which is the box's own:
 *   u8 quarter turns clockwise that it is shown with | u8 those that make the words
 *   upright | signed skew of them (1/100 degree)
 *   varint width | height | dpi of the page that the words were found on; 0: nobody knows
 *   varint words | words × (u8 start | signed left | top | width | height |
 *                           varint bytes, text)
 *
 * Whoever opens it trusts nobody: the pictures come from hostile bytes. */
#ifndef TRAM_OCR_COPY_SHEAF_H
#define TRAM_OCR_COPY_SHEAF_H

#include "ocr/layout.h"

#define SHEAF_PAGES_MAX       5000
#define SHEAF_LAYER_BYTES_MAX (4u << 20)

struct layer_head {
    uint8_t shown_turns, turns;
    int32_t skew_centidegrees;
    uint32_t width, height, dpi;
    uint32_t words_count;
};

struct layer_word {
    enum word_start start;
    int32_t left, top, width, height;
    const char *text; /* UTF-8; not terminated */
    size_t bytes;
};

/* The head, then so many words as it says. */
void layer_encode_head(struct buffer *out, const struct layer_head *h);
void layer_encode_word(struct buffer *out, const struct layer_word *w);
/* Behind the last page: the lengths of all. */
struct sheaf_lengths {
    uint64_t picture, layer;
};
void sheaf_encode_end(struct buffer *out, const struct sheaf_lengths *pages,
                      size_t count);

struct layer {
    struct layer_head head;
    struct cursor at;
    uint32_t left; /* words to come */
};

/* ERR_CORRUPT: it is none of ours. `bytes` must outlive it. */
int layer_open(struct layer *out, const void *bytes, size_t count, struct err *e);
/* 1: *out is the next word; 0: that was all; -1: ERR_CORRUPT. */
int layer_next(struct layer *l, struct layer_word *out, struct err *e);

struct sheaf {
    const unsigned char *bytes;
    size_t count;
    uint32_t pages;
    uint32_t page; /* the next */
    size_t at;     /* where it begins */
    const unsigned char *lengths;
};
struct sheaf_page {
    const unsigned char *picture, *layer;
    size_t picture_count, layer_count;
};

int sheaf_open(struct sheaf *out, const void *bytes, size_t count, struct err *e);
int sheaf_next(struct sheaf *s, struct sheaf_page *out, struct err *e); /* as above */

#endif
