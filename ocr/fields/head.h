/* Head: what stands above the body of a paper: whose it is at the left, the nation's or
 * the Party's name at the right, number, place and date below them, then what it is
 * called and about what. */
#ifndef TRAM_OCR_FIELDS_HEAD_H
#define TRAM_OCR_FIELDS_HEAD_H

#include "ocr/fields/gather.h"

#define CAPITALS_MIN 0.7 /* of the letters of what is printed in capitals */

struct head {
    bool found, party;
    uint32_t page;
    /* Lines of that page; SHEET_NONE: not found. */
    size_t nation, motto, number, date, kind;
    double split;  /* between the two columns */
    double bottom; /* of what was found of it */
};

/* Looks for the head on the first page that has one. */
void head_find(struct head *out, const struct gather *g);

/* number and symbol; place and date; parent and issuers, behind the symbol, which tells
 * of several. */
void head_number(struct gather *g, const struct head *h);
void head_date(struct gather *g, const struct head *h);
void head_issuer(struct gather *g, const struct head *h);

/* kind and subject; a paper without head may have a title. */
void title_find(struct gather *g, struct head *h);

/* addressee, secrecy and urgency. */
void head_addressee(struct gather *g, const struct head *h);
void head_stamps(struct gather *g, const struct head *h);

/* The line holds "ngày … tháng … năm …": its words. */
bool date_words(const struct sheet *s, const struct sheet_line *l, size_t *first,
                size_t *count);

/* The line begins as a number does, "Số: 05/QĐ-UBND" or "Số 12-QĐ/ĐU"; how many of
 * its marks say so, 0: none. */
unsigned number_marks(const struct sheet *s, const struct sheet_line *l);

#endif
