/* Rules: the thin straight dark lines of a page, lying and upright. Told by their
 * contrast with what is beside them, so light that is uneven does no harm; broken
 * ones are put together again. Text leaves few, which cross nothing. */
#ifndef TRAM_OCR_RULES_H
#define TRAM_OCR_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct Pix;

/* A line may lean: it is at `at_from` across where it begins and at `at_to` where it
 * ends. Lying: along is x, across is y; upright: the other way round. */
struct rule {
    bool upright;
    double from, to;
    double at_from, at_to;
    double thick;
};

double rule_at(const struct rule *r, double along);

/* The rules of one picture, with what is needed to ask whether there is a line
 * between two places where a grid expects one. */
struct rules {
    struct rule *items; /* owned */
    size_t count;
    struct Pix *lying, *upright; /* owned; 1 bit, the ink of lines, reduced */
    int reduced;                 /* by so much: 1 or 2 */
    int dpi;                     /* of the picture, unreduced */
};

void rules_release(struct rules *r); /* a zeroed one is fine */

/* 8 bits. Too many of them, as in a photograph, are none. */
int rules_find(struct rules *out, struct Pix *pix, int dpi, struct err *e);

/* How much of the way along `at` there is a line, 0..1. */
double rules_cover(const struct rules *r, const struct rule *at);

#endif
