#include "tests/sim/fleet.h"

#include <stdio.h>
#include <string.h>

#include "appliance/room.h"
#include "schema/statements.h"

void fleet_unpacked(struct fleet *f, struct hash *h)
{
    sqlite3_stmt *s = fleet_prepare(f, store_db(f->centre->store),
                                    "SELECT original FROM unpacking WHERE packed = ?1"
                                    " AND state IN ('restored', 'done')");

    if (s == NULL)
        return;
    bind_blob(s, 1, h->bytes, HASH_BYTES);
    if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == HASH_BYTES)
        memcpy(h->bytes, sqlite3_column_blob(s, 0), HASH_BYTES);
    statements_finalize(&s, 1);
}

/* ------------------------------------------------------------------ told as safe */

/* A backup whose making was cut short may be whole all the same: whoever has its manifest
 * can use it. */
static bool is_backup(struct fleet *f, const char *dir)
{
    char path[FLEET_DIR_BYTES + 16];
    struct disk_stat stat;
    struct err e;

    (void)snprintf(path, sizeof path, "%s/manifest.json", dir);
    return disk_stat(f->centre_machine.disk, path, &stat, &e) == 0;
}

static bool dir_holds(struct fleet *f, const char *dir, const struct hash *h)
{
    struct blobs *blobs = NULL;
    bool there = false;
    struct err e;

    if (blobs_open(&blobs, f->centre_machine.disk, dir, &e) != 0 ||
        blob_exists(blobs, h, &there, &e) != 0)
        there = false;
    blobs_close(blobs);
    return there;
}

static bool backup_holds(struct fleet *f, const struct hash *h)
{
    char dir[FLEET_DIR_BYTES];

    for (unsigned i = f->backups; i > 0; i--) {
        (void)snprintf(dir, sizeof dir, "/backup-%u", i);
        if (is_backup(f, dir) && dir_holds(f, dir, h))
            return true;
    }
    return false;
}

/* Whether its disk can be asked at all. */
static bool can_look(const struct fleet *f)
{
    return f->centre != NULL && !f->centre_machine.unwell &&
           !machine_dead(&f->centre_machine);
}

void fleet_check_safe(struct fleet *f, unsigned box, const struct receipt *r)
{
    for (size_t i = 0; i < r->blobs_count; i++) {
        struct hash h = r->blobs[i].sha256;

        if (r->blobs[i].state != BLOB_SAFE || !can_look(f) || backup_holds(f, &h))
            continue;
        fleet_unpacked(f, &h);
        if (!backup_holds(f, &h) && can_look(f))
            fleet_fail(f,
                       "centre: an original of box %u is told to be safe, and no backup"
                       " holds it",
                       box + 1);
    }
}

/* --------------------------------------------------------------------- let go */

static void must_be_held(struct fleet *f, unsigned box, const struct hash *sha256)
{
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, sha256);
    if (can_look(f) && !fleet_centre_holds(f, box, sha256) && can_look(f))
        fleet_fail(f, "box %u: original %.12s was let go, and the centre has it not",
                   box + 1, hex);
}

bool fleet_was_let_go(struct fleet *f, unsigned box, const struct hash *sha256)
{
    struct fleet_box *b = &f->boxes[box];
    bool away = false;
    struct err e;

    if (room_is_away(b->box, sha256, &away, &e) != 0)
        fleet_box_error(f, box, "away", &e);
    if (away)
        must_be_held(f, box, sha256);
    return away;
}

void fleet_check_let_go(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    sqlite3_stmt *s;
    struct hash h;

    if (!b->machine.on || b->machine.unwell || machine_dead(&b->machine))
        return; /* looked at when it boots */
    s = fleet_prepare(f, store_db(b->box->store),
                      "SELECT sha256 FROM away_blob WHERE gone = 1");
    while (s != NULL && sqlite3_step(s) == SQLITE_ROW)
        if (column_hash(s, 0, &h))
            must_be_held(f, box, &h);
    statements_finalize(&s, 1);
}
