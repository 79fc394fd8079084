/* A province, a commune's box and sticks between them, all on simulated disks and in
 * one process; nothing else connects them, but what a test says came by link. */
#ifndef TRAM_TESTS_COURIER_WORLD_H
#define TRAM_TESTS_COURIER_WORLD_H

#include "appliance/courier.h"
#include "sync/centre/courier.h"
#include "sync/courier_writer.h"
#include "tests/lib/box_world.h"
#include "tests/lib/province.h"

#define STICK_DIR      "/media/usb"
#define STICKS         2
#define STICK_TOLD_MAX 16

struct stick_told {
    struct tar_told tar;
    struct courier_name name; /* tar.name points to it */
};

struct courier_world {
    struct province province;
    struct box_world box;
    struct enrolment enrolment;
    struct random_seeded random;
    struct disk *sticks[STICKS];

    /* What was said last. */
    struct courier_exported exported;
    struct courier_imported imported;
    struct stick_told told[STICK_TOLD_MAX];
    size_t told_count;
    struct courier_answered answered;
    struct err err;
};

/* A centre, a box enrolled by its file, and empty sticks. */
void courier_world_start(struct courier_world *w);
void courier_world_finish(struct courier_world *w);

/* A paper of one page, read; its original has so many bytes more, which do not shrink. */
void courier_world_take(struct courier_world *w, const char *text, size_t bytes);

/* Records with nothing heavy behind them. */
void courier_world_take_some(struct courier_world *w, unsigned count);

/* At the box, with this stick. The result is theirs. */
int world_export(struct courier_world *w, int stick);
int world_import_stick(struct courier_world *w, int stick);
/* At the centre: taken, applied, answered. */
int province_import(struct courier_world *w, int stick);
/* Answers for all, without anything taken. */
int province_export(struct courier_world *w, int stick);

/* All four steps of a trip, which must succeed. */
void world_trip(struct courier_world *w, int stick);

/* What the link would do: bundles up to the end, and a receipt back if `heard`. */
void world_link(struct courier_world *w, bool heard);

/* Tars of ours on the stick. */
struct courier_list stick_list(struct courier_world *w, int stick);
unsigned stick_count(struct courier_world *w, int stick, enum direction direction);
/* The bytes at `offset` of the nth tar of this direction are changed. */
void stick_change(struct courier_world *w, int stick, enum direction direction,
                  unsigned nth, uint64_t offset, const void *bytes, size_t count);
void stick_cut(struct courier_world *w, int stick, unsigned nth, uint64_t bytes);
uint64_t stick_tar_bytes(struct courier_world *w, int stick, unsigned nth);
/* The first one's files, on the second too. */
void stick_copy(struct courier_world *w, int from, int to);

/* The tar of this number between the two, and where it is on a stick. */
struct courier_name stick_name(const struct courier_world *w, enum direction direction,
                               uint32_t number);
void stick_path(struct courier_world *w, char path[DISK_PATH_BYTES],
                enum direction direction, uint32_t number);
/* It is written to the first stick by somebody else. */
struct courier_writer *stick_forge(struct courier_world *w, enum direction direction,
                                   uint32_t number);
void stick_forged(struct courier_world *w, struct courier_writer *tar);

/* Everything that the box has is applied at the centre, with every original; and the
 * box knows. */
void expect_all_there(struct courier_world *w);
uint64_t world_last(struct courier_world *w);
struct site_row world_site(struct courier_world *w);

#endif
