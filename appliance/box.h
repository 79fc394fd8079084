/* Box: an opened data directory and what its tasks need, handed to every verb.
 *
 *   DIR/tram.db     the store        DIR/blobs/    originals
 *   DIR/lock        who owns it      DIR/socket    where serve takes verbs
 *   DIR/keys/       the box's own    DIR/reserve   room to open at a full disk
 *   DIR/board       what it stands on: moved.h
 *   DIR/types/      record types instead of the program's own: box_types.h
 *
 * A box is single-threaded; serve opens one for each of its threads. */
#ifndef TRAM_APPLIANCE_BOX_H
#define TRAM_APPLIANCE_BOX_H

#include "appliance/reader.h"
#include "base/blobs.h"
#include "base/messages.h"
#include "schema/records.h"

struct box_types;
struct queue;

struct box {
    struct disk *disk; /* borrowed, as the clock */
    struct clock *clock;
    char dir[DISK_PATH_BYTES];
    struct store *store;
    struct records *records;
    struct blobs *blobs;
    struct queue *queue;     /* queue.h: its statements, and the pages leased here */
    struct reader *reader;   /* borrowed; may be NULL for a box that never reads */
    char actor[64];          /* who does what is done: goes into events */
    struct box_types *types; /* box_types.h: NULL until somebody asks */
};

/* `d`, `c` and `reader` must outlive it. */
int box_open(struct box **out, struct disk *d, struct clock *c, const char *dir,
             struct reader *reader, struct err *e);
void box_close(struct box *b); /* NULL is fine; leaves the reader */

/* Makes DIR and an empty box in it. */
int box_init(struct disk *d, struct clock *c, const char *dir,
             const struct store_identity *who, struct err *e);

#endif
