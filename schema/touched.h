/* Touched: which documents a frame changes. The local table document_frame holds, for
 * each document, the last frame that changed anything of it: its row, its pages and
 * their originals, readings, corrections, images, fields, events, conflicts, what is parked. So a box can say of a
 * document, and not only of a number, that the centre has all of it.
 *
 * Dossiers and fonds are things of their own: a new title of a dossier changes none of
 * its documents. */
#ifndef TRAM_SCHEMA_TOUCHED_H
#define TRAM_SCHEMA_TOUCHED_H

#include <sqlite3.h>

#include "base/buffer.h"

enum {
    TOUCHED_DOCUMENT,
    TOUCHED_ORIGINAL,
    TOUCHED_PAGE,
    TOUCHED_READING,
    TOUCHED_CORRECTION,
    TOUCHED_IMAGE,
    TOUCHED_EVENT,
    TOUCHED_CONFLICT,
    TOUCHED_PARKED,
    TOUCHED_STATEMENTS
};

struct touched {
    sqlite3 *db; /* not owned */
    /* Each compiled at its first use: a box that is asked for its status uses none, and
     * they are dear. */
    sqlite3_stmt *statements[TOUCHED_STATEMENTS];
};

/* `db` must outlive it, and have its tables. */
void touched_init(struct touched *t, sqlite3 *db);
void touched_release(struct touched *t); /* a zeroed one is fine */

/* Inside the transaction that the changeset is of. */
int touched_note(struct touched *t, const struct buffer *changeset, uint64_t sequence,
                 struct err *e);

#endif
