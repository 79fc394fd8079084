/* Parts: an address cut into the pieces that may each name a unit, smallest first as they
 * stand: at commas, and before words like "xã" or "huyện" inside a piece. */
#ifndef TRAM_SCHEMA_UNITS_UNITS_PARTS_H
#define TRAM_SCHEMA_UNITS_UNITS_PARTS_H

#include "schema/units/units_internal.h"

#define PARTS_MAX    12
#define READINGS_MAX 3

/* A way to understand a part: a name, and the kinds that the word before it allows. */
struct reading {
    char key[UNIT_KEY_BYTES], exact[UNIT_KEY_BYTES];
    uint16_t kinds; /* bits; 0: no word said */
};

struct part {
    size_t at, bytes; /* in the text */
    bool has_kind;    /* it begins with a word for a kind */
    bool accented;
    struct reading readings[READINGS_MAX];
    size_t readings_count;
};

struct parts {
    struct part all[PARTS_MAX]; /* the last ones, when there are more */
    size_t count;
};

/* `known` says whether a reading names any unit: a piece that as a whole is one is not
 * cut further ("phuong Quan Thanh"). */
void parts_cut(struct parts *out, const char *text,
               bool (*known)(void *arg, const struct reading *r), void *arg);

#endif
