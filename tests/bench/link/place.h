/* Place: where a run of the bench keeps things, and programs run at one end of its net:
 * their words on standard error go to a file, and they end when the bench does. */
#ifndef TRAM_BENCH_LINK_PLACE_H
#define TRAM_BENCH_LINK_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/disk.h"
#include "tests/bench/link/net.h"

#define PLACE_WORDS_MAX 24

/* In a child of the bench, at its end of the net: `work` never comes back. */
pid_t place_fork(const struct net *n, enum net_end end, void (*work)(void *arg),
                 void *arg);

/* A program; `n` NULL: where we are. Its output is in OUT_PATH and OUT_PATH.err. -1: no
 * process could be had. */
pid_t place_start(const struct net *n, enum net_end end, const char *out_path,
                  const char *const *words);
/* The same to its end; ERR_FAILED unless it ends with 0. */
int place_run(const struct net *n, enum net_end end, const char *out_path,
              const char *const *words, struct err *e);

/* Ends it (and the group that it leads) in good order; after `wait_ms` at once. 0 or
 * less is fine. */
void place_end(pid_t pid, unsigned wait_ms);

void place_sleep_ms(int64_t ms);
int64_t place_now_ms(void);

int place_copy(const char *from, const char *to, struct err *e);
void place_remove(const char *path);
/* Of the largest file below it whose name does not end in ".at"; 0: there is none. */
uint64_t place_largest(const char *dir);
uint64_t place_bytes(const char *path);

#endif
