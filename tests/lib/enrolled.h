/* A box on a simulated disk that is enrolled with a centre of which only the keys
 * are known: receipts are written by the test itself. */
#ifndef TRAM_TESTS_ENROLLED_H
#define TRAM_TESTS_ENROLLED_H

#include "appliance/outbox.h"
#include "tests/lib/box_world.h"

#define ENROLLED_SITE 17

struct enrolled {
    struct box_world w;
    struct random_seeded random;
    struct key_pair centre, box;
    struct outbox *outbox; /* NULL while the box is closed */
};

/* A box with its key, enrolled and open; fails the test if it cannot be had. */
void enrolled_start(struct enrolled *n);
void enrolled_finish(struct enrolled *n);

/* The power goes and comes again, and the box is open. */
void enrolled_power_cut(struct enrolled *n);

/* A paper of one page: intake and reading, both committed. */
void enrolled_take(struct enrolled *n, const char *file, const char *text);

/* Reads the whole object, in blocks of 4 KiB, as a carrier would. */
void enrolled_read_all(struct enrolled *n, const struct sync_object *object,
                       struct buffer *out);

/* Signs `r` (site and box epoch are filled in) and stores it. */
int enrolled_receipt(struct enrolled *n, struct receipt *r, struct err *e);

#endif
