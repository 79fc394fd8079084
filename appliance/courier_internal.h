/* The inside of the box's courier, for the files that share it: courier_stick.c knows
 * what is on the stick, courier_import.c takes in what the centre wrote, courier_fork.c
 * what it says of our lines,
 * courier_export.c writes what it has not received. */
#ifndef TRAM_APPLIANCE_COURIER_INTERNAL_H
#define TRAM_APPLIANCE_COURIER_INTERNAL_H

#include "appliance/courier.h"
#include "sync/courier_reader.h"
#include "sync/courier_writer.h"

/* A bundle, or a stretch of a blob, in one of our own tars. */
struct stick_entry {
    struct object_id object;
    uint64_t from, to; /* a bundle's sequences, a blob's bytes up to `to` */
    uint32_t tar;      /* in `list` */
    /* Of the object's entries up to this one, in tars that the centre has not read, the
     * one that reaches farthest; STICK_NONE: there is none. */
    uint32_t farthest;
};
#define STICK_NONE UINT32_MAX

/* So much of a blob is at the centre, as it wrote to the stick. */
struct stick_have {
    struct object_id object;
    uint64_t total_bytes; /* as somebody told the centre; 0: as it is */
    uint32_t order;       /* in which it was said */
    uint64_t bytes;
};

/* A stick in this box's hand. */
struct stick {
    const struct courier_options *options; /* not owned */
    struct outbox *outbox;
    struct sync_config config; /* the key in it is wiped */
    uint64_t common; /* the centre has shown that it knows our frames up to here */
    struct courier_line line;
    struct courier_list list;
    bool *wanted;                /* by tar: something in it is waited for */
    struct stick_entry *entries; /* by object, then `from` */
    size_t entries_count;
    struct stick_have *haves; /* by object, then `order`, when all were heard */
    size_t haves_count;
    uint32_t number_max, took; /* up tars: the highest there is; … the centre has read */
    struct buffer heard;       /* receipts as COURIER_HEARD has them */
    uint64_t bytes_done, bytes_in_all;
};

int stick_open(struct stick *s, const struct courier_options *o, struct err *e);
void stick_close(struct stick *s); /* a zeroed one is fine */

/* Whether to go on; counts the bytes. */
bool stick_go_on(struct stick *s, uint64_t bytes);

/* Reads the headers of our own up tars into `entries`. A tar that cannot be read is
 * passed over: what is in it is written again. */
int stick_survey(struct stick *s, struct err *e);

/* The stretch of the object that holds `at`, in a tar that the centre has not read;
 * marks its tar as wanted. NULL: there is none. */
const struct stick_entry *stick_find(struct stick *s, const struct object_id *object,
                                     uint64_t at);

/* The number of the next tar; beyond COURIER_NUMBER_MAX: none is left. */
uint32_t stick_next_number(struct stick *s);

/* Marks every tar that holds something of this object beyond `from`. */
void stick_want(struct stick *s, const struct object_id *object, uint64_t from);

/* What was heard of it; once all was, stick_sort_haves(). */
void stick_sort_haves(struct stick *s);
uint64_t stick_have(const struct stick *s, const struct sync_object *o);

/* Marks what the centre has not received. */
int stick_want_all(struct stick *s, struct err *e);

/* Removes what of our own was never finished. */
int stick_clear_parts(struct stick *s, struct err *e);

/* Removes our own up tars that are not wanted and, if `read_too`, those that the centre
 * has read. */
int stick_clear(struct stick *s, bool read_too, unsigned *removed, struct err *e);

/* courier_fork.c: what the centre says of our lines. Where ours is not the one that it
 * goes on with, the line is left, and the stick's box is at once what it is then. */
int stick_lines(struct stick *s, const struct buffer *bytes, struct courier_imported *out,
                struct err *e);
/* Whether a receipt is of what left here, or of frames that the centre has shown to be
 * ours. */
int stick_vouches(struct stick *s, const struct buffer *receipt, bool *vouched,
                  struct err *e);

/* courier_import.c: all but the clearing. */
int stick_hear(struct stick *s, struct courier_imported *out, struct err *e);

#endif
