/* Readers: the three that are compared, each as an office would start it on a folder
 * with two processors. Each fills the pages' readings and the folder's pace. */
#ifndef TRAM_BENCH_READERS_H
#define TRAM_BENCH_READERS_H

#include "tests/bench/folder.h"

struct readers {
    const char *ocr;     /* path of tram-ocr */
    const char *without; /* its --without; NULL: nothing */
    const char *scratch; /* a directory for what they write */
    unsigned jobs;
};

const char *reader_name(enum reader r);

/* Whether its program is there. */
bool reader_is_there(const struct readers *o, enum reader r);

int reader_run(const struct readers *o, enum reader r, struct folder *f, struct err *e);

#endif
