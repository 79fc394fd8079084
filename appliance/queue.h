/* Queue: pages that wait to be read, and the loop that has them read.
 *
 *   waiting ─► leased (boot, process, its start) ─► done
 *                  │                            └─► quarantined: reason, never retried
 *                  └── holder gone: free again        by itself
 *
 * Two readers never read one page: a lease is taken in a transaction, and is free
 * only when its boot or its process is no more. A reading, its job's end and its
 * event are one transaction. A holder runs queue_read_all() in one thread at a
 * time: a lease does not tell threads apart. */
#ifndef TRAM_APPLIANCE_QUEUE_H
#define TRAM_APPLIANCE_QUEUE_H

#include "appliance/box.h"
#include "appliance/pace.h"

/* Who holds leases: this process. `alive` is the seam for tests. */
struct lease_holder {
    char boot_id[BOOT_ID_BYTES];
    int64_t pid;
    int64_t started; /* ticks since boot, /proc/PID/stat */
    bool (*alive)(const char *boot_id, int64_t pid, int64_t started, void *arg);
    void *arg;
};
void lease_holder_self(struct lease_holder *out);

/* box_open() and box_close() call these. */
int queue_create(struct queue **out, struct box *b, struct err *e);
void queue_destroy(struct queue *q); /* NULL is fine */

/* Inside a write of the caller's: the page waits from now on. */
int queue_add(struct box *b, uint64_t page, struct err *e);

/* Pages; without those that were deleted, themselves or with their document, except
 * among the done: what has been read stays read. */
struct queue_counts {
    uint64_t waiting, leased, done, quarantined;
};
int queue_count(struct box *b, struct queue_counts *out, struct err *e);

struct queue_progress {
    uint64_t done, quarantined, left; /* pages: in this run, and still to go */
    int64_t elapsed_ms;
    int64_t left_ms;       /* honest: from this run's own pace; -1 until there is one */
    enum pace_reason held; /* why fewer are read at once than could be */
};

struct queue_run {
    struct lease_holder holder;
    bool wait;      /* also for pages that other readers hold */
    bool gives_way; /* to heat, want of memory and other work: pace.h */
    /* May be NULL. Called after every page, and about once a second. Non-zero: stop
     * after what is at work. */
    int (*progress)(void *arg, const struct queue_progress *p);
    void *arg;
};

/* Reads until nothing waits. A page that cannot be read is quarantined with its
 * reason and told in *out; -1 is trouble with the store or the reader itself. */
int queue_read_all(struct box *b, const struct queue_run *run, struct queue_progress *out,
                   struct err *e);

/* Each quarantined page: id, document, reason. */
int queue_each_quarantined(struct box *b,
                           int (*each)(void *arg, uint64_t page, uint64_t document,
                                       const char *reason, struct err *e),
                           void *arg, struct err *e);

#endif
