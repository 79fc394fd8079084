/* Reading loop: the thread of serve that has pages read while any wait, and then does
 * what is to be done afterwards (small images, packing: afterwards.h). It sleeps
 * until it is woken (something was taken in), and looks by itself now and then.
 *
 * A `read` that was handed over does the reading in the loop's place: the loop
 * pauses, lends its reader, and goes on afterwards, so that a box never reads with
 * more children than it has cores. */
#ifndef TRAM_APPLIANCE_READING_LOOP_H
#define TRAM_APPLIANCE_READING_LOOP_H

#include "appliance/queue.h"

struct reading_loop;

struct reading_loop_options {
    const char *dir;
    struct ocr_options ocr;
    /* Called by the loop's thread every few seconds: the idle of others. */
    void (*tick)(void *arg);
    void *arg;
};

/* Opens a box and a reader of its own, and starts. */
int reading_loop_start(struct reading_loop **out, const struct reading_loop_options *o,
                       struct err *e);

/* Ends after the pages at work; images and packing it gives up. NULL is fine. */
void reading_loop_stop(struct reading_loop *l);

void reading_loop_wake(struct reading_loop *l);

/* Waits until the loop reads nothing and gives its reader; NULL if `cancelled` said
 * so, or the loop is stopping. Every reader given is to be given back. */
struct reader *reading_loop_borrow(struct reading_loop *l, bool (*cancelled)(void *arg),
                                   void *arg);
void reading_loop_return(struct reading_loop *l);

struct reading_state {
    bool at_work;
    struct queue_progress progress; /* of the run at hand, or the last one */
    char trouble[256];              /* why reading does not work at all; or empty */
};
void reading_loop_look(struct reading_loop *l, struct reading_state *out);

#endif
