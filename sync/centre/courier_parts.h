/* The inside of the centre's courier, for the files that share it: courier_take.c reads
 * tars and says what became of them, courier_blobs.c keeps what comes of originals. */
#ifndef TRAM_SYNC_CENTRE_COURIER_PARTS_H
#define TRAM_SYNC_CENTRE_COURIER_PARTS_H

#include "sync/centre/courier.h"
#include "sync/courier_reader.h"
#include "sync/partial.h"

/* A tar in hand. */
struct taking {
    struct courier *courier;
    struct courier_reader *reader;
    struct tar_told told;
    struct partial_place place; /* where what has begun is kept */
    struct site_row site;
    bool found;          /* `site` is enrolled */
    struct buffer bytes; /* of the entry at hand */
    struct buffer heard; /* receipts that the box says it took */
};

/* A stretch of a blob, in t->bytes. What is here already is passed over; what comes after
 * a gap, or what there is no room for, is not taken. */
int courier_take_blob(struct taking *t, const struct courier_entry *n, struct err *e);

#endif
