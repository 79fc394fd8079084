/* Duplicates: a paper that was scanned twice is pointed out to the clerk, never removed.
 * Files of the same bytes are known at intake already; this is about another scan.
 *
 * Every page that has its images is looked at, after reading, and again when it is turned
 * or read again:
 *
 *   its rarest words ─► pages that hold most of them ─► those whose ink lies alike
 *     (the index)                                        (ocr/small/likeness.h)
 *                    ─► those that say the same and contradict nowhere (twins.h)
 *                    ─► whose documents' fields do not contradict ─► twin
 *
 * Text alone would not do: forms filled in for two people share nearly all of it. */
#ifndef TRAM_APPLIANCE_DUPLICATES_H
#define TRAM_APPLIANCE_DUPLICATES_H

#include "appliance/box.h"
#include "ocr/small/likeness.h"

/* Inside a write of the caller's: the page's likeness, new or as it is turned now; it
 * waits to be looked at. */
int duplicates_add(struct box *b, uint64_t page, uint8_t rotation,
                   const struct likeness *l, struct err *e);

/* Inside a write of the caller's: the page has another reading, and is looked at again if
 * it was. */
int duplicates_again(struct box *b, uint64_t page, struct err *e);

/* Looks for the twins of one page, without keeping anybody from writing. 1: done with one
 * (*found: it has some); 0: none waits; -1: trouble with the store, or with this page: then
 * it is told this once, and the next call passes it over. */
int duplicates_next(struct box *b, bool *found, struct err *e);

struct twin_row {
    uint64_t page, document, other, other_document;
    unsigned agreeing; /* per cent of the words */
};
/* Those that nobody has dismissed, of living documents, by page; of one page, whichever
 * of the two it is, or of all (0). */
int duplicates_each(struct box *b, uint64_t page,
                    int (*each)(void *arg, const struct twin_row *t, struct err *e),
                    void *arg, struct err *e);

/* One transaction, with the event 'not_a_duplicate': a person has looked at both. *known
 * false: they were not told as twins. */
int duplicates_dismiss(struct box *b, uint64_t page, uint64_t other, bool *known,
                       struct err *e);

#endif
