/* Identity numbers: 12 digits are place (3), century and sex (1), year (2) and six that
 * say nothing; 9 digits are the older card's. There is no check digit in either
 * (TT 07/2016/TT-BCA, article 7; NĐ 137/2015/NĐ-CP, article 13). */
#ifndef TRAM_SCHEMA_CHECKS_IDENTITY_H
#define TRAM_SCHEMA_CHECKS_IDENTITY_H

#include <stdbool.h>

enum identity_kind {
    IDENTITY_CITIZEN, /* 12 digits */
    IDENTITY_CARD,    /* 9 digits */
    IDENTITY_OTHER,   /* has letters: a passport, a soldier's card */
    IDENTITY_UNCLEAR, /* digits, but neither 12 nor 9 */
};

/* Of a citizen's number alone. */
struct identity {
    enum identity_kind kind;
    char place[4];
    int year;
    bool female;
    bool century_given; /* 1900 to 2199: further digits are given to nobody yet */
};

/* Spaces and dots between digits do not count. */
void identity_read(struct identity *out, const char *text);

#endif
