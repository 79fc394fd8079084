/* Papers: a folder of what tram-pages typeset, with the truth about each and our
 * reader's reading of it, made into pages as ocr/fields/ takes them. */
#ifndef TRAM_BENCH_FIELDS_PAPERS_H
#define TRAM_BENCH_FIELDS_PAPERS_H

#include <jansson.h>

#include "ocr/fields/fields.h"

#define PAPER_PAGES_MAX 16

struct paper {
    char id[128];
    json_t *truth;                /* owned; tram-pages' own object */
    char *texts[PAPER_PAGES_MAX]; /* owned; NULL: the reader could not read the page */
    struct layout layouts[PAPER_PAGES_MAX];
    size_t pages_count;
};

struct papers {
    struct paper *all; /* owned */
    size_t count;
};

/* Every ID.json of `dir`; pages from the lines of `readings` (tram-ocr's JSON). NULL:
 * from the truth itself, as a reader would give them that errs nowhere. On failure
 * *out is zeroed. */
int papers_open(struct papers *out, const char *dir, const char *readings, struct err *e);
void papers_close(struct papers *p); /* a zeroed one is fine */

/* Of a truth's name: "birth.meHoTen#3" is the fourth row's value of a register, "birth.so"
 * a form's; others are of no type. */
struct truth_name {
    char type[64], field[64]; /* type "": `field` is the whole name */
    unsigned row;
    bool is_cell;
};
void truth_name_read(struct truth_name *out, const char *name);

/* The type whose fields the paper's truth names; "" if none. */
void paper_type(const struct paper *p, char out[64]);

#endif
