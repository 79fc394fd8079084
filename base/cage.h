/* Cage: a forked child that gives everything up before it reads a hostile byte.
 *
 *   parent: cage_start(&c, profile, fds, function) ─► child: close all other
 *   descriptors ► own process group, dies with the parent ► limits ► namespaces
 *   ► own user ► no-new-privileges ► Landlock ► seccomp ► function(arg)
 *
 * What is promised always: no-new-privileges, seccomp (allow-list; anything else
 * kills the process with SIGSYS), limits on memory, processor time, file size and
 * descriptors, no descriptor but those handed in. Namespaces (net, mount, ipc,
 * host name) and a user of its own need root or user namespaces;
 * Landlock needs the kernel: where they are missing, cage_report() says so aloud.
 * Without Landlock a CAGE_PROGRAM can read whatever its user may.
 * Without the promises the child exits with CAGE_EXIT_OPEN before calling the
 * function, unless `uncaged` was asked for by the operator (--no-cage).
 *
 * Under AddressSanitizer only the address-space limit is left out, and descriptor 2
 * stays what it was, for its reports. The parent must be single-threaded when it
 * calls cage_start(). */
#ifndef TRAM_BASE_CAGE_H
#define TRAM_BASE_CAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define CAGE_EXIT_OPEN   120 /* the cage could not be closed; nothing was read */
#define CAGE_EXIT_MEMORY 121 /* what a child says when its memory ran out */
#define CAGE_EXIT_EXEC   122 /* CAGE_PROGRAM: the program is not there */
#define CAGE_FDS_MAX     8

enum cage_profile {
    CAGE_COMPUTE, /* memory and the descriptors given; no exec, no open, no fork */
    CAGE_PROGRAM, /* one exec of a named program of the system, which may open
                   * files below /usr, /etc, /lib to read (its libraries, fonts) */
};

struct cage_limits {
    uint64_t memory_bytes_max; /* address space */
    uint32_t cpu_s_max;
    uint32_t wall_ms_max;    /* enforced by the parent: cage_check */
    uint64_t file_bytes_max; /* what it may write to a file it was given */
};

struct cage_spec {
    enum cage_profile profile;
    struct cage_limits limits;
    bool uncaged; /* the operator said so */
    /* Become descriptors 3, 4, … of the child; 0, 1 and 2 are /dev/null, except
     * that CAGE_PROGRAM gets fds[0] as 0, fds[1] as 1, … They stay the caller's. */
    int fds[CAGE_FDS_MAX];
    size_t fds_count;
    /* CAGE_COMPUTE: what the child does; its result is the exit status. */
    int (*run)(void *arg);
    void *arg;
    /* CAGE_PROGRAM: absolute path and arguments, NULL at the end. */
    const char *const *argv;
};

struct cage {
    pid_t pid; /* 0: none */
    int pidfd; /* readable when it has ended; for poll() */
    int64_t started_ms;
    uint32_t wall_ms_max;
    uint64_t rss_bytes_max; /* once it has ended: the most that was resident */
};

enum cage_end {
    CAGE_ENDED,     /* `status` is its exit status */
    CAGE_CRASHED,   /* `status` is the signal */
    CAGE_FORBIDDEN, /* SIGSYS: it asked for what it may not have */
    CAGE_TIMED_OUT, /* killed on the wall clock, or SIGXCPU */
};

int cage_start(struct cage *out, const struct cage_spec *spec, struct err *e);

/* Milliseconds that are left before its wall clock is up; never negative. */
int cage_left_ms(const struct cage *c);

/* Reaps it if it has ended, kills and reaps it if its time is up.
 * 1: it ended, *end and *status are set, c->pid is 0. 0: it is still at work. What
 * it may have left in its process group is killed too. */
int cage_check(struct cage *c, enum cage_end *end, int *status);

/* Kills and reaps it now. An ended or zeroed cage is fine. */
void cage_kill(struct cage *c);

/* What the cage of this machine is made of, one line for an operator:
 * "seccomp user namespaces landlock=7", or with "=absent" behind what cannot be had
 * ("files=open" then says that a CAGE_PROGRAM reads what its user may),
 * or "none: …" if no cage closes here. Tries it, in a child. */
void cage_report(char *out, size_t out_bytes);

#endif
