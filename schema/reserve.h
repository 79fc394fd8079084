/* Reserve: DIR/reserve, a file of nothing that is given up when the disk is full.
 *
 * A database in WAL mode cannot even be read without its shared memory, a small file
 * that SQLite makes anew each time the first one opens it. On a disk that was filled
 * to the last byte a box could not say what it holds; the reserve is room for that. */
#ifndef TRAM_SCHEMA_RESERVE_H
#define TRAM_SCHEMA_RESERVE_H

#include "base/disk.h"

#define RESERVE_BYTES 262144 /* the shared memory is 32 KiB for 16 MiB of log */

/* Makes it, unless it is there or the disk is nearly full. Never fails: a box
 * without a reserve is a box. */
void reserve_keep(struct disk *d, const char *dir);

/* False if there was none. */
bool reserve_give_up(struct disk *d, const char *dir);

#endif
