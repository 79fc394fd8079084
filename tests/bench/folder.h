/* Folder: pages with known text, and what each reader read on them. */
#ifndef TRAM_BENCH_FOLDER_H
#define TRAM_BENCH_FOLDER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/disk.h"
#include "tests/bench/score.h"

enum reader { READER_TESSERACT, READER_OCRMYPDF, READER_OURS, READERS };

#define FOLDER_NAME_BYTES 64
#define FOLDER_PAGES_MAX  200

/* One reader's reading of one page. */
struct reading_of_page {
    char *text; /* owned; NULL: it could not read the page */
    struct score score;
};

struct page {
    char id[128];
    char image[DISK_PATH_BYTES];
    struct truth truth;
    struct reading_of_page by[READERS];
    json_t *ours; /* owned; our reader's own object for the page */
};

/* What one reader took for all pages of a folder. */
struct pace {
    bool ran;
    double wall_s, cpu_s;
};

struct folder {
    char name[FOLDER_NAME_BYTES];
    struct page *pages; /* owned, by id */
    size_t pages_count;
    struct pace pace[READERS];
    bool borrowed; /* the truths are another folder's */
};

/* The pages of `dir` (png, jpg, tif) whose truth is beside them or in ../gt, at most
 * `pages_max` of them. A folder without any is no error. On failure *out is zeroed. */
int folder_open(struct folder *out, const char *name, const char *dir, size_t pages_max,
                struct err *e);
void folder_release(struct folder *f); /* a zeroed one is fine */

/* The same pages as "NAME-SUFFIX", not read yet, for reading them in another way; `f`
 * must outlive it. On failure *out is zeroed. */
int folder_twin(struct folder *out, const struct folder *f, const char *suffix,
                struct err *e);

/* Takes what a reader read there; `text` NULL: nothing. Copies. */
int page_take(struct page *p, enum reader r, const char *text, struct err *e);

/* Whether every reader that ran read it: others' figures would be about other pages.
 * What we do not read ourselves counts as read all wrong. */
bool page_counts(const struct folder *f, const struct page *p);

struct score folder_score(const struct folder *f, enum reader r);

#endif
