/* Tally: of each field how often it was there, was found and was right. */
#ifndef TRAM_BENCH_FIELDS_TALLY_H
#define TRAM_BENCH_FIELDS_TALLY_H

#include "tests/bench/fields/papers.h"

#define TALLY_FIELDS_MAX 64
#define GROUP_BYTES      80
#define TALLY_SURES      5 /* confidence in steps of twenty per cent */

struct tally_field {
    char name[GROUP_BYTES];
    unsigned there;   /* printed on a paper */
    unsigned legible; /* … and in what the reader read, letter for letter */
    unsigned found, right;
};

struct tally {
    struct tally_field fields[TALLY_FIELDS_MAX];
    size_t count;
    unsigned sure_found[TALLY_SURES], sure_right[TALLY_SURES];
};

/* Compares what was found on one paper. What the truth does not name is wrong if it
 * is of a field that the truth names on other papers. `typed` is what the paper's record
 * type found, counted by type, labels and cells apart. `misses`: prints each. */
int tally_paper(struct tally *t, const struct paper *p, const struct fields *found,
                const struct fields *typed, bool misses, struct err *e);

double tally_precision(const struct tally_field *f);
double tally_recall(const struct tally_field *f);
double tally_f1(const struct tally_field *f);

/* Prints the table; `least`: the F1 that number, date, kind, issuer, subject and signer
 * must have. How many of them have not. */
unsigned tally_print(const struct tally *t, const char *title, double least);

#endif
