/* The child's side of a cage: what it does between fork and the first hostile
 * byte. Internal to base/cage*.c. */
#ifndef TRAM_BASE_CAGE_CHILD_H
#define TRAM_BASE_CAGE_CHILD_H

#include "base/cage.h"

/* The one the child becomes when root starts it. */
struct cage_user {
    uid_t uid;
    gid_t gid;
};

/* What was had when the cage closed, for cage_report(). */
struct cage_walls {
    uint8_t user;       /* another user than the parent's */
    uint8_t namespaces; /* network, mounts, IPC, host name */
    uint8_t landlock;   /* the ABI of the kernel, 0: absent */
};

/* What the closed cage of this process is made of; zeroes before. */
extern struct cage_walls cage_walls_now;

/* Closes the cage and does what `spec` says; never returns. */
_Noreturn void cage_child(const struct cage_spec *spec, const struct cage_user *user,
                          pid_t parent);

/* Loads the system call filter. Irrevocable; -1: it is not in force. `program` is
 * the pointer that CAGE_PROGRAM will exec. */
int cage_filter_load(enum cage_profile profile, const char *program);

/* Takes the file system and network away; CAGE_PROGRAM keeps reading and executing
 * what belongs to the system. The ABI in *abi, 0 if the kernel has no Landlock; -1
 * if it has, and refuses. */
int cage_landlock(enum cage_profile profile, uint8_t *abi);

#endif
