/* Room: when the disk runs low, originals that the centre has safe leave it, oldest
 * first, and come back when somebody asks. Nothing else is ever removed for room.
 *
 *   safe ─► a write: row away_blob (leaving) ─► a write: looked at again, file removed,
 *           row says gone
 *   show ─► wanted_blob ─► the centre is asked ─► room_take: file, then the rows
 *
 * The row comes first: a file that is gone is one that may be gone, whatever instant
 * the power goes at. Safe is what a receipt of the centre's present epoch calls so:
 * what a centre said before it was restored is void here until it says it again.
 *
 * An original stays while a page of it waits to be read, is in quarantine, or lacks
 * its small image. Its record, text and small image stay always. */
#ifndef TRAM_APPLIANCE_ROOM_H
#define TRAM_APPLIANCE_ROOM_H

#include "appliance/box.h"

/* Room is made below a floor of free space, up to a mark half as high again, so that
 * it is made now and then, not at every paper. The floor is above what the clerk is
 * told of as low and packing stops at (1 GiB: status.c, packing.c), because whoever
 * can be helped without a person is helped first: a tenth of the disk, since small
 * cards wear out when full; at least 2 GiB, a fortnight of scans at 150 MB a day; at
 * most 16 GiB, or a large disk would lie idle; and never more than a quarter of a
 * small disk. */
#define ROOM_FLOOR_PERCENT   10
#define ROOM_FLOOR_BYTES_MIN (2ull << 30)
#define ROOM_FLOOR_BYTES_MAX (16ull << 30)
#define ROOM_FLOOR_SHARE     4 /* of a small disk: a quarter */

uint64_t room_floor_bytes(uint64_t total_bytes);
uint64_t room_mark_bytes(uint64_t total_bytes);

/* The work of one call: files removed, and rows looked at to find them. */
#define ROOM_LEAVE_MAX 16
#define ROOM_LOOK_MAX  2000

/* How far the looking is; zeroed: at the beginning. */
struct room {
    uint64_t after; /* originals up to this id were looked at */
    bool making;    /* the floor was reached, the mark not yet */
};

/* Makes room, if it is wanted. 1: did what one call may, and there is more to look at;
 * 0: there is room, or nothing that may leave; -1: trouble with store or disk. */
int room_turn(struct box *b, struct room *r, struct err *e);

/* Whether it left to make room: its absence is no damage. */
int room_is_away(struct box *b, const struct hash *sha256, bool *away, struct err *e);

/* Writes down that somebody wants it back; unless it is not away. A write of its own. */
int room_want(struct box *b, const struct hash *sha256, struct err *e);

int room_is_wanted(struct box *b, const struct hash *sha256, bool *wanted, struct err *e);

/* What is wanted and has not come, in the order of the hashes: the first behind *at, or
 * of all if `first`; *found is false when there is none. For the carrier. */
int room_next_wanted(struct box *b, bool first, struct hash *at, bool *found,
                     struct err *e);

/* Keeps what came back and takes it off the lists. ERR_CORRUPT: its bytes are not of
 * this hash; nothing is kept. ERR_REFUSED: no record names it. ERR_NO_SPACE: a call of
 * room_turn() may help. It is made of the writer's bytes (room_take_written; the writer
 * stays the caller's), or of a file's. */
int room_take_written(struct box *b, struct blob_writer *w, const struct hash *sha256,
                      struct err *e);
int room_take(struct box *b, struct disk_file *from, const struct hash *sha256,
              struct err *e);

/* A record came down that names this file: unless it is here, it is wanted; `verify` tells of
 * it until it comes. Inside the caller's write. */
int room_named(struct box *b, const struct hash *sha256, struct err *e);

/* The file is here again, by whatever way: takes it off the lists. A write of its own;
 * room_came_back() is for inside the caller's. */
int room_is_back(struct box *b, const struct hash *sha256, struct err *e);
int room_came_back(struct box *b, const struct hash *sha256, struct err *e);

#endif
