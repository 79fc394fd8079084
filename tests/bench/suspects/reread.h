/* Reread: our reader's JSON of a page made into what the suspects are found in. */
#ifndef TRAM_BENCH_SUSPECTS_REREAD_H
#define TRAM_BENCH_SUSPECTS_REREAD_H

#include <jansson.h>

#include "ocr/suspects/suspects.h"

#define REREAD_ZONES_MAX 64

struct reread {
    const char *text; /* the JSON's */
    struct layout layout;
    struct alternatives alternatives;
    struct suspects_zone zones[REREAD_ZONES_MAX];
    size_t zones_count;
};

/* `page` outlives *out. On failure *out is zeroed. */
int reread_page(struct reread *out, const json_t *page, struct err *e);
void reread_release(struct reread *r); /* a zeroed one is fine */

#endif
