/* Apply's notes: what was not applied, or not alone, is written down as rows of the
 * box's records (parked, conflict), which go down to it like any change of the centre's;
 * and is tried again: apply_retry.c. Internal to sync/centre/apply*.c. */
#ifndef TRAM_SYNC_CENTRE_APPLY_PARK_H
#define TRAM_SYNC_CENTRE_APPLY_PARK_H

#include "sync/centre/centre.h"
#include "sync/rows/index.h"
#include "sync/rows/rows.h"

/* What apply works with, for one site at a time. */
struct applying {
    struct centre *centre;
    struct rows rows;
    struct rows_sink sink;
    struct rows_index index; /* what search must look at again */
    uint16_t site;
    /* rows.own holds the frames after own_from, up to own_to. */
    uint64_t own_from, own_to;
    bool own_read;
    bool more; /* rows_retry()'s: another transaction of its own is worth while */
    struct late_place *late; /* of the frame at hand, if it is one: late.h */
};

/* The site is open: what is parked, in conflict or put back becomes a frame of ours. */
int apply_changes(struct applying *a, const struct rows_frame *f, struct err *e);

/* Applies what came late of lines that the site has left (late.h), at most until *count is
 * `frames_max`. */
int apply_late(struct applying *a, unsigned frames_max, unsigned *count, struct err *e);

/* Tries what is parked of the site, which is open. */
int apply_try_parked(struct applying *a, struct err *e);
/* The same in transactions of its own, while something is ready: a person may have
 * closed what kept it waiting, or one transaction was too short. Each is a step. */
int apply_ready_parked(struct applying *a, unsigned steps_max, unsigned *steps,
                       struct err *e);

/* rows_sink's, with a struct applying as `arg`; the site is open (down.h). */
int apply_own(void *arg, const struct rows_frame *f, struct err *e);
int apply_conflict(void *arg, const struct rows_frame *f, const struct rows_conflict *c,
                   struct err *e);
int apply_parked(void *arg, const struct rows_frame *f, const struct rows_parking *p,
                 uint64_t *id, struct err *e);
int apply_written(void *arg, const char *table, uint64_t id, struct err *e);
int apply_watch(void *arg, bool on, struct err *e);
int apply_cut(void *arg, size_t bytes, struct err *e);
bool apply_holds(void *arg);

#endif
