/* Layout of a page as read: where its words are, how sure the reader was, and
 * how they hang together. Text by reference: the words are the runs between white
 * space of the reading's text, in order, so the layout holds no letter.
 *
 * The text joins words of a line by ' ', lines of a paragraph by '\n', paragraphs
 * and blocks by '\n\n'; it is NFC, holds no control character but '\n' and neither
 * begins nor ends with white space. White space is ASCII's: a no-break space is a
 * letter of its word.
 *
 * Packed form (what rows, wire and caged children carry; version 1):
 *
 *   u8 version=1 | varint width | height | dpi | u8 rotation (quarter turns)
 *   signed skew (1/100 degree) | varint words
 *   then per word:
 *   u8 start (enum word_start) | u8 confidence 0..100
 *   signed left - (end of the word before, 0 at a line's start)
 *   signed top - (top of the word before) | varint width | varint height
 *
 * Boxes are in pixels of the original as it lies in the file, before rotation.
 * The decoder trusts nobody: boxes outside the page, more than
 * LAYOUT_WORDS_MAX words, an unknown start or a trailing byte are ERR_CORRUPT. */
#ifndef TRAM_OCR_LAYOUT_H
#define TRAM_OCR_LAYOUT_H

#include "base/buffer.h"

#define LAYOUT_WORDS_MAX 20000
#define LAYOUT_SIDE_MAX  100000 /* pixels */
#define READING_TEXT_MAX 98304  /* bytes of UTF-8 of one page */
#define LAYOUT_BYTES_MAX 98304  /* packed */

/* The first word's start says nothing: nothing is before it. */
enum word_start { WORD_IN_LINE, WORD_NEW_LINE, WORD_NEW_PARAGRAPH, WORD_NEW_BLOCK };

struct word {
    enum word_start start;
    uint8_t confidence; /* per cent */
    int32_t left, top, width, height;
};

struct layout {
    uint32_t width, height, dpi;
    uint8_t rotation; /* quarter turns clockwise that make it upright */
    int32_t skew_centidegrees;
    struct word *words; /* owned */
    size_t words_count;
};

void layout_release(struct layout *l); /* a zeroed one is fine */

/* Appends a word; ERR_TOO_BIG above LAYOUT_WORDS_MAX. */
int layout_add(struct layout *l, const struct word *w, struct err *e);

void layout_pack(const struct layout *l, struct buffer *out);

/* On failure *out is zeroed. */
int layout_unpack(struct layout *out, const void *bytes, size_t count, struct err *e);

/* How many words the text holds; equals words_count in a sound reading. */
size_t layout_count_words(const char *text);

#endif
