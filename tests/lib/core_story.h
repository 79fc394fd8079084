/* Core story: a sync core driven by hand, and what it did told line by line, so
 * that a test can compare the whole of it. Keys are made from a seed; the centre's
 * messages are made here and signed by a centre's key. */
#ifndef TRAM_TESTS_CORE_STORY_H
#define TRAM_TESTS_CORE_STORY_H

#include "sync/core.h"

#define STORY_SITE   17
#define STORY_SECRET 42 /* every byte of the one-time secret's first */

struct core_story {
    struct random_seeded random;
    struct key_pair box, centre, stranger;
    struct sync_config config;
    struct sync *sync;
    struct sync_actions actions;
    int64_t now_ms;
    int64_t timer_ms;                   /* as last asked for; -1: not yet */
    uint64_t total_bytes[SYNC_CLASSES]; /* of the last object of each */
    bool images; /* the test has some; else the disk answers by itself that it has none */
    size_t block_bytes_max; /* what the last READ_BLOCK can be answered with */
    bool open;              /* a request that is not answered: */
    enum sync_action_kind asked;
    enum sync_class asked_class; /* NEXT_BLOB */
    bool no_image;               /* … is to be answered so */
    bool greeted;                /* hello was sent on this link */
    uint8_t box_epoch; /* that receipts name; 0: none, so that no line is in doubt */
    char names[64];    /* of frames: what was told of them last */
    struct chain_range range; /* the last READ_CHAIN */
    uint64_t
        chain_last; /* what the disk says is our last then; 0: what the core thinks */
    struct err err;
    struct buffer told;
};

/* A box that has been claimed, with nothing to send; change `config` before the
 * first event. */
void story_start(struct core_story *t);
void story_end(struct core_story *t);

/* What happened since the last time; fails the test if it is another story. */
void expect_story(struct core_story *t, const char *expected);
/* Forgets what happened so far: not what this test is about. */
void skip_story(struct core_story *t);

void story_wait(struct core_story *t, int64_t ms);
/* Lets time pass until a timer rings that the core does something at; earlier ones,
 * asked for in another state, are not told. */
void story_ring(struct core_story *t);

/* Events. Each is told as a line of its own, then what the core does. */
void story_event(struct core_story *t, enum sync_event_kind kind);
void story_commit(struct core_story *t, uint64_t last);
void story_told(struct core_story *t, uint8_t centre_epoch, uint64_t received);
void story_link_up(struct core_story *t); /* and there is room to write */
void story_object(struct core_story *t, enum object_kind kind, uint8_t name,
                  uint64_t first, uint64_t last, uint64_t total_bytes, bool sent_before);
void story_block(struct core_story *t, size_t count); /* read, sent, room again */
int story_message(struct core_story *t, const struct buffer *bytes);
void story_have(struct core_story *t, enum object_kind kind, uint8_t name,
                uint64_t offset);
void story_refused(struct core_story *t, enum object_kind kind, uint8_t name,
                   enum refused why);

/* What comes down: the centre's part, and what our disk says to it. */
void story_offer(struct core_story *t, enum object_kind kind, uint8_t name,
                 uint64_t total_bytes);
void story_incoming(struct core_story *t, enum object_kind kind, uint8_t name,
                    uint64_t total_bytes, uint64_t offset, size_t count);
void story_more(struct core_story *t, uint64_t bytes);
void story_whole(struct core_story *t, uint64_t seen);
void story_untaken(struct core_story *t, enum refused why);
void story_pong(struct core_story *t);
void story_fetch(struct core_story *t, uint8_t name);
/* Our line: what the disk has of it; and what the centre says, 0 or -1 as sync_step. */
void story_chain(struct core_story *t);
int story_known(struct core_story *t, const struct chain_range *r, uint8_t epoch,
                bool forged);
void story_budget(struct core_story *t, const struct sync_budget *b);

/* Gives the centre's receipt; 0 or -1 as sync_step. */
int story_receipt(struct core_story *t, const struct receipt *r);
/* … and its being stored. */
void story_receipted(struct core_story *t, uint64_t received, uint64_t applied);

#endif
