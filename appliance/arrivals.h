/* Arrivals: what comes down to a box, kept until it is whole and then taken: the
 * centre's bundles, and originals that this box had let go and has asked back. The
 * other half of the outbox, for the link's agent and the simulator alike.
 *
 *   DIR/partial/   what has arrived so far (sync/partial.h); swept at its start and
 *                  behind each bundle
 *
 * It answers the core's TAKE_OFFER and TAKE_BLOCK: what it says is there is durable.
 * Single-threaded, as its box; one of them a directory at a time. */
#ifndef TRAM_APPLIANCE_ARRIVALS_H
#define TRAM_APPLIANCE_ARRIVALS_H

#include "appliance/box.h"
#include "sync/core.h"

struct arrivals;

/* `b` must outlive it. `c`: this box's site and keys; copied. */
int arrivals_create(struct arrivals **out, struct box *b, const struct sync_config *c,
                    struct err *e);
void arrivals_destroy(struct arrivals *a); /* NULL is fine; as arrivals_end() */

/* The contact is over: what came and is not whole is made durable, as far as that
 * goes; the rest is asked for again. */
void arrivals_end(struct arrivals *a);

/* TAKE_OFFER: what is here of it, made durable; taken if that is all of it. */
int arrivals_offer(struct arrivals *a, const struct object_id *object,
                   uint64_t total_bytes, struct sync_taken *out, struct err *e);

/* TAKE_BLOCK: `offset` is where the last one ended; taken if it was the last. */
int arrivals_block(struct arrivals *a, const struct object_id *object, uint64_t offset,
                   const void *bytes, size_t count, struct sync_taken *out,
                   struct err *e);

#endif
