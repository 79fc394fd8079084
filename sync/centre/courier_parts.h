/* The inside of the centre's courier, for the files that share it: courier_take.c reads
 * tars and says what became of them, courier_blobs.c keeps what comes of originals,
 * courier_partials.c says which of those that have begun stay. */
#ifndef TRAM_SYNC_CENTRE_COURIER_PARTS_H
#define TRAM_SYNC_CENTRE_COURIER_PARTS_H

#include "sync/centre/courier.h"
#include "sync/courier_reader.h"

/* A tar in hand. */
struct taking {
    struct courier *courier;
    struct courier_reader *reader;
    struct tar_told told;
    struct partial_place place; /* where what has begun is kept */
    struct site_row site;
    bool found;          /* `site` is enrolled */
    bool contradicted;   /* a bundle was refused as a fork: what follows is of its line */
    struct buffer bytes; /* of the entry at hand */
    struct buffer heard; /* receipts that the box says it took */
};

/* A stretch of a blob, in t->bytes. What is here already is passed over; what comes after
 * a gap, or what there is no room for, is not taken. */
int courier_take_blob(struct taking *t, const struct courier_entry *n, struct err *e);

/* ------------------------------------------------------- courier_partials.c */

/* Whether this blob, of which nothing is here yet, may begin with what is in t->bytes. One
 * that is worth less goes for it. */
int courier_partial_begin(struct taking *t, const struct courier_entry *n, bool *may,
                          struct err *e);
/* So much of it is here. */
int courier_partial_grown(struct taking *t, const struct partial *p, struct err *e);
/* It was taken, or refused: its files go. */
int courier_partial_end(struct taking *t, const struct partial *p, struct err *e);

#endif
