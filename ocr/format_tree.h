/* A reading as the tree that hOCR, ALTO and TSV write: blocks of paragraphs of
 * lines of words, each with the box around what it holds. */
#ifndef TRAM_OCR_FORMAT_TREE_H
#define TRAM_OCR_FORMAT_TREE_H

#include "ocr/layout.h"

enum branch_kind { BRANCH_BLOCK, BRANCH_PARAGRAPH, BRANCH_LINE, BRANCH_WORD };

struct branch {
    enum branch_kind kind;
    unsigned number; /* among those of its kind on the page, from 1 */
    /* Tesseract's numbers: each from 1 within what is above it, 0 where that is
     * finer than the branch. */
    unsigned block, paragraph, line, word;
    struct word box;  /* `confidence` only of a word */
    const char *text; /* of a word; not NUL-terminated */
    size_t text_bytes;
    bool first_in_line; /* a word */
};

/* Opens and closes each in reading order. `text` and `l` agree, as in a decoded
 * reading; words that are not there are left out. */
void format_tree_walk(const char *text, const struct layout *l,
                      void (*open)(void *arg, const struct branch *b),
                      void (*close)(void *arg, const struct branch *b), void *arg);

#endif
