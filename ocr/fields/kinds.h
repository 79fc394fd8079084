/* Kinds: what papers are called by their titles, titles of those who sign, and words
 * that organisations begin with: what the rules know beside places. Folded as fold.h
 * does; kinds also as the code list spells them. */
#ifndef TRAM_OCR_FIELDS_KINDS_H
#define TRAM_OCR_FIELDS_KINDS_H

#include "ocr/fields/sheet.h"

struct kind {
    const char *folded, *spelling; /* "QUYẾT ĐỊNH" */
    bool open; /* more words follow: "GIẤY XÁC NHẬN …", "SỔ …" */
};

/* The kind that the line is: nothing more, or, of an open one, begins with. */
const struct kind *kind_find(const struct sheet *s, const struct sheet_line *l,
                             unsigned *distance);

/* The line begins with any kind's words, to the letter: "CHƯƠNG TRÌNH PHỐI HỢP". Only where
 * nothing but a title stands. */
bool kind_goes_on(const struct sheet *s, const struct sheet_line *l);

/* Whether an organisation's name begins here: "ỦY BAN …", "SỞ …", not "TỈNH …". */
bool office_begins(const struct sheet *s, const struct sheet_line *l);

/* TM., KT., TL., TUQ., Q. before who signs; the letters that they take, 0: none. */
size_t authority_letters(const struct sheet *s, const struct sheet_line *l);

/* CHỦ TỊCH, TRƯỞNG PHÒNG, … : the line begins so. */
bool title_begins(const struct sheet *s, const struct sheet_line *l);

/* NGƯỜI LẬP BIỂU: who signs there, but what he is the line does not say. */
bool signs_without_title(const struct sheet *s, const struct sheet_line *l);

/* Two to seven words, each a capital and small letters, or all capitals. */
bool name_looks_so(const struct sheet *s, const struct sheet_line *l);

#endif
