/* A reading as the tree that the formats write: blocks of paragraphs of lines of
 * words, and tables of rows of cells, each with the box around it. A cell holds one
 * paragraph, or nothing. */
#ifndef TRAM_OCR_FORMAT_TREE_H
#define TRAM_OCR_FORMAT_TREE_H

#include "ocr/layout.h"

enum branch_kind {
    BRANCH_BLOCK,
    BRANCH_PARAGRAPH,
    BRANCH_LINE,
    BRANCH_WORD,
    BRANCH_TABLE,
    BRANCH_ROW,
    BRANCH_CELL,
};

struct branch {
    enum branch_kind kind;
    unsigned number; /* among those of its kind on the page, from 1 */
    /* Tesseract's numbers: each from 1 within what is above it, 0 where that is
     * finer than the branch. A table is a block and its cells' texts paragraphs. */
    unsigned block, paragraph, line, word;
    struct word box; /* `confidence` only of a word */
    size_t word_first, words_count;
    const char *text; /* of a word, and of all when closed; not NUL-terminated */
    size_t text_bytes;
    const struct cell *cell;     /* of a cell and what is in it */
    const struct change *change; /* of a word that was another, or NULL */
    bool first_in_line;          /* a word */
};

/* Opens and closes each in reading order. `text` and `l` agree, as in a decoded
 * reading; words that are not there are left out. A table that other words interrupt
 * is told in pieces, and one without words before the next that has some. */
void format_tree_walk(const char *text, const struct layout *l,
                      void (*open)(void *arg, const struct branch *b),
                      void (*close)(void *arg, const struct branch *b), void *arg);

#endif
