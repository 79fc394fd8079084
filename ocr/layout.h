/* Layout of a page as read: where its words are, how sure the reader was, and
 * how they hang together. Text by reference: the words are the runs between white
 * space of the reading's text, in order, so the layout holds no letter.
 *
 * The text joins words of a line by ' ', lines of a paragraph by '\n', paragraphs
 * and blocks by '\n\n'. A table's rows are lines of the text, its cells joined by
 * '\t', and the lines within one cell by ' ': a row can be read across. The text is
 * NFC, holds no control character but '\n' and '\t' and neither begins nor ends with
 * white space. White space is ASCII's: a no-break space is a letter of its word.
 *
 * Packed form (what rows, wire and caged children carry). Words come in columns,
 * because likes beside likes compress better; each step is from the word before:
 *
 *   u8 version=2 | varint width | height | dpi | u8 rotation (quarter turns)
 *   signed skew (1/100 degree) | varint words | varint cells | varint changes
 *   words × u8 confidence 0..100, + 128 if its start is not WORD_IN_LINE
 *   u8 start (enum word_start) of each word that said so
 *   words × varint width
 *   words × signed left - left of the last word that began a line;
 *                  in a line and at a new cell: - end of the word before;
 *                  at a cell's line: - left of the last word that began anything
 *   words × signed top - top before
 *   words × signed bottom - bottom before
 *   per cell:
 *     varint table - table before | row - row before | column - (column before + 1)
 *     (of a new table the row, of a new row the column: as it is)
 *     varint row_span - 1 | column_span - 1
 *     signed left - right of the cell before; in a new row: - left of the row before
 *     signed top - top of the cell before;    in a new row: - bottom of that cell
 *     varint width | signed height - height before
 *     varint words; if any: varint first - (the word behind the last cell's last)
 *   per change:
 *     varint word - (word before + 1) | u8 kind | u8 bytes | was
 *
 * Version 1, which old rows hold, has no cells and no changes; after `words` come per
 * word: u8 start | u8 confidence | signed left - end before (0 at any start but
 * WORD_IN_LINE) | signed top - top before | varint width | varint height.
 *
 * Boxes are in pixels of the original as it lies in the file (behind its orientation
 * tag, which every viewer obeys: ocr/upright.h), before rotation.
 * The decoder trusts nobody: boxes outside the page, more than
 * LAYOUT_WORDS_MAX words, an unknown start, cells out of order or with words that
 * are not there or another's, or a trailing byte are ERR_CORRUPT. */
#ifndef TRAM_OCR_LAYOUT_H
#define TRAM_OCR_LAYOUT_H

#include "base/buffer.h"

#define LAYOUT_WORDS_MAX 20000
#define LAYOUT_SIDE_MAX  100000 /* pixels */
#define READING_TEXT_MAX 98304  /* bytes of UTF-8 of one page */
#define LAYOUT_BYTES_MAX 98304  /* packed */

/* The first word's start says nothing: nothing is before it. A table's first word
 * starts a block, a row's first word a line. */
enum word_start {
    WORD_IN_LINE,
    WORD_NEW_LINE,
    WORD_NEW_PARAGRAPH,
    WORD_NEW_BLOCK,
    WORD_NEW_CELL,  /* of the same row: '\t' before it */
    WORD_CELL_LINE, /* a new line within a cell: ' ' before it */
};

struct word {
    enum word_start start;
    uint8_t confidence; /* per cent */
    int32_t left, top, width, height;
};

/* A cell of a ruled table; empty ones too. Cells come table by table, row by row, and
 * so do their words; table, row and column count from 0. Where a cell spans rows or
 * columns the others' numbers are left out, so numbers ascend, not always by one. */
struct cell {
    uint16_t table, row, column, row_span, column_span;
    int32_t left, top, width, height;
    uint32_t word_first, words_count; /* one run of words; none: 0, 0 */
};

/* What the recogniser had written before something of ours chose another of its
 * alternatives: nothing is corrected in silence. */
enum change_kind {
    CHANGE_LANGUAGE, /* a likelier syllable among the recogniser's alternatives */
    CHANGE_JOIN,     /* a syllable that was split in two: `was` holds both, with ' ' */
    CHANGE_MARK,     /* a dash, dot or quote told by its measures on the page */
};
#define CHANGE_WAS_BYTES 64
struct change {
    uint32_t word;
    enum change_kind kind;
    char was[CHANGE_WAS_BYTES]; /* UTF-8 without control characters; not empty */
};

#define LAYOUT_CELLS_MAX   8000
#define LAYOUT_CHANGES_MAX 2000

struct layout {
    uint32_t width, height, dpi;
    uint8_t rotation; /* quarter turns clockwise that make it upright */
    int32_t skew_centidegrees;
    struct word *words; /* owned */
    size_t words_count;
    struct cell *cells; /* owned */
    size_t cells_count;
    struct change *changes; /* owned; by word, ascending, one a word */
    size_t changes_count;
};

void layout_release(struct layout *l); /* a zeroed one is fine */

/* Appends a word; ERR_TOO_BIG above LAYOUT_WORDS_MAX. */
int layout_add(struct layout *l, const struct word *w, struct err *e);
int layout_add_cell(struct layout *l, const struct cell *c, struct err *e);
int layout_add_change(struct layout *l, const struct change *c, struct err *e);

/* What no page has, more than LAYOUT_BYTES_MAX, is packed without its cells and
 * changes; is it the words that are too many, `out` has failed with ERR_TOO_BIG. */
void layout_pack(const struct layout *l, struct buffer *out);

/* On failure *out is zeroed. */
int layout_unpack(struct layout *out, const void *bytes, size_t count, struct err *e);

/* Which of two starts says more: a new row more than a new cell, and that more than a
 * line of one. What stands for both keeps it. */
enum word_start layout_start_greater(enum word_start a, enum word_start b);

/* What the text holds between a word of that start and the word before. */
const char *layout_gap(enum word_start start);

/* How many words the text holds; equals words_count in a sound reading. */
size_t layout_count_words(const char *text);

#endif
