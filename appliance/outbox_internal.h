/* The inside of struct outbox, for the files that share it: outbox.c opens and
 * tells, outbox_bundle.c makes bundles, outbox_send.c reads what goes out,
 * outbox_receipt.c takes what comes back, outbox_chain.c tells how its line went. */
#ifndef TRAM_APPLIANCE_OUTBOX_INTERNAL_H
#define TRAM_APPLIANCE_OUTBOX_INTERNAL_H

#include "appliance/outbox.h"
#include "sync/bundle.h"
#include "sync/sealed_blob.h"

enum {
    OUTBOX_CENTRE,
    OUTBOX_STATE,
    OUTBOX_SEEN,
    OUTBOX_LAST,
    OUTBOX_CHAIN,
    OUTBOX_FRAMES,
    OUTBOX_LEANING,
    OUTBOX_BACKWARDS,
    OUTBOX_LACKS_HISTORY,
    OUTBOX_LACKS_DICTIONARY,
    OUTBOX_BY_OBJECT,
    OUTBOX_FORGET_LEANING,
    OUTBOX_FORGET_UNBEGUN,
    OUTBOX_FORGET_HISTORY,
    OUTBOX_FORGET_DICTIONARY,
    OUTBOX_ROW,
    OUTBOX_ADD,
    OUTBOX_BEGUN,
    OUTBOX_SENT,
    OUTBOX_NEXT_IMAGE,
    OUTBOX_NEXT_ORIGINAL,
    OUTBOX_BLOB_BEGUN,
    OUTBOX_PACKED_GONE,
    OUTBOX_NUMBERS,
    OUTBOX_NUMBERS_ANEW,
    OUTBOX_CENTRE_EPOCH,
    OUTBOX_FORGET_BLOBS,
    OUTBOX_BLOB_STATE,
    OUTBOX_PACKED_STATE,
    OUTBOX_DROP,
    OUTBOX_CLAIMED,
    OUTBOX_STATEMENTS
};

/* The bundle that was given last, whole in memory. */
struct outbox_bundle {
    struct sync_object object;
    struct buffer bytes;
};

/* The blob of a class that was given last, open, and a piece of its sealed form. */
struct outbox_blob {
    struct sync_object object;
    struct hash sha256;
    struct disk_file *file;
    struct sealed_window window;
};

struct outbox {
    struct box *box;       /* not owned */
    struct random *random; /* not owned */
    struct key_pair key;
    struct public_key centre;
    uint8_t shared[SHARED_BYTES];
    uint16_t site;
    uint64_t rate; /* bytes a second; 0: not known */
    bool alone;    /* what is made now leans on nothing */
    struct outbox_bundle bundle;
    struct outbox_blob image, original;
    sqlite3_stmt *statements[OUTBOX_STATEMENTS];
};

/* Runs one statement of ours as a transaction of its own. */
int outbox_run_alone(struct outbox *o, sqlite3_stmt *s, struct err *e);
void outbox_object(struct object_id *out, enum object_kind kind,
                   const struct hash *of_it);

static inline sqlite3_stmt *outbox_fresh(struct outbox *o, int which)
{
    sqlite3_stmt *s = o->statements[which];

    (void)sqlite3_reset(s); /* repeats the last step's failure, told then */
    (void)sqlite3_clear_bindings(s);
    return s;
}

#endif
