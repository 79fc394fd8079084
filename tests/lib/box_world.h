/* A box on a simulated disk, with a clock that moves when told and a reader that
 * reads plain text (reader_fake.h). Power can be cut; what intake reported is
 * remembered outside, as a clerk would. */
#ifndef TRAM_TESTS_BOX_WORLD_H
#define TRAM_TESTS_BOX_WORLD_H

#include "appliance/afterwards.h"
#include "appliance/import.h"
#include "appliance/intake.h"
#include "appliance/queue.h"
#include "base/disk_sim.h"
#include "tests/lib/reader_fake.h"
#include "tests/lib/scratch.h" /* must() */

#define WORLD_DIR      "/box"
#define WORLD_TOLD_MAX 256

/* What `each` was told. */
struct world_told {
    char file[160];
    enum intake_state state;
    uint64_t document;
    uint32_t pages;
    struct hash sha256;
    char reason[32];
};

struct box_world {
    struct disk *disk;
    struct clock_manual clock;
    struct reader_fake reader;
    struct box *box; /* NULL while closed */
    struct lease_holder holder;
    struct afterwards afterwards;
    int64_t dead_pid; /* a process that is no more, in this boot */
    struct world_told told[WORLD_TOLD_MAX];
    size_t told_count;
    int64_t page_ms; /* how long the clock says that a page takes */
    struct err err;
};

void world_create(struct box_world *w, uint64_t seed); /* a disk, and no box on it */
void world_destroy(struct box_world *w);

int world_init(struct box_world *w, struct err *e);
int world_open(struct box_world *w, struct err *e);
void world_close(struct box_world *w);

/* Created, made and open; fails the test if it cannot be. */
void world_start(struct box_world *w);

/* The power goes and comes again: a new boot, another process, no box open. */
void world_power_cut(struct box_world *w);
/* Only the process goes: what it wrote stays, synced or not. */
void world_kill(struct box_world *w);

/* Takes one file in, from memory. What `each` is told goes to w->told. */
int world_take(struct box_world *w, const char *file, const char *paper, struct err *e);
int world_take_as(struct box_world *w, const char *file, const char *paper,
                  const char *dossier, const char *type, struct err *e);
int world_resume(struct box_world *w, struct err *e);

/* For intake_options.each: arg is the world. */
int world_tell(void *arg, const struct intake_result *r, struct err *e);

/* The last told about this file; NULL: nothing. */
const struct world_told *world_told(const struct box_world *w, const char *file);

int world_read(struct box_world *w, struct queue_progress *out, struct err *e);
/* What comes after reading, until nothing is left to do. */
int world_afterwards(struct box_world *w, struct afterwards_counts *out, struct err *e);
/* As if it had a centre, which it never meets: so that it packs. */
void world_enrol(struct box_world *w);

/* Imports these lines; the source is "thu". */
int world_import(struct box_world *w, const char *lines, struct import_counts *out,
                 struct err *e);

/* The number that `sql` selects; fails the test if there is none. */
int64_t world_number(struct box_world *w, const char *sql);

/* How many hits a query has, and the best one's document. */
unsigned world_search(struct box_world *w, const char *query, uint64_t *document);

/* NULL if `verify` is content; else what is wrong, until the next call. */
const char *world_problem(struct box_world *w);

#endif
