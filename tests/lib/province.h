/* A province for tests: a centre on a disk, boxes whose bundles are made by hand from
 * a real store, and contacts between them without a socket. */
#ifndef TRAM_TESTS_PROVINCE_H
#define TRAM_TESTS_PROVINCE_H

#include "base/disk_sim.h"
#include "sync/bundle.h"
#include "sync/centre/apply.h"
#include "sync/centre/journal.h"
#include "sync/centre/session.h"
#include "sync/centre/sites.h"
#include "sync/receipt.h"
#include "tests/lib/scratch.h" /* must() */

#define PROVINCE_DIR "/centre"
#define PROVINCE_URL "https://127.0.0.1:8443"

/* ------------------------------------------------------------------ the centre */

struct province {
    struct disk *disk; /* simulated, owned */
    struct clock_manual clock;
    struct random_seeded random;
    struct centre *centre; /* NULL while closed */
    struct err err;
};

/* A simulated disk with a centre on it, open; fails the test if it cannot be had. */
void province_start(struct province *p, uint64_t seed);
void province_finish(struct province *p);

int province_open(struct province *p, struct err *e);
void province_close(struct province *p);
/* The power goes and comes again; closed afterwards. */
void province_power_cut(struct province *p);
/* Its database is lost, while closed. */
void province_forget(struct province *p);

/* The number that `sql` selects from the centre's store. */
int64_t province_number(struct province *p, const char *sql);
struct site_row province_site(struct province *p, uint16_t site);
/* How many alarms of this kind there are about the site. */
unsigned province_alarms(struct province *p, uint16_t site, const char *kind);
/* Applies all that is ready; how many frames that were. */
unsigned province_apply(struct province *p);
/* How many hits a query has, and the best one's document. */
unsigned province_search(struct province *p, const char *query, uint64_t *document);

/* --------------------------------------------------------------------- a box */

struct hand_box {
    struct disk *disk; /* simulated, owned */
    struct clock_manual clock;
    struct random_seeded random;
    struct store *store;
    struct records *records;
    struct enrolment enrolment;
    struct key_pair key;
    bool claims; /* says CLAIM before its hello */
    struct err err;
};

/* Enrols it at the centre and makes its store. */
void hand_box_start(struct hand_box *b, struct province *p, const char *name,
                    uint64_t seed);
void hand_box_finish(struct hand_box *b);

/* A document of one page with its reading, in one frame: its id. `original` (may be
 * NULL) is what its blob holds. */
uint64_t hand_box_take(struct hand_box *b, const char *text, const char *original);
/* Its type becomes another one: a frame with an UPDATE. */
void hand_box_retype(struct hand_box *b, uint64_t document, const char *type);
/* Runs SQL inside a captured write. */
void hand_box_write(struct hand_box *b, const char *sql);
uint64_t hand_box_last(struct hand_box *b);

/* An object on its way: its id and the bytes that travel. */
struct parcel {
    struct object_id id;
    struct buffer bytes;
};
void parcel_release(struct parcel *p);
/* Gives it the id that its bytes have now: for bundles. */
void parcel_rename(struct parcel *p);

/* Frames first..last, sealed by the box for the centre. */
void hand_box_bundle(struct hand_box *b, struct province *p, uint64_t first,
                     uint64_t last, struct parcel *out);
/* A bundle of this one frame, whatever it holds, whose chain begins with it. */
void hand_box_frame(struct hand_box *b, struct province *p, const struct frame *f,
                    struct parcel *out);
/* The sealed form of an original. */
void hand_box_blob(struct hand_box *b, struct province *p, const void *bytes,
                   size_t count, struct parcel *out);

/* ----------------------------------------------------------------- a visit */

/* What the centre has said in it. */
struct visit {
    struct session *session;
    struct public_key centre;
    uint16_t site; /* whose receipts are expected */
    char binding[32];
    bool open; /* the centre goes on listening */
    bool died; /* its own trouble: nothing was answered */
    unsigned receipts, haves, refusals, pings;
    struct receipt receipt; /* the last one */
    uint64_t have;          /* the last offset */
    enum refused reason;    /* the last */
    unsigned chains;        /* answers about the box's line, proved */
    struct chain_range chain;
    uint8_t chain_epoch; /* the last */
    struct err err;
};

/* Claim (if it has not claimed) and hello; the answers are in it. */
void visit_begin(struct visit *c, struct province *p, struct hand_box *b);
/* No hello yet. */
void visit_connect(struct visit *c, struct province *p, const char *binding);
void visit_end(struct visit *c);

/* Hands over whole messages, one after the other, as long as the centre listens. */
void visit_say(struct visit *c, const struct buffer *messages);
void visit_offer(struct visit *c, const struct parcel *p);
/* Its blocks from `offset` up to `end`. */
void visit_send_part(struct visit *c, const struct parcel *p, uint64_t offset,
                     uint64_t end);
void visit_send(struct visit *c, const struct parcel *p); /* all of it */
/* -1 when the centre dies over it. */
int visit_news(struct visit *c);
/* Asks which frames of that range the centre knows: the box's own hashes, but those of
 * places after `good`, which are of nobody's. */
void visit_ask_chain(struct visit *c, struct hand_box *b, const struct chain_range *r,
                     uint64_t good);

#endif
