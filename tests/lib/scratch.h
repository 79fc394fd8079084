/* Scratch: a box's store for a test, on a real directory or a simulated disk, with
 * a clock that moves when told. */
#ifndef TRAM_TESTS_SCRATCH_H
#define TRAM_TESTS_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/disk.h"
#include "schema/records.h"
#include "schema/store.h"

#define SCRATCH_SITE 7

/* Fails the test with the error's own words. */
#define must(call, e)                                                                    \
    do {                                                                                 \
        if ((call) != 0)                                                                 \
            fail_msg("%s: %s", #call, (e)->text);                                        \
    } while (0)

struct scratch {
    char dir[64]; /* holds tram.db */
    bool on_disk; /* a real directory, removed at the end */
    struct disk *disk;
    struct clock_manual clock;
    struct store *store;
    struct records *records;
    struct err err;
};

/* A new directory below /tmp, without a store yet. */
void scratch_dir(struct scratch *s);
/* The same on `disk`, which stays the caller's. */
int scratch_on(struct scratch *s, struct disk *disk, struct err *e);

int scratch_init(struct scratch *s, struct err *e);
int scratch_open(struct scratch *s, struct err *e); /* store and records */
void scratch_close(struct scratch *s);
void scratch_remove(struct scratch *s); /* closes, and removes a real directory */

/* All of it, on a real directory; fails the test if it cannot be had. */
void scratch_start(struct scratch *s);

/* How many problems store_verify tells; the first is printed with `what`. */
unsigned scratch_problems(struct scratch *s, const char *what);

/* Whether one of store_verify's problems holds these words. */
bool scratch_problem_told(struct scratch *s, const char *words);

/* The number that `sql` selects. */
int64_t scratch_number(struct scratch *s, const char *sql);

#endif
