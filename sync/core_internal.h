/* Core, inside: what its parts share. core.c steps, and moves from state to state;
 * core_contact.c begins, times and ends contacts; core_outgoing.c sends bundles and
 * blobs block by block, core_blobs.c knows which blobs are on their way or awaited,
 * core_ahead.c goes on with one before the centre has said from where, and
 * core_classes.c says of which class the next block is;
 * core_incoming.c takes what comes down; core_receipt.c stores receipts and believes
 * them; core_held.c knows what the centre has and cannot take yet; core_fork.c finds where
 * our line and the centre's part. For sync/core*.c only. */
#ifndef TRAM_SYNC_CORE_INTERNAL_H
#define TRAM_SYNC_CORE_INTERNAL_H

#include "sync/core.h"

#define SYNC_BINDING_BYTES_MAX 256 /* of a link's binding */

#define BLOBS_AWAITED_MAX 32
#define BLOBS_REFUSED_MAX 8
#define BUNDLES_LEFT_MAX  8 /* remembered: an answer is a few behind what leaves */

/* One object on its way out. */
struct outgoing {
    bool active;
    bool asked; /* OFFER sent, HAVE not yet here */
    struct sync_object object;
    uint64_t offset;               /* of the next block */
    uint64_t ahead_from, ahead_to; /* left before HAVE came, behind a gap; or 0 */
};

/* How far a blob had left when its contact ended: a guess at how much has arrived. */
struct reached {
    struct object_id object;
    uint64_t total_bytes, offset;
};

/* The classes that are blobs, and where each stands in its order. */
#define BLOB_CLASS_FIRST SYNC_CLASS_IMAGES
#define BLOB_CLASSES     2
struct blob_line {
    struct outgoing out;
    uint64_t after; /* place of the last one that left or was passed over */
    bool over;      /* none after that one */
    bool anew;      /* after the one on its way, look from the start again */
};

/* One object on its way in. */
struct incoming {
    bool active;
    bool taken; /* it was, or will not be: what still comes of it is passed over */
    bool asked; /* HAVE was said, and nothing that fits has come since */
    bool tell;  /* HAVE is to be said */
    bool fresh; /* what was offered is what waits in front */
    struct object_id object;
    uint64_t total_bytes, bytes;
    struct buffer waiting; /* OFFERs and BLOCKs not looked at yet, as messages */
};

enum request {
    REQUEST_NONE,
    REQUEST_BUNDLE,
    REQUEST_BLOB,
    REQUEST_BLOCK,
    REQUEST_STORE,
    REQUEST_OFFER,
    REQUEST_TAKE,
    REQUEST_CHAIN,
};

/* Whether our line is the centre's: the drawing is in core.h. */
enum fork_state { FORK_NONE, FORK_SUSPECTED, FORK_READING, FORK_ASKED };

struct fork {
    enum fork_state state;
    bool refused; /* the centre holds something else under a number of ours, or knows
                       that another box goes on in our name, and took it all the same: */
    uint64_t refused_last; /* … the last frame of what it refused */
    bool replaced;         /* it goes on with another line, of a higher epoch */
    uint64_t said;  /* that it has of our epoch, and not by what we saw leave; or 0 */
    uint64_t known; /* … it was looked at, and is ours up to here */
    uint64_t from;  /* the centre has said of our line that it has this frame */
    struct chain_range range; /* what we ask about */
    struct fork_names names;  /* … by other names than ours: of this epoch */
    unsigned tried;           /* epochs of such names */
    uint8_t epoch;            /* the new line's, then */
};

/* Frames that the centre has on its disk, and no receipt says so: it holds them until it
 * has what comes before. Of what lies apart, what was said last. */
struct held {
    uint64_t first, last; /* 0: none */
};

/* What is forgotten when a contact ends. */
struct contact {
    bool writable;
    unsigned pongs_owed; /* once the receipts before the PING are stored */
    bool claimed;        /* our claim was sent in it */
    bool answered;       /* a receipt came: we know where the centre stands */
    bool greeted; /* … the first of them, which nothing that we sent has changed */
    struct outgoing bundle;
    struct blob_line blobs[BLOB_CLASSES];
    unsigned asking;               /* REQUEST_BLOB: in which line */
    unsigned passed[SYNC_CLASSES]; /* blocks of others since this class could have one */
    struct outgoing *reading;      /* whose block was asked for */
    uint64_t sent;                 /* last sequence that left whole in this contact */
    uint64_t left;                 /* the highest such, wherever we went back to since */
    size_t leaving_bytes;          /* of the block that the carrier's buffer took last */
    int64_t leaving_ms;            /* since */
    unsigned lacks; /* why the centre will not have `lacking` as it is; 0: nothing */
    struct object_id lacking;
    unsigned lacked;     /* how often it said so */
    uint64_t gap_filled; /* first sequence of the gap that we went back for */
    struct sync_object bundles_left[BUNDLES_LEFT_MAX]; /* whole; round and round */
    size_t bundles_left_count;
    bool held_said; /* the centre has said in this contact that it holds s->held */
    struct object_id awaited[BLOBS_AWAITED_MAX]; /* blobs that left: no receipt yet */
    size_t awaited_count;
    int64_t heard_ms; /* the other end, or its acknowledgements, were there */
    int64_t moved_ms; /* something went on: a block, a receipt */
    bool pinged;      /* since heard_ms */
    bool doubted; /* a network appeared since; and nothing was heard after that, by: */
    int64_t doubted_until_ms;
    struct incoming *taking;  /* what a TAKE was asked for */
    bool incoming_stopped;    /* our disk said no: nothing more in this contact */
    unsigned incoming_passed; /* blocks of records since a blob was taken */
    unsigned pings, pongs;    /* sent, and answered */
    unsigned pongs_due;       /* … so many, before all was said */
    unsigned wanted_said;     /* of s->wanted, the first so many */
    bool lingering;           /* nothing left to send; until: */
    int64_t linger_until_ms;
    unsigned char
        binding[SYNC_BINDING_BYTES_MAX]; /* of this link: answers are bound to it */
    size_t binding_count;
};

struct sync {
    struct sync_config config;
    enum sync_state state;
    unsigned failures; /* contacts in a row that ended badly */
    unsigned refused;
    bool answered_ever;                 /* by a receipt: the centre knows us */
    bool receipted;                     /* one was stored since this core began */
    bool claim_again;                   /* it did, and does not any more */
    uint64_t drained_bytes, drained_ms; /* blocks, and how long they took to leave */
    bool backing_off;                   /* WAITING, because a contact ended badly */
    unsigned withheld;                  /* 1 << class, since the last contact began */
    int64_t wake_ms; /* when IDLE, CONNECTING and WAITING have lasted long enough */
    bool armed;      /* a timer was asked for and has not rung */
    int64_t armed_ms;

    enum request request;
    struct contact contact;
    struct fork fork;
    struct held held;
    struct incoming incoming[OBJECT_KINDS];   /* of a contact, but their buffers last */
    struct object_id wanted[SYNC_WANTED_MAX]; /* blobs that shall come back */
    size_t wanted_count;
    struct object_id
        denied[SYNC_WANTED_MAX]; /* … that do not come: not again for an hour */
    size_t denied_count;
    struct receipt storing;         /* the receipt that REQUEST_STORE is for */
    struct buffer receipts_waiting; /* that came meanwhile: u32 count | bytes, each */
    struct reached reached[BLOB_CLASSES];
    struct object_id
        blobs_refused[BLOBS_REFUSED_MAX]; /* damaged: not again for an hour */
    size_t blobs_refused_count;
};

/* ------------------------------------------------------------------- core.c */

struct sync_action *sync_act(struct sync_actions *out, enum sync_action_kind kind);
void sync_trace(struct sync_actions *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sync_move(struct sync *s, enum sync_state to);
bool sync_sabotaged(enum sync_sabotage how);
void sync_request(struct sync *s, enum request r);

/* ---------------------------------------------------------------- contact */

void contact_forget(struct sync *s);
void contact_connect(struct sync *s, int64_t now_ms, struct sync_actions *out);
/* The first flight: claim if we are new, and the status vector. */
void contact_greet(struct sync *s, const struct sync_event *in, struct sync_actions *out);
/* The centre does not know us: true if it shall hear our claim, soon. */
bool contact_claim_again(struct sync *s, int64_t now_ms, struct sync_actions *out);
/* There may be a way now. */
void contact_network(struct sync *s, int64_t now_ms, struct sync_actions *out);
/* The link broke, or could not be had. */
void contact_lost(struct sync *s, int64_t now_ms, struct sync_actions *out);
/* We leave, and come back at that time. */
void contact_leave_until(struct sync *s, int64_t at_ms, struct sync_actions *out);
void contact_heard(struct sync *s, int64_t now_ms);
/* Ends the contact if nothing is left to do; true if it did. */
bool contact_over(struct sync *s, int64_t now_ms, struct sync_actions *out);
/* What a timer that rings means now. */
void contact_timer(struct sync *s, int64_t now_ms, struct sync_actions *out);
/* When to be woken in this state. */
int64_t contact_deadline(const struct sync *s);
/* Everything committed has a receipt or is held, and every original known of has one (or
 * was refused). */
bool contact_nothing_left(const struct sync *s);

/* ---------------------------------------------------------------- classes */

/* Of which class the next block is; false: there is nothing that could go. */
bool classes_next(const struct sync *s, enum sync_class *out);
/* A block of it left. */
void classes_sent(struct sync *s, enum sync_class class, size_t bytes);
bool class_allowed(const struct sync *s, enum sync_class class);
/* Something of it waits that is not allowed. */
void class_withhold(struct sync *s, enum sync_class class, struct sync_actions *out);
void classes_budget(struct sync *s, const struct sync_event *in,
                    struct sync_actions *out);

/* --------------------------------------------------------------- outgoing */

/* The most important thing that can be done now: classes_next(). */
void outgoing_pump(struct sync *s, struct sync_actions *out);
/* Tells what waits and is not allowed; the contact may end without it. */
void outgoing_withhold(struct sync *s, struct sync_actions *out);
/* Whether something of this class could be done now, if it is its turn. */
bool outgoing_ready(const struct sync *s, enum sync_class class);
void outgoing_here(struct sync *s, enum request was, const struct sync_object *object);
void outgoing_none(struct sync *s, enum request was);
/* There is room again: the block before has left. */
void outgoing_drained(struct sync *s, int64_t now_ms);
void outgoing_block(struct sync *s, const struct sync_event *in,
                    struct sync_actions *out);
int outgoing_have(struct sync *s, const struct message *m, struct sync_actions *out,
                  struct err *e);
/* The centre will not have this object. False: it will not have us. */
bool outgoing_refused(struct sync *s, const struct message *m);
/* The block asked for cannot be read; true if it was an original's, and the rest
 * goes on without it. */
bool outgoing_unreadable(struct sync *s);
/* The centre stands at config.received: goes on from there. */
void outgoing_go_back(struct sync *s);
void outgoing_skip(struct sync *s);
/* It is not on its way any more; a block that is being read for it is not sent. */
void outgoing_drop(struct sync *s, struct outgoing *o);

/* ------------------------------------------------------------------ blobs */

struct blob_line *blob_line_of(struct contact *c, enum sync_class class);
/* The line on which this blob is on its way. */
struct blob_line *blob_line_with(struct contact *c, const struct object_id *id);
/* It has left, or is not to: the next one comes after it. */
void blob_drop(struct sync *s, struct blob_line *line);
/* All of them left or were passed over. */
bool blobs_over(const struct sync *s);
/* Any original may be needed again. */
void blobs_anew(struct sync *s);
/* It has left, and waits for its receipt. */
void blob_await(struct contact *c, const struct object_id *id);
bool blob_is_awaited(const struct contact *c, const struct object_id *id);
/* It is there, by whatever road. */
void blob_received(struct sync *s, const struct hash *sha256);
bool blob_was_refused(const struct sync *s, const struct object_id *id);
/* Goes on without it. False if there were so many that it is no accident. */
bool blob_pass_over(struct sync *s, const struct object_id *id);

/* ------------------------------------------------------------------ ahead */

/* `o` was offered: goes on from where we think it is, if we know of that. */
void ahead_begin(const struct sync *s, struct outgoing *o);
/* Nothing more of `o` may leave before HAVE. */
bool ahead_waits(const struct outgoing *o);
/* How much the next block may have. */
size_t ahead_room(const struct outgoing *o);
/* A block of `o` has left, and `offset` is behind it. */
void ahead_left(struct sync *s, struct outgoing *o);
/* HAVE came: sets `offset` to what the centre lacks first. */
void ahead_have(struct outgoing *o, uint64_t have);

/* ------------------------------------------------------------------- held */

/* A bundle left whole; the centre has said that it has so many bytes of one that did. */
void held_left(struct sync *s, const struct sync_object *o);
void held_have(struct sync *s, const struct object_id *id, uint64_t bytes);
/* One that left in this contact, of the last few; NULL: it is none. */
const struct sync_object *held_find(const struct sync *s, const struct object_id *id);
/* Whether the centre held this frame when we last heard: its bundle is asked after. */
bool held_begins(const struct sync *s, uint64_t first);
/* If all before what is held has left, goes on behind it. */
void held_pass(struct sync *s);
/* Up to where the centre has all, received or held, as it has said in this contact. */
uint64_t held_there(const struct sync *s);
/* `received` has been told, which was `before`: what was held and is not in it then is not
 * held any more. */
void held_receipt(struct sync *s, uint64_t before);
void held_forget(struct sync *s);

/* --------------------------------------------------------------- incoming */

/* OFFER or BLOCK came. */
void incoming_message(struct sync *s, const struct message *m, struct sync_actions *out);
/* Looks at what waits, and asks for blobs that are wanted, if nothing else is being
 * asked for. */
void incoming_next(struct sync *s, struct sync_actions *out);
void incoming_taken(struct sync *s, enum request was, const struct sync_event *in,
                    struct sync_actions *out);
/* Our own disk said no. */
void incoming_failed(struct sync *s);
void incoming_fetch(struct sync *s, const struct sync_event *in,
                    struct sync_actions *out);
/* The centre does not have what we want; false: it is about something else. */
bool incoming_refused(struct sync *s, const struct message *m);
/* Whether the centre has said all, and all that came was taken. */
bool incoming_settled(const struct sync *s);
void incoming_forget(struct sync *s);
/* What was denied may be asked for again. */
void incoming_hope_again(struct sync *s);

/* ------------------------------------------------------------------- fork */

/* The centre refused what we sent. */
void fork_refused(struct sync *s, const struct object_id *object,
                  struct sync_actions *out);
/* Whether this receipt must wait: what it says can be true of our line only if that is
 * not what we think. */
bool fork_suspects(struct sync *s, const struct receipt *r, struct sync_actions *out);
/* Whether our line is in doubt, and all else waits. */
bool fork_in_doubt(const struct sync *s);
/* Asks, if nothing else is being asked for. */
void fork_next(struct sync *s, struct sync_actions *out);
void fork_hashes(struct sync *s, const struct sync_event *in, struct sync_actions *out);
int fork_answer(struct sync *s, const struct sync_event *in, struct sync_actions *out,
                struct err *e);
/* What was asked in it is asked again in the next one. */
void fork_contact_over(struct sync *s);

/* ---------------------------------------------------------------- receipts */

int receipts_take(struct sync *s, const struct message *m, struct sync_actions *out,
                  struct err *e);
/* Stores the next one that waited, if nothing else is being asked for. */
void receipts_next(struct sync *s, struct sync_actions *out);
/* Whether none is waiting or being stored. */
bool receipts_settled(const struct sync *s);
void receipts_stored(struct sync *s, int64_t now_ms, struct sync_actions *out);
/* What is on disk counts, whoever stored it. */
void receipts_told(struct sync *s, const struct sync_told *r);

#endif
