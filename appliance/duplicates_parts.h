/* Inside duplicates: duplicates.c looks and judges, duplicates_fields.c compares
 * documents' fields, duplicates_note.c writes what a look found, duplicates_told.c is what
 * others see of it. */
#ifndef TRAM_APPLIANCE_DUPLICATES_PARTS_H
#define TRAM_APPLIANCE_DUPLICATES_PARTS_H

#include "appliance/duplicates.h"

/* *out: more fields of these documents differ than are the same. */
int duplicates_contradict(struct box *b, uint64_t document, uint64_t other, bool *out,
                          struct err *e);

#define PAGE_PAIRS_MAX 64

/* A page beside another one. */
struct page_pair {
    uint64_t other;
    bool is_twin;
    unsigned agreeing; /* per cent of the words */
};

/* What a look rests on: a fork renames ids, a page is turned or read again. */
struct rests_on {
    int64_t epoch, rotation, reading;
};

struct page_verdict {
    uint64_t page;
    struct rests_on rests_on; /* when the look began */
    struct page_pair pairs[PAGE_PAIRS_MAX];
    size_t pairs_count;
};

/* As it is now; *waits false: the page needs no look, or none any more. */
int duplicates_rests_on(struct box *b, uint64_t page, struct rests_on *out, bool *waits,
                        struct err *e);

/* One transaction, a short one, because others wait for it: twins are put down, those of
 * an earlier look that are none now are dropped, and the page has been looked at. If what
 * the look rests on has changed since, nothing is done, and it is looked at once more.
 * *found: it has twins. */
int duplicates_note(struct box *b, const struct page_verdict *v, bool *found,
                    struct err *e);

#endif
