/* Anchors: the words that a type's fields are printed behind or below, each once, with the
 * fields that it may be of; and the sections that tell such fields apart ("người mẹ").
 * Made of a record type; nothing here knows a kind of paper. */
#ifndef TRAM_OCR_FIELDS_ANCHORS_H
#define TRAM_OCR_FIELDS_ANCHORS_H

#include "ocr/fields/sheet.h"
#include "schema/types/types.h"

struct anchor {
    char folded[FOLD_NEEDLE_MAX + 1];
    size_t count;
    size_t *fields; /* owned; places among the type's fields */
    size_t fields_count;
};

#define SECTION_NONE  0
#define SECTIONS_MAX  16 /* parts that a type's papers have */
#define SECTION_WORDS 256

/* Words of a section, folded; several may be of one. */
struct section_words {
    char folded[FOLD_NEEDLE_MAX + 1];
    size_t count;
    unsigned section; /* from 1 */
};

struct anchors {
    const struct record_type *type; /* not owned */
    struct anchor *all;             /* owned */
    size_t count;
    unsigned *section_of; /* owned; of each field, or SECTION_NONE */
    struct section_words words[SECTION_WORDS];
    size_t words_count;
    unsigned sections_count;
};

int anchors_open(struct anchors *out, const struct record_type *type, struct err *e);
void anchors_close(struct anchors *a); /* a zeroed one is fine */

/* The anchor that the folded letters begin with, the longest that fits; `whole`: that
 * they are. Its place, or a->count. */
size_t anchor_of(const struct anchors *a, const char *folded, size_t letters, bool whole,
                 struct fold_match *out);

/* The section that these words name, the longest of its names; *behind is the word behind
 * it. SECTION_NONE: none, or several. */
unsigned section_in(const struct anchors *a, const struct sheet *s, size_t first,
                    size_t behind, size_t *named_first, size_t *named_behind);

/* The fields that the anchor is of in that section, as places among the type's, at most
 * `max`: those of the section; else those of none, if the section has no field of its own
 * there. Returns how many. */
size_t anchor_fields(const struct anchors *a, size_t anchor, unsigned section,
                     size_t *fields, size_t max);

#endif
