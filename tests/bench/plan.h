/* Plan: what one run of the reading bench is asked to do. */
#ifndef TRAM_BENCH_PLAN_H
#define TRAM_BENCH_PLAN_H

#include <stdint.h>

#include "tests/bench/readers.h"

enum part { PART_READING, PART_TURNED, PART_MEMORY, PART_LADDER, PART_LANGUAGE, PARTS };

#define PLAN_FOLDERS_MAX 16

struct plan {
    const char *folders[PLAN_FOLDERS_MAX + 1]; /* names, or paths */
    size_t folders_count;
    bool readers_wanted[READERS];
    bool parts[PARTS];
    bool parts_told, is_short; /* --parts was given; some folders or readers only */
    bool per_page, help, keep;
    unsigned pages; /* at most, a folder */
    uint64_t seed;
    const char *shared; /* the folders with known text */
    char build[DISK_PATH_BYTES], scratch[DISK_PATH_BYTES];
    char ocr[DISK_PATH_BYTES], tram_pages[DISK_PATH_BYTES];
    struct readers readers;
};

/* Fills in all of it and makes its scratch directory; ERR_USAGE with words. */
int plan_read(struct plan *out, int argc, char **argv, struct err *e);

/* Removes the scratch directory, unless it was asked to keep it. */
void plan_release(struct plan *p);

/* Where the folder's pages are; made ones are made now. Empty: it is not there. */
int plan_folder_dir(const struct plan *p, const char *folder, char out[DISK_PATH_BYTES],
                    struct err *e);

extern const char plan_usage[];

#endif
