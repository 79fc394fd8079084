/* Boots: the table `boot`, which lets a box without a battery clock say how old
 * something is, "at least". The last row is this boot's, once it has committed
 * anything; until then this boot has the next number. */
#ifndef TRAM_SCHEMA_BOOTS_H
#define TRAM_SCHEMA_BOOTS_H

#include <sqlite3.h>

#include "base/clock.h"
#include "base/err.h"

enum { BOOTS_LAST, BOOTS_TOUCH, BOOTS_SINCE, BOOTS_STATEMENTS };

struct boots {
    struct clock *clock; /* not owned */
    char boot_id[BOOT_ID_BYTES];
    sqlite3_stmt *statements[BOOTS_STATEMENTS];
};

int boots_init(struct boots *b, sqlite3 *db, struct clock *clock, struct err *e);
void boots_release(struct boots *b); /* a zeroed one is fine */

int boots_now(struct boots *b, struct moment *out, struct err *e);

/* Brings this boot's row up to `now`, or makes it. Inside a write. */
int boots_touch(struct boots *b, const struct moment *now, struct err *e);

int boots_age_ms_min(struct boots *b, const struct moment *then, int64_t *age_ms,
                     struct err *e);

#endif
