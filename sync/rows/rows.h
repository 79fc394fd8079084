/* Rows: frames become rows. One code for both ends: the centre's apply and a box's
 * incoming. It knows a database, and neither centre nor box.
 *
 *   frame ─► change ─► may it be? ─► a row before it parked? ─► insert, or merge() by column
 *                         │ no           │ yes                       │ does not fit
 *                         └──────────────┴───────► parked ◄──────────┘
 *
 * A change that cannot be applied is parked, with those of rows that refer to its row
 * and later ones of the same row; the rest goes on. Two changes are concurrent when one
 * was made without having seen the other: own.h. Of the same column the box's stands,
 * unless the province has locked the row: then the box's value is written and the
 * centre's put back, watched, so that the box gets it as a later change.
 *
 * Whatever decides is in the frames and in the rows alone, so that the same frames in
 * the same order give the same rows: verify goes through them again. */
#ifndef TRAM_SYNC_ROWS_ROWS_H
#define TRAM_SYNC_ROWS_ROWS_H

#include "sync/bundle.h"
#include "sync/rows/own.h"

struct rows_frame {
    const struct frame *frame;
    uint8_t epoch;      /* its writer's */
    uint8_t seen_epoch; /* our epoch that frame->seen is of */
    bool late; /* at the centre: it comes after frames of a higher epoch, so that nothing
                  of ours was made having seen it */
};

struct rows_conflict {
    const struct row_change *change;
    int column;
    sqlite3_value *box, *centre;
    bool box_stands;
};

struct rows_parking {
    const struct row_change *change; /* NULL: the whole frame */
    sqlite3_stmt *here; /* stands on the row as it is; NULL: it is not there */
    const char *reason;
    uint64_t waits_for; /* parked.id; 0: nothing */
    bool behind;        /* … which is an earlier change of the same row */
};

/* What else is to be done; each may be NULL, and is called inside the transaction.
 * -1 from any of them ends the frame: roll back. */
struct rows_sink {
    /* rows.own must hold what this frame's writer had not seen. */
    int (*own)(void *arg, const struct rows_frame *f, struct err *e);
    int (*conflict)(void *arg, const struct rows_frame *f, const struct rows_conflict *c,
                    struct err *e);
    int (*park)(void *arg, const struct rows_frame *f, const struct rows_parking *p,
                uint64_t *id, struct err *e);
    /* A row of this table with this id first in its key was written. */
    int (*written)(void *arg, const char *table, uint64_t id, struct err *e);
    /* From now on what is written is this end's own change, until `on` is false as many
     * times as it was true. NULL: nothing is put back. */
    int (*watch)(void *arg, bool on, struct err *e);
    /* Between two rows: what was watched so far may become a frame of its own, if it is
     * large, or would be with `bytes` more. */
    int (*cut)(void *arg, size_t bytes, struct err *e);
    /* Whether one frame can hold what was watched since. NULL: any can. */
    bool (*holds)(void *arg);
    void *arg;
};

enum {
    ROWS_PARKED_ANY,
    ROWS_PARKED_ROW,
    ROWS_PARKED_ID,
    ROWS_KEEP,
    ROWS_READY,
    ROWS_OLDEST,
    ROWS_TURN_LAST,
    ROWS_TURN,
    ROWS_FORGET,
    ROWS_RIPEN,
    ROWS_GROUP,
    ROWS_OPEN_NEXT,
    ROWS_CLOSE,
    ROWS_STATEMENTS
};

struct rows_recent;

struct rows {
    struct rows_tables tables;
    uint32_t schema; /* this program's */
    uint16_t site;
    bool from_box;         /* the frames that come are a box's, and we are the centre */
    struct rows_own own;   /* the sink fills it before a frame */
    struct rows_own newer; /* … and this before a late one: of its own site, as `own` */
    const struct rows_sink *sink;
    sqlite3_stmt *statements[ROWS_STATEMENTS];
    /* The frame at hand. */
    const struct rows_frame *at;
    bool any_parked;
    bool again;                 /* what was parked is tried again: rows_retry.c */
    bool refused;               /* … and cannot be applied yet */
    struct rows_recent *recent; /* owned: what it parked itself */
    size_t recent_count, recent_capacity;
};

/* `db` has this program's schema, and outlives it; `names` are the synced tables. */
int rows_init(struct rows *r, sqlite3 *db, const char *const *names, size_t count,
              struct err *e);
void rows_release(struct rows *r); /* a zeroed one is fine */

/* Inside a transaction of the caller's, in which synced tables may be written. What
 * cannot be applied is parked: that is a success. -1: our own trouble. */
int rows_apply(struct rows *r, const struct rows_frame *f, struct err *e);

/* Keeps the change itself, for when the reason is gone. To be called by a sink that
 * wrote the parked row `id`; a whole frame, or a change of no table, is not kept. */
int rows_keep_change(struct rows *r, const struct rows_frame *f,
                     const struct rows_parking *p, uint64_t id, struct err *e);

/* Tries again what is parked here of this site and may have lost its reason, and in turn
 * a few of the others; what goes is a change of this end's own (watched), and its parked
 * rows are closed. *more: there may be more that goes, in another transaction, for one
 * takes so much and no more. `who` closes, `wall_ms` says when. Inside a transaction,
 * after the frame, or in one of its own. */
int rows_retry(struct rows *r, const char *who, int64_t wall_ms, bool *more,
               struct err *e);
/* Whether a transaction of its own is worth while: to be asked before it. */
int rows_any_ready(struct rows *r, bool *any, struct err *e);

/* Why this can be no change of a row here, whatever stands in the tables; NULL if it can.
 * r->at is its frame. */
const char *rows_objection(const struct rows *r, const struct row_change *c);

/* ---------------------------------------------------- between the files of rows */

/* row.c: applies one change, whose table is looked up. */
int rows_apply_change(struct rows *r, const struct row_change *c, struct err *e);

/* ?1 and ?2: what is parked here, at this end, of this site. */
void rows_bind_here(const struct rows *r, sqlite3_stmt *s);

/* A row came to be: changes that waited for it are ready. */
int rows_ripen(struct rows *r, uint64_t subject, struct err *e);

/* What is parked here and keeps this change waiting: *id 0: nothing. */
int rows_waits_for(struct rows *r, const struct row_change *c, uint64_t *id,
                   const char **reason, bool *behind, struct err *e);
/* parked_change.tried of what is told when it may go. */
#define ROWS_TURN_TOLD (-1)
/* The turn after all in which something of this site was tried. */
int rows_next_turn(struct rows *r, int64_t *turn, struct err *e);
/* Parks it, or the whole frame (NULL change). */
int rows_park(struct rows *r, const struct rows_parking *p, struct err *e);

#endif
