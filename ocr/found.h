/* Found: the words that one attempt found on a prepared picture, with what the
 * recogniser would have believed instead. Boxes are in pixels of the picture that
 * was read, which is upright. Language and marks choose among the alternatives
 * here; emit.h makes a reading of what is left. */
#ifndef TRAM_OCR_FOUND_H
#define TRAM_OCR_FOUND_H

#include "ocr/layout.h"

#define FOUND_LETTER_BYTES 16 /* one character with its marks, UTF-8, with NUL */
#define FOUND_WORD_BYTES   256
#define FOUND_WORDS_MAX                                                                  \
    8000 /* so many words pack into LAYOUT_BYTES_MAX at their longest */

struct box {
    int32_t left, top, right, bottom; /* right and bottom are one past the last */
};

/* One way to read one character. */
struct choice {
    char letter[FOUND_LETTER_BYTES]; /* may be empty: nothing there */
    float confidence;                /* 0..100 */
};

/* One character's place. Its box is the network's guess, good to a few pixels. */
struct symbol {
    struct box box;
    uint32_t choice_first, choices_count; /* best first; the first is in the text */
};

#define NO_CELL UINT32_MAX

struct found_word {
    char text[FOUND_WORD_BYTES]; /* as the recogniser wrote it; longer ones are cut */
    struct box box;
    struct box line; /* of the text line that it stands on */
    float confidence;
    enum word_start start;
    uint32_t symbol_first, symbols_count; /* 0: alternatives were not asked for */
    uint32_t cell;                        /* index into cells, or NO_CELL */
    bool changed;                         /* by us: `was` is what it said before */
    enum change_kind change;
    char was[CHANGE_WAS_BYTES];
};

struct found_cell {
    uint16_t table, row, column, row_span, column_span;
    struct box box;
};

struct found {
    struct found_word *words; /* owned, in reading order */
    size_t words_count, words_room;
    struct symbol *symbols; /* owned */
    size_t symbols_count, symbols_room;
    struct choice *choices; /* owned */
    size_t choices_count, choices_room;
    struct found_cell *cells; /* owned */
    size_t cells_count, cells_room;
};

void found_release(struct found *f); /* a zeroed one is fine */

/* Each appends a zeroed one and gives it to be filled in; NULL: no memory, or too
 * many. What was given before is no longer valid. */
struct found_word *found_add_word(struct found *f, struct err *e);
struct symbol *found_add_symbol(struct found *f, struct err *e);
struct choice *found_add_choice(struct found *f, struct err *e);
struct found_cell *found_add_cell(struct found *f, struct err *e);

/* Appends a copy of `from`'s words, symbols, choices and cells, moved by (dx, dy). A
 * page of more than FOUND_WORDS_MAX words is cut there, and goes without alternatives
 * where there are too many: better than not at all. */
int found_append(struct found *f, const struct found *from, int32_t dx, int32_t dy,
                 struct err *e);

/* Writes another text into a word and keeps what it was (the first time). A text
 * that does not fit changes nothing. */
void found_change(struct found_word *w, const char *text, enum change_kind kind);

/* Characters of UTF-8 that begin in the first `bytes` of `text`. */
size_t found_characters(const char *text, size_t bytes);

/* Takes word `at` out; the next one inherits a start that says more. */
void found_remove(struct found *f, size_t at);

#endif
