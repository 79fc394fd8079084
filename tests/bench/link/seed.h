/* Seed: a province and a commune that know each other, made once with the real programs
 * and copied for each run: the box was in contact, and then took in papers whose
 * originals do not shrink (PDF of one empty page, and noise that nothing points to). */
#ifndef TRAM_BENCH_LINK_SEED_H
#define TRAM_BENCH_LINK_SEED_H

#include "tests/bench/link/place.h"

struct seed {
    char dir[DISK_PATH_BYTES];   /* DIR/centre, DIR/box, DIR/papers/N.pdf */
    char build[DISK_PATH_BYTES]; /* where our programs are */
    unsigned papers;
    uint64_t paper_bytes;
};

#define SEED_PORT "8443"

int seed_make(const struct seed *s, struct err *e);

/* The first paper, for who carries files. */
int seed_paper(const struct seed *s, char out[DISK_PATH_BYTES], struct err *e);

/* A province and a commune at work on a copy in `dir`. */
struct pair_running {
    const struct seed *seed;
    const struct net *net;
    char dir[DISK_PATH_BYTES];
    pid_t centre, box;
};
int seed_copy(struct pair_running *out, const struct seed *s, const struct net *n,
              const char *dir, struct err *e);
int seed_start_centre(struct pair_running *p, struct err *e);
/* `word` "serve" or "sync"; the second one only talks. */
int seed_start_box(struct pair_running *p, const char *word, struct err *e);
void seed_stop(struct pair_running *p); /* the box first; fine twice */

/* tram-box WORDS… with the copy, at the box's end, to its end. */
int seed_box(const struct pair_running *p, const char *const *words, struct err *e);

#endif
