/* A province and a commune on this machine: a centre that serves on loopback, in a
 * thread, with a wire in front of it; a box, enrolled, whose reader reads plain text
 * (reader_fake.h). Real disks, real sockets, the real clock. */
#ifndef TRAM_TESTS_LINK_WORLD_H
#define TRAM_TESTS_LINK_WORLD_H

#include <pthread.h>

#include "appliance/agent.h"
#include "appliance/intake.h"
#include "sync/centre/serve.h"
#include "sync/centre/sites.h"
#include "tests/lib/reader_fake.h"
#include "tests/lib/restorer_fake.h"
#include "tests/lib/scratch.h" /* must() */
#include "tests/lib/wire.h"

struct link_world {
    char dir[64], box_dir[80], centre_dir[80];
    bool plain; /* http instead of https */
    struct random *random;
    struct reader_fake reader;
    struct box *box;
    struct hash taken; /* the original that was taken in last */
    uint64_t document; /* … and its document */
    struct enrolment enrolment;

    struct wire *wire;
    struct centre *served; /* the thread's */
    struct restorer_fake restorer;
    struct centre_serve *serve;
    pthread_t thread;
    struct err thread_err;
    struct err err;
};

void link_world_start(struct link_world *w, bool plain);
void link_world_finish(struct link_world *w);

/* The centre's process stops, and serves again (on another port; the wire knows). */
void link_world_stop_centre(struct link_world *w);
void link_world_serve(struct link_world *w);

/* Makes a box of that name in DIR/name with the file of `f`, and opens it. */
struct box *link_world_make_box(struct link_world *w, const char *name,
                                const struct enrolment *f);

/* Takes in and reads a paper of one page; `bytes` more, so that its original is
 * large and does not shrink. */
void link_world_take(struct link_world *w, const char *text, size_t bytes);

/* One contact; fails the test only for the box's own trouble. */
struct agent_result link_world_sync(struct link_world *w, uint64_t bytes_out_max);

/* The centre as another process sees it: opened for `look`, then closed. */
struct centre *link_world_look(struct link_world *w);
/* How many hits, and the best one's document (may be NULL). */
unsigned link_world_search(struct link_world *w, const char *query, uint64_t *document);
/* Waits until the centre has applied so much of the site, at most ten seconds. */
void link_world_wait_applied(struct link_world *w, uint16_t site, uint64_t sequence);
uint64_t link_world_last(struct link_world *w);

/* Waits until the centre holds this original, whole, at most ten seconds. */
void link_world_wait_original(struct link_world *w, const struct hash *sha256);

#endif
