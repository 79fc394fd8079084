/* Note: the rows `parked` and `conflict` are written here, for both ends. The caller
 * gives the id and watches. */
#ifndef TRAM_SYNC_ROWS_NOTE_H
#define TRAM_SYNC_ROWS_NOTE_H

#include "sync/rows/rows.h"

int note_parked(sqlite3 *db, uint64_t id, const struct rows_frame *f,
                const struct rows_parking *p, struct err *e);
int note_conflict(sqlite3 *db, uint64_t id, const struct rows_frame *f,
                  const struct rows_conflict *c, struct err *e);

#endif
