/* Readings: what a page's reading and a person's corrections of it become together.
 *
 * A reading is immutable and a correction is a row beside it (DESIGN.md, Records). When a
 * page is read again, the corrections of the reading before are anchored anew in the new
 * one by their boxes (ocr/anchor.h), in the same transaction; one that finds no place is
 * an event of the page, 'correction_lost', with both words: the old reading and its
 * corrections stay where they are. */
#ifndef TRAM_APPLIANCE_READINGS_H
#define TRAM_APPLIANCE_READINGS_H

#include "appliance/box.h"

/* A reading as the box holds it; text is NUL-terminated. */
struct reading_rows {
    uint64_t id; /* 0: the page has not been read */
    struct buffer text, layout;
};

/* Inside a transaction or not. `out` is released by the caller, also on failure. */
int reading_newest(struct box *b, uint64_t page, struct reading_rows *out, struct err *e);
void reading_rows_release(struct reading_rows *r);

/* Inside a write of the caller's: a new reading of the page, with what persons had
 * corrected in the one before. *lost: how many corrections found no place. */
int reading_write(struct box *b, uint64_t page, const char *text, const void *layout,
                  size_t layout_bytes, const char *engine, size_t *lost, struct err *e);

struct correction {
    uint32_t word;    /* of the reading, from 0 */
    const char *text; /* UTF-8; '' removes the word; may hold spaces */
};

/* One transaction: a person's corrections of the page's newest reading, and the event
 * 'corrected'. ERR_USAGE: the page has been read again since `reading` (what the person
 * saw is not what there is), there is no such word, or a text is no line of UTF-8. */
int reading_correct(struct box *b, uint64_t page, uint64_t reading,
                    const struct correction *corrections, size_t count, struct err *e);

#endif
