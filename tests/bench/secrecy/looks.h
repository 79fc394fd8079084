/* Looks: the look for a secrecy stamp at the pages of one folder, asked as intake asks
 * it: a worker's caged child first identifies the file and another looks at the page.
 * Several threads share the pages, each with a client of its own. */
#ifndef TRAM_BENCH_SECRECY_LOOKS_H
#define TRAM_BENCH_SECRECY_LOOKS_H

#include <stddef.h>

#include "ocr/client.h"

struct look_answer {
    char *file; /* its name in the folder; owned */
    struct look look;
    double seconds; /* of both questions */
};

struct looks {
    struct look_answer *all; /* by name; owned */
    size_t count;
};

/* Every .png in `dir`; `ocr` is the path of tram-ocr. */
int looks_ask(struct looks *out, const char *dir, const char *ocr, unsigned jobs,
              struct err *e);
void looks_release(struct looks *l); /* a zeroed one is fine */

#endif
