/* Courier: a box and its centre, with nothing between them but a stick that somebody
 * carries (sync/courier.h says what is on it).
 *
 *   outbox ──bundles, blobs──► export ──► up tars ──► centre
 *      ▲                                               │
 *      └──── receipts ◄──── import ◄──── down tars ◄───┘
 *                              └─ the centre's own changes ─► incoming
 *
 * A carrier like the link: it holds no decision about what counts. An export first
 * takes in what the centre wrote to this stick. Then it writes what the centre has
 * not received, highest class first, and not again what this stick carries already.
 * What another stick carries is written again: nobody knows whether it arrives.
 *
 * Own tars leave the stick once nothing in them is waited for, and so do those that
 * the centre has read, as soon as what it made no use of (damaged, behind a gap)
 * is on the stick anew.
 *
 * Single-threaded, as its box. Needs nothing but disk, clock and randomness given, so
 * that the simulator drives the same code. */
#ifndef TRAM_APPLIANCE_COURIER_H
#define TRAM_APPLIANCE_COURIER_H

#include "appliance/outbox.h"

/* Left free on the stick: for the centre's answer, and for what a file system needs to
 * say that it is full. */
#define COURIER_MARGIN_BYTES (2u << 20)

struct courier_options {
    struct box *box; /* enrolled */
    struct random *random;
    struct disk *stick;
    const char *dir; /* where on it */
    /* Now and then; false ends it after the entry at hand. May be NULL. */
    bool (*go_on)(void *arg, uint64_t bytes, uint64_t bytes_in_all);
    void *arg;
};

/* What the centre's tars on the stick had for us. */
struct courier_imported {
    unsigned tars; /* for this box */
    unsigned receipts;
    unsigned bundles; /* of the centre's own changes, new here */
    unsigned changes; /* frames of them that were applied */
    bool news;        /* … and they told something new */
    unsigned
        refused; /* receipts and bundles that are not our centre's, or make no sense */
    unsigned damaged; /* entries, stretches, tars cut off */
    unsigned foreign; /* tars of another province */
    bool forked;      /* our line was another one than the centre's, and was left */
    bool unhealed;    /* … and could not be: no epoch is left, or it is too long ago */
    unsigned removed; /* own tars that have done their work */
    uint64_t received, applied, safe; /* after all of it */
};

struct courier_exported {
    struct courier_imported in;
    unsigned tars, bundles, blobs, parts; /* written; parts: of blobs not whole here */
    unsigned carried;                     /* objects that this stick had already */
    unsigned unreadable; /* originals that this box cannot read any more */
    uint64_t bytes;
    uint64_t last; /* sequence that the stick now reaches; 0: all was received */
    bool full;     /* … the stick, before all was on it */
    bool stopped;  /* go_on said so */
};

/* -1: the stick or the box said no; *out says what was finished, and stays so. */
int courier_import(const struct courier_options *o, struct courier_imported *out,
                   struct err *e);
int courier_export(const struct courier_options *o, struct courier_exported *out,
                   struct err *e);

#endif
