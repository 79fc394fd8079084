/* What a fleet is made of: machines, boxes, sticks, links, and what has been seen of them.
 * Who does what with it is in fleet.h. */
#ifndef TRAM_TESTS_SIM_FLEET_WORLD_H
#define TRAM_TESTS_SIM_FLEET_WORLD_H

#include "appliance/afterwards.h"
#include "appliance/arrivals.h"
#include "appliance/outbox.h"
#include "base/disk_sim.h"
#include "sync/centre/session.h"
#include "sync/centre/sites.h"
#include "sync/receipt.h"
#include "sync/recovery.h"
#include "tests/lib/reader_fake.h"
#include "tests/lib/restorer_fake.h"

#define FLEET_NEVER_MS  INT64_MAX
#define FLEET_DIR_BYTES 32
#define FLEET_PROGRAMS  3 /* this one, and two invented ones after it */

/* What can be broken on purpose: each must be noticed. */
enum fleet_sabotage {
    FLEET_SOUND,
    FLEET_RECEIPT_BEFORE_SYNC,
    FLEET_ADVANCE_APART,
    FLEET_FORGET_REPLAY,
    FLEET_IGNORE_FILE_SYNC,   /* the disks only pretend to sync files */
    FLEET_SYNCHRONOUS_NORMAL, /* the stores do not sync each commit */
    FLEET_NO_PREEMPTION,      /* originals go before records */
    FLEET_ACCEPT_GAP,         /* frames are taken although some before them are missing */
    FLEET_SENT_IS_RECEIVED,   /* an original that left counts as received */
    FLEET_SAFE_BEFORE_BACKUP, /* one that was received is told to be in a backup */
    FLEET_CENTRE_IGNORES_SEEN, /* to the centre no two changes are ever concurrent */
    FLEET_BOX_IGNORES_SEEN,    /* … to the boxes */
    FLEET_SABOTAGES
};
const char *fleet_sabotage_name(enum fleet_sabotage s);
bool fleet_sabotage_find(const char *name, enum fleet_sabotage *out);

/* Faults that were injected, counted. */
enum fleet_fault {
    FAULT_BOX_POWER,    /* cut at a disk call of the box */
    FAULT_BOX_KILLED,   /* the process goes, the disk stays */
    FAULT_CENTRE_POWER, /* cut at a disk call of the centre */
    FAULT_CENTRE_KILLED,
    FAULT_AFTER_RECEIPT, /* the centre's power, right after a receipt left */
    FAULT_LINK_BROKEN,   /* both ends learn */
    FAULT_HALF_OPEN,     /* one end does not */
    FAULT_OUTAGE,        /* no signal for a while */
    FAULT_LOST,          /* one message */
    FAULT_DOUBLED,
    FAULT_REORDERED,
    FAULT_STALE,    /* a message of an earlier contact, again */
    FAULT_FOREIGN,  /* … of another box's contact */
    FAULT_RESTORED, /* the centre, put back to a backup */
    FAULT_EIO,      /* one disk call fails */
    FAULT_FULL,     /* a box's disk is full for a while */
    FAULT_CLOCK,    /* a wall clock goes wrong by hours or years */
    FAULT_NIGHT,    /* switched off at the wall for the night */
    FAULT_COURIER,  /* somebody takes a stick along: no fault by itself */
    FAULT_COURIER_LATE,
    FAULT_COURIER_LOST,
    FAULT_COURIER_DOUBLED, /* the same stick is taken in twice */
    FAULT_STICK_PULLED,    /* … out, while it is written */
    FAULT_UPGRADE,         /* a machine gets a newer program: no fault by itself */
    FAULT_COPIED,          /* a box's second copy is made: no fault by itself */
    FAULT_BOX_RESTORED,    /* … and a box of that, in the place of the lost one */
    FAULT_PUT_IN_AGAIN,    /* a box goes on with an older copy of its card, unnoticed */
    FAULT_TURN,            /* … and the card that was in is kept, for the next turn */
    FAULT_PARKED,   /* a change waited for a row that a centre lost: counted at rest */
    FAULT_EDIT,     /* the province changes a box's records: no fault by itself */
    FAULT_LOCK,     /* … and locks a value */
    FAULT_CONFLICT, /* both wrote in the same place: counted at rest */
    FAULT_PUT_BACK, /* … and the province's, locked, stands */
    FLEET_FAULTS
};
const char *fleet_fault_name(enum fleet_fault f);

enum { UP, DOWN };

struct fleet;

struct fleet_event {
    int64_t at_ms;
    uint64_t order; /* of events at the same time */
    void (*run)(struct fleet *f, struct fleet_event *ev);
    unsigned who;   /* a box, or a link's id */
    uint64_t stamp; /* the life of who it is for */
    struct buffer bytes;
};

struct fleet_clock {
    struct clock clock;
    const int64_t *now_ms; /* the fleet's */
    int64_t booted_ms;
    int64_t wrong_ms; /* by how much the wall clock is wrong */
    uint32_t boot;
};

/* A machine's disk, clock and luck. */
struct fleet_machine {
    struct disk *disk;
    struct disk_sim_faults faults;
    struct fleet_clock clock;
    struct random_seeded random;
    uint64_t life; /* raised whenever it goes down: older events are void */
    bool on;
    bool unwell;      /* a disk call was made to fail: errors are no surprise */
    unsigned program; /* which version of it runs there: fleet_program.c */
};

/* A line that a box was on before it was put back. */
struct fleet_line {
    uint8_t epoch;
    bool doubtful;
    uint64_t promised;
    struct hash *chains; /* owned */
    size_t count;
};

/* A document that a box has kept: no two have the same key. */
struct fleet_made {
    unsigned key, line; /* line: an index in `left`; its count: the line that it is on */
    uint64_t sequence;
};

/* What a box has shown as kept, and what the centre has promised it. */
struct fleet_memory {
    uint8_t epoch;
    bool doubtful;           /* put back, and not on a line of its own yet */
    bool returned;           /* to a line that it had left: as copied cards by turns do */
    struct fleet_line *left; /* owned */
    size_t left_count, left_capacity;
    size_t left_backed_up;       /* as the centre's backup knows: how many, */
    uint64_t promised_backed_up; /* … and of the line that was on then */
    struct fleet_made *made;     /* owned */
    size_t made_count, made_capacity;
    uint64_t last;       /* committed, and said so */
    struct hash *chains; /* [sequence], of the box's changelog; owned */
    size_t chains_count, chains_capacity;
    struct hash *kept;                            /* originals kept; owned */
    size_t kept_count, kept_capacity, kept_whole; /* seen whole after a restart */
    uint8_t promised_epoch;
    uint64_t promised;    /* received, by a receipt that left */
    bool centre_put_back; /* since that receipt: then it has only so much: */
    uint64_t still_had;
    struct hash *promised_blobs; /* owned */
    size_t promised_blobs_count, promised_blobs_capacity, promised_blobs_whole;
};

/* What the province wrote into one column of a box's row. */
struct fleet_edit {
    unsigned number;
    bool sure;  /* committed, or found there after a restart */
    bool maybe; /* after a backup that was put back: what a box had of it comes back */
    bool locks; /* … and no box may change it */
    uint64_t subject; /* whose: the id that the row's key begins with */
    const char *table, *column, *name, *source; /* the last two of a field, or "" */
    unsigned ordinal;
    char value[32];
};

/* Messages of earlier contacts, to come again. */
#define FLEET_STALE_MAX 24
struct fleet_stale {
    struct buffer messages[FLEET_STALE_MAX];
    size_t count;
};

/* What a box's contact has shown so far: fleet_watch.c. */
struct fleet_watch {
    uint64_t told; /* last sequence that the core was told of */
    uint64_t sent; /* … that left whole in this contact, or is received */
    bool bundle;   /* one is on its way: */
    bool asked;    /* it was offered; the answer is not here yet */
    struct sync_object object;
    unsigned blob_blocks, record_blocks; /* that left while records waited */
    uint64_t received;                   /* at the last look, as the next two */
    size_t blobs;
    bool due; /* it had a backlog then */
};

struct fleet_box {
    struct fleet_machine machine;
    uint16_t site;
    struct box *box; /* NULL while the machine is off, as the next four */
    struct outbox *outbox;
    struct arrivals *arrivals;
    struct sync *core;
    struct sync_actions actions;
    struct buffer block; /* what a READ_BLOCK or READ_CHAIN answered */
    unsigned link;       /* id; 0: none */
    bool took;           /* something that came down, since it looked for commits */
    bool signal;         /* there is a network */
    int64_t signal_ms;   /* since when */
    int64_t timer_ms;
    struct fleet_memory memory;
    unsigned documents; /* taken in so far */
    struct reader_fake reader;
    struct afterwards afterwards; /* since it booted */
    struct fleet_stale stale[2];  /* by direction */
    struct fleet_watch watch;
    struct fork_names fork_names; /* the core asked for it: */
    uint8_t fork_epoch;           /* … under this one; 0: it did not */
    struct {
        struct disk *disk; /* owned; NULL: none yet */
        struct recovery_key key;
        struct fleet_line line; /* what it is a copy of, or of the beginning of it */
        bool is_there;
    } copy; /* its second copy */
    struct {
        struct disk *disk;      /* owned; NULL: none */
        struct fleet_line line; /* what is on it */
        bool turns;             /* fit to take turns: fleet_card_turn() */
        bool turned;            /* the two have */
    } card;                     /* a copy of its card, that nobody knows of */
    struct fleet_edit *edits;   /* the province's in this box's records; owned */
    size_t edits_count, edits_capacity;
    uint64_t down_left,
        down_backed_up; /* frames to it: may have left, are in the backup */
};

#define FLEET_STICKS 2
struct fleet_stick {
    struct fleet_machine machine; /* only its disk and its luck */
    bool away;
};

struct fleet_link {
    unsigned id, box;
    bool box_open, centre_open; /* as each end believes */
    bool broken;                /* nothing passes any more */
    uint8_t binding[16];
    struct session *session;
    int64_t free_ms[2];       /* when the last byte has left, by direction */
    struct buffer in[2];      /* arrived, not a whole message yet */
    struct buffer put_off[2]; /* a message that the next one overtakes */
    struct fleet_link *next;
};

struct fleet_odds { /* in 10,000, of each message */
    unsigned lost, doubled, reordered, stale;
};

struct fleet {
    uint64_t seed;
    int64_t now_ms;
    struct fleet_event **events; /* a heap, the next one first; owned */
    size_t events_count, events_capacity;
    uint64_t order;
    struct buffer told; /* the trace, if `trace` */
    bool trace, twice;
    int64_t told_from_ms; /* what the trace calls 0 */
    enum fleet_sabotage sabotage;

    struct fleet_machine centre_machine;
    struct centre *centre; /* NULL while off */
    struct restorer_fake restorer;
    bool tick_set, receipt_then_cut;
    char centre_dir[FLEET_DIR_BYTES], backup_dir[FLEET_DIR_BYTES]; /* newest; or empty */
    unsigned backups, restores;
    bool backup_used;  /* put back once already: the centre would be the same one again */
    bool restored_now; /* … and has not booted since */
    unsigned documents_made, disks_made;
    bool province_writes; /* it changes records in this world */
    unsigned edits_made, edits_backed_up;
    struct fleet_box *boxes; /* owned */
    unsigned boxes_count;

    struct fleet_stick sticks[FLEET_STICKS];
    struct fleet_link *links;
    unsigned links_made;
    int64_t delay_ms;
    uint64_t rate_bytes_s;
    struct fleet_odds odds;
    enum message_type lose_next[2]; /* 0: none; for stories */

    struct random_seeded chance; /* of work and faults, and of nothing else */
    unsigned days_left, docs_per_day;
    bool load;         /* a province: nothing is kept to come again */
    int64_t struck_ms; /* when the last fault was */
    uint64_t faults[FLEET_FAULTS];
    uint64_t steps;            /* events that ran */
    uint64_t applied;          /* frames, by the centre */
    struct fleet_roads *roads; /* counts what arrives; or NULL */
    int64_t road_ms;           /* a courier is this long on the road at most; 0: hours */
    char failure[512];         /* the first thing that did not hold; empty: none */
};

#endif
