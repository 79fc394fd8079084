/* Tasks: programs run to their end, so many at a time, and what each took. */
#ifndef TRAM_BENCH_TASK_H
#define TRAM_BENCH_TASK_H

#include <stddef.h>

#include "base/err.h"

#define TASK_WORDS_MAX 32

struct task {
    const char *words[TASK_WORDS_MAX]; /* or `argv`, if there are more of them */
    const char *const *argv;           /* NULL: words */
    const char *out_path, *err_path;   /* NULL: nowhere */
    int status;                        /* exit status; 128 + signal */
    double cpu_s;                      /* of it and all its children */
    long rss_kb_max;                   /* the largest of them */
};

/* *wall_s: from the first's start to the last's end. A task that failed, or whose
 * program is not there (status 127), is no error. */
int tasks_run(struct task *tasks, size_t count, unsigned at_once, double *wall_s,
              struct err *e);

#endif
