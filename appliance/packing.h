/* Packing: originals in fewer bytes (ocr/repack/repack.h), to travel in their place.
 *
 * Each original is tried once, unless some of it has left already; the row says what
 * came of it and is never made again. The packed form was restored and compared
 * before the row is written. The original itself stays as it is: the packed form is
 * only for the road, and goes when the centre has the original safe. */
#ifndef TRAM_APPLIANCE_PACKING_H
#define TRAM_APPLIANCE_PACKING_H

#include "appliance/box.h"

/* How far the looking is; zeroed: at the beginning. */
struct packer {
    uint64_t after; /* originals up to this id were looked at */
};

/* A box without a centre sends nothing, so it packs nothing; nor does one whose disk is
 * nearly full.
 * 1: tried one (*gained: it is packed now); 0: none is left; -1: trouble. */
int packing_next(struct box *b, struct packer *p, bool *gained, struct err *e);

/* 1: one packed form whose original is safe at the centre was thrown away; 0: there
 * is none. */
int packing_drop_next(struct box *b, struct err *e);

#endif
