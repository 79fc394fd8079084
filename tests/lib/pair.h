/* A pair for tests: a province and one of its boxes, both real, on simulated disks;
 * bundles are carried both ways by the test itself, whole, in any order. */
#ifndef TRAM_TESTS_PAIR_H
#define TRAM_TESTS_PAIR_H

#include "appliance/incoming.h"
#include "appliance/outbox.h"
#include "sync/centre/down.h"
#include "tests/lib/province.h"

#define PAIR_DIR "/box"

struct pair {
    struct province p;
    struct disk *disk; /* the box's: simulated, owned */
    struct clock_manual clock;
    struct random_seeded random;
    struct key_pair key;
    struct box *box;
    uint16_t site;
    bool mortal, died; /* the centre's disk may die: then what it does is no failure */
    struct err err;
};

/* Enrolled and claimed; fails the test if it cannot be had. */
void pair_start(struct pair *p, uint64_t seed);
void pair_finish(struct pair *p);

int64_t pair_box_number(struct pair *p, const char *sql);
int64_t pair_centre_number(struct pair *p, const char *sql);

/* A captured write at the box, a down frame at the centre. 0: it changed nothing; a
 * statement that fails fails the test. */
uint64_t pair_box_writes(struct pair *p, const char *sql);
uint64_t pair_centre_writes(struct pair *p, const char *sql);

/* Outside every frame, as only a test can. */
void pair_centre_alone(struct pair *p, const char *sql);

/* Ends a captured write of the caller's own, and lets search follow it. */
uint64_t pair_box_commit(struct pair *p);

uint64_t pair_box_last(struct pair *p);    /* its last frame */
uint64_t pair_centre_last(struct pair *p); /* the centre's last frame to it */

/* Seals the box's frames first..last (as far as they are) and hands them over. */
enum journal_verdict pair_carry_up(struct pair *p, uint64_t first, uint64_t last);
/* Whatever the centre says of them. */
enum journal_verdict pair_try_up(struct pair *p, uint64_t first, uint64_t last);
/* The same, and the centre will not have them: why. */
void pair_refused_up(struct pair *p, uint64_t first, uint64_t last, enum refused why);
/* The bundle of the centre's that holds this sequence. */
enum incoming_verdict pair_carry_down(struct pair *p, uint64_t sequence);

unsigned pair_apply_up(struct pair *p, unsigned frames_max);
unsigned pair_apply_down(struct pair *p, unsigned frames_max);

/* Everything that is there is carried and applied at both ends, until nothing is left. */
void pair_settle(struct pair *p);

/* The box makes a document, PAIR_ID "1", of the type "quyết định"; both have it. */
#define PAIR_ID "((1 << 8) + 1 << 28) + "
void pair_document(struct pair *p);

/* The box's database as it is now; and the box put back to that, as a copied card would
 * be: nothing tells it. Released by putting back. */
#define PAIR_KEPT_FILES     2
#define PAIR_KEPT_BYTES_MAX (64u << 20)
struct pair_kept {
    struct buffer files[PAIR_KEPT_FILES];
};
void pair_forget(struct pair_kept *kept); /* not put back; a zeroed one is fine */
void pair_box_keep(struct pair *p, struct pair_kept *kept);
void pair_box_put_back(struct pair *p, struct pair_kept *kept);

/* The same of the centre; put back, it has a new epoch, as restore gives it. */
void pair_centre_keep(struct pair *p, struct pair_kept *kept);
void pair_centre_put_back(struct pair *p, struct pair_kept *kept);
/* Both say what they have, as at the beginning of a contact, and then all is carried. */
void pair_meet(struct pair *p);

/* Whether the synced tables hold the same rows of the site at both ends; `why` names the
 * first that does not. *rows counts what was compared. */
bool pair_equal(struct pair *p, char why[256], uint64_t *rows);

void pair_expect_equal(struct pair *p); /* … and some rows */

/* Problems that the box's and the centre's verify tell, the first is printed. */
unsigned pair_problems(struct pair *p);

#endif
