/* Fields: what a document says of itself, drawn from its pages as read, each value with
 * its evidence: where on which page it stands, how sure it is and the rule that found
 * it. Layout first, text second. What is not found is not there: nothing is guessed,
 * and nothing is rewritten but what `rule` says.
 *
 * Pure: text and boxes in, values out; no pixels, no database.
 *
 * Of an administrative paper (Decree 30/2020, and papers of the Party with a head of
 * their own): number, symbol, place, date, parent, issuer, kind, subject, addressee,
 * recipient, authority, title, signer, secrecy, urgency, page_count. Of any paper whose
 * record type is known what its type's file looks for: labels, columns, zones, patterns. */
#ifndef TRAM_OCR_FIELDS_H
#define TRAM_OCR_FIELDS_H

#include "ocr/layout.h"
#include "schema/types/types.h"

#define FIELDS_MAX            50000  /* values of one document: a book of registers */
#define FIELDS_BYTES_MAX      524288 /* of all of them: they are one record to search */
#define FIELD_VALUE_BYTES_MAX 4000

struct fields_page {
    const char *text; /* as in struct reading */
    const struct layout *layout;
};

struct field_found {
    const char *name;
    unsigned ordinal;
    char *value;                      /* owned; as printed, NFC */
    uint32_t page;                    /* from 0 */
    bool zoned;                       /* false: of the whole document, on no place */
    int32_t left, top, width, height; /* pixels of the original, around its words */
    uint8_t confidence;               /* per cent, of the words and of the rule */
    const char *rule;
};

struct fields {
    struct field_found *values; /* owned; by name and ordinal as they were found */
    size_t count, room, bytes;
};

/* What heads and signatures say, in the names above. On failure (memory) *out is
 * zeroed. */
int fields_find(struct fields *out, const struct fields_page *pages, size_t pages_count,
                struct err *e);

/* A register: the cells of ruled tables below the headings that the type names, page by
 * page, so that a book may have any number of them. Rows are ordinals, and go on from page
 * to page; the values' rule is "column". A page without headings has those of an earlier
 * one whose columns stand in the same places. */
struct fields_register;

/* `type` must outlive *out and what it says. The caller destroys it. */
int fields_register_create(struct fields_register **out, const struct record_type *type,
                           size_t pages_count, struct err *e);
void fields_register_destroy(struct fields_register *r); /* NULL is fine */

/* Appends the cells of page `number` of the document, from 0. Pages come in their order;
 * one that cannot be read is left out. On failure (memory) *out has what it had, and maybe
 * some of the page. */
int fields_register_page(struct fields_register *r, struct fields *out,
                         const struct fields_page *page, uint32_t number, struct err *e);

/* The fields of a record type, by what its file says of them, behind those that registers
 * on the same pages have put into *out; else it is zeroed. `drawn` is what fields_find()
 * found on the same pages; where that is nothing, the type's zones and patterns are asked
 * for the fields of heads too. `type` must outlive *out. On failure (memory) *out is
 * zeroed. */
int fields_of_type(struct fields *out, const struct fields *drawn,
                   const struct record_type *type, const struct fields_page *pages,
                   size_t pages_count, struct err *e);
void fields_release(struct fields *f); /* a zeroed one is fine */

/* The value of that name and ordinal, or NULL. */
const struct field_found *fields_get(const struct fields *f, const char *name,
                                     unsigned ordinal);

#endif
