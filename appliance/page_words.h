/* Page words: the words of a page as they are now, corrected by whoever corrected them,
 * each with the box that it was read in. */
#ifndef TRAM_APPLIANCE_PAGE_WORDS_H
#define TRAM_APPLIANCE_PAGE_WORDS_H

#include "ocr/layout.h"
#include "schema/records.h"

struct page_word {
    enum word_start start;
    int32_t left, top, width, height; /* as ocr/layout.h has them */
    const char *text;                 /* not terminated; may hold blanks; never empty */
    size_t bytes;
};

struct page_words {
    struct layout
        layout; /* of the reading; empty for imported text, which has no boxes */
    struct page_word *list;
    size_t count;
    struct buffer text;     /* of the reading: what list points into, */
    struct page_fix *fixes; /* or into what persons wrote */
    size_t fixes_count;
};

/* Of its newest reading; none: no words. The caller releases it, after failure too. */
int page_words_read(struct page_words *out, struct records *r, uint64_t page,
                    struct err *e);
void page_words_release(struct page_words *w); /* a zeroed one is fine */

/* Of a struct page_words: what a person wrote in the place of word `number` of its
 * reading ('' if it was removed); *word and *bytes stay as they are if nobody did. */
void page_words_now(void *words, uint32_t number, const char **word, size_t *bytes);

/* Quarter turns clockwise that the page is shown with: what the clerk says stands, else
 * what its reader found. */
uint8_t page_words_turns(const struct page_words *w, const struct page_row *page);

#endif
