/* Gather: values on their way to struct fields. The rules point at words; their text,
 * zone and confidence are made of them here, the same way for all. */
#ifndef TRAM_OCR_FIELDS_GATHER_H
#define TRAM_OCR_FIELDS_GATHER_H

#include "base/buffer.h"
#include "ocr/fields/fields.h"
#include "ocr/fields/sheet.h"

/* Words of one page, in pieces that are read one after the other. */
#define RUN_PIECES_MAX 24
struct run {
    uint32_t page;
    size_t first[RUN_PIECES_MAX], count[RUN_PIECES_MAX], pieces;
};

struct gather {
    struct sheet *sheets;
    size_t sheets_count;
    uint32_t page_first; /* of the document: the first sheet's, from 0 */
    size_t pages_count;  /* the document's */
    struct fields *out;
    struct err *e;
    bool failed; /* the first failure sticks, as in struct buffer */
};

/* The pages as sheets, as if the document had no others. -1: out of memory, and g->e says so. */
int gather_open(struct gather *g, const struct fields_page *pages, size_t pages_count);
void gather_close(struct gather *g);

/* Words behind the last piece; more pieces than there is room for are left out. */
void run_add(struct run *r, size_t first, size_t count);
void run_add_line(struct run *r, const struct sheet_line *l);

/* How sure a rule is of itself, per cent. */
enum {
    SURE_PLACE_AND_WORDS = 99, /* it stands where it must and says what it must */
    SURE_WORDS = 90,
    SURE_PLACE = 80, /* nothing but its place tells */
    SURE_BARELY = 60,
};

/* Appends the run's words as a value, dirt at its ends left out; an empty one is
 * nothing. `value`: these letters of them instead, as they are. */
void gather_run(struct gather *g, const char *name, const struct run *r,
                const char *value, unsigned sure, const char *rule);

/* So too, but words that all papers have are spelled as they are printed (phrases.h):
 * then the rule's name is `spelled` and it is a little less sure. */
void gather_spelled(struct gather *g, const char *name, const struct run *r,
                    unsigned sure, const char *rule, const char *spelled);

/* So too, of a table's row: the row is its ordinal. */
void gather_row(struct gather *g, const char *name, const struct run *r,
                const char *value, unsigned row, unsigned sure, const char *rule);

/* A value that was found before, under another name. */
void gather_again(struct gather *g, const struct field_found *found, const char *name);

/* A value that stands on no place. */
void gather_fact(struct gather *g, const char *name, const char *value, const char *rule);

/* Whether there is any value of that name. */
bool gather_has(const struct gather *g, const char *name);

/* The run's words with a space between, dirt at the ends left out. */
void run_text(const struct gather *g, const struct run *r, struct buffer *out);

#endif
