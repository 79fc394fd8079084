#include "tests/sim/fleet.h"

#include <stdio.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/centre/sites.h"

/* ------------------------------------------------------------------ a box's own */

sqlite3_stmt *fleet_prepare(struct fleet *f, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    struct err e;

    if (statements_prepare(db, &s, &sql, 1, &e) != 0)
        fleet_fail(f, "%s: %s", sql, e.text);
    return s;
}

/* Frames in the changelog after those that are known. */
static void read_chains(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_memory *m = &b->memory;
    sqlite3_stmt *s = fleet_prepare(
        f, store_db(b->box->store),
        "SELECT sequence, chain FROM changelog WHERE sequence >= ?1 ORDER BY 1");

    if (s == NULL)
        return;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)m->chains_count);
    while (sqlite3_step(s) == SQLITE_ROW) {
        if ((size_t)sqlite3_column_int64(s, 0) != m->chains_count ||
            sqlite3_column_bytes(s, 1) != HASH_BYTES) {
            fleet_fail(f, "box %u: frame %lld is out of place", box + 1,
                       (long long)sqlite3_column_int64(s, 0));
            break;
        }
        m->chains = fleet_grow(m->chains, m->chains_count, &m->chains_capacity,
                               sizeof *m->chains);
        memcpy(m->chains[m->chains_count++].bytes, sqlite3_column_blob(s, 1), HASH_BYTES);
    }
    statements_finalize(&s, 1);
}

static void begin_chains(struct fleet *f, unsigned box)
{
    struct fleet_memory *m = &f->boxes[box].memory;

    if (m->chains_count > 0)
        return;
    m->chains = fleet_grow(m->chains, 0, &m->chains_capacity, sizeof *m->chains);
    chain_start(&m->chains[0], f->boxes[box].site);
    m->chains_count = 1;
}

void fleet_check_remember(struct fleet *f, unsigned box)
{
    begin_chains(f, box);
    read_chains(f, box);
}

void fleet_check_forked(struct fleet *f, unsigned box, uint64_t last_common,
                        uint8_t epoch)
{
    struct fleet_memory *m = &f->boxes[box].memory;

    if (m->chains_count > last_common + 1)
        m->chains_count = (size_t)last_common + 1;
    if (m->promised > last_common)
        m->promised = last_common;
    m->epoch = epoch;
    m->doubtful = false;
    fleet_check_remember(f, box);
    m->last = m->chains_count - 1;
    f->boxes[box].watch = (struct fleet_watch){.told = m->last};
}

static bool chain_of(struct fleet *f, unsigned box, uint64_t sequence, struct hash *out)
{
    struct fleet_box *b = &f->boxes[box];
    sqlite3_stmt *s = fleet_prepare(f, store_db(b->box->store),
                                    "SELECT chain FROM changelog WHERE sequence = ?1");
    bool found = false;

    chain_start(out, b->site);
    if (s == NULL || sequence == 0) {
        statements_finalize(&s, 1);
        return sequence == 0;
    }
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == HASH_BYTES) {
        memcpy(out->bytes, sqlite3_column_blob(s, 0), HASH_BYTES);
        found = true;
    }
    statements_finalize(&s, 1);
    return found;
}

/* A box may let go what is safe at the centre; nobody else anything. */
static bool may_be_away(struct fleet *f, struct blobs *blobs, const struct hash *h)
{
    for (unsigned i = 0; i < f->boxes_count; i++)
        if (f->boxes[i].box != NULL && blobs == f->boxes[i].box->blobs)
            return fleet_was_let_go(f, i, h);
    return false;
}

/* Those that were whole after a restart: their bytes are looked at again at rest. */
static void check_there(struct fleet *f, const char *who, struct blobs *blobs,
                        const struct hash *list, size_t known)
{
    struct err e;
    bool there;

    for (size_t i = 0; i < known; i++) {
        struct hash h = list[i];

        if (f->centre != NULL && blobs == f->centre->blobs)
            fleet_unpacked(f, &h);
        if (blob_exists(blobs, &h, &there, &e) != 0)
            fleet_fail(f, "%s: %s", who, e.text);
        else if (!there && !may_be_away(f, blobs, &h))
            fleet_fail(f, "%s: an original was kept and is missing", who);
    }
}

/* Altered is not away. */
static bool is_absent(struct blobs *blobs, const struct hash *h)
{
    bool there = true;
    struct err e;

    return blob_exists(blobs, h, &there, &e) == 0 && !there;
}

void fleet_check_originals(struct fleet *f, const char *who, struct blobs *blobs,
                           const struct hash *list, size_t count)
{
    char hex[HASH_HEX_BYTES];
    struct err e;
    bool sound;

    for (size_t i = 0; i < count; i++) {
        struct hash h = list[i];

        if (f->centre != NULL && blobs == f->centre->blobs)
            fleet_unpacked(f, &h);
        hash_to_hex(hex, &h);
        if (blob_check(blobs, &h, &sound, &e) != 0)
            fleet_fail(f, "%s: original %.12s: %s", who, hex, e.text);
        else if (!sound && !(is_absent(blobs, &h) && may_be_away(f, blobs, &h)))
            fleet_fail(f, "%s: original %.12s was kept and is missing", who, hex);
    }
}

/* Frames that were not shown as kept may be there or not: what is there now is so
 * for good, and what is not is forgotten. */
static void forget_unkept(struct fleet_memory *m)
{
    if (m->chains_count > m->last + 1)
        m->chains_count = m->last + 1;
}

void fleet_check_box(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_memory *m = &b->memory;
    char who[16];
    struct hash chain;
    uint64_t after;
    uint8_t epoch;

    (void)snprintf(who, sizeof who, "box %u", box + 1);
    begin_chains(f, box);
    /* It left its line, and died before anybody saw that. */
    if (fleet_box_has_forked(f, box, &after, &epoch))
        fleet_check_forked(f, box, after, epoch);
    if (!chain_of(f, box, m->last, &chain))
        fleet_fail(f, "%s: frame %llu was kept and is missing", who,
                   (unsigned long long)m->last);
    else if (m->last < m->chains_count && /* it died before we could look */
             !hash_equal(&chain, &m->chains[m->last]))
        fleet_fail(f, "%s: frame %llu is not what was kept", who,
                   (unsigned long long)m->last);
    forget_unkept(m);
    read_chains(f, box);
    m->last = m->chains_count - 1;
    check_there(f, who, b->box->blobs, m->kept, m->kept_whole);
    fleet_check_originals(f, who, b->box->blobs, m->kept + m->kept_whole,
                          m->kept_count - m->kept_whole);
    m->kept_whole = m->kept_count;
}

/* ------------------------------------------------------------- what was promised */

static bool is_in(const struct hash *list, size_t count, const struct hash *h)
{
    for (size_t i = 0; i < count; i++)
        if (hash_equal(&list[i], h))
            return true;
    return false;
}

static void promise_blob(struct fleet_memory *m, const struct hash *sha256)
{
    if (is_in(m->promised_blobs, m->promised_blobs_count, sha256))
        return;
    m->promised_blobs = fleet_grow(m->promised_blobs, m->promised_blobs_count,
                                   &m->promised_blobs_capacity, sizeof *sha256);
    m->promised_blobs[m->promised_blobs_count++] = *sha256;
}

void fleet_check_promise(struct fleet *f, unsigned box, const struct receipt *r)
{
    struct fleet_memory *m = &f->boxes[box].memory;

    fleet_tell(f, WHO_CENTRE, "receipts box %u: received %llu, applied %llu%s", box + 1,
               (unsigned long long)r->received, (unsigned long long)r->applied,
               r->missing_first != 0 ? ", names a gap"
               : r->blobs_count != 0 ? ", an original"
                                     : "");
    if (!fleet_line_has(m, r->box_epoch, r->received, NULL))
        fleet_fail(f, "centre: receipts %llu of box %u, which has kept %llu",
                   (unsigned long long)r->received, box + 1, (unsigned long long)m->last);
    if (r->centre_epoch > m->promised_epoch) { /* restored: what it said before is void */
        m->promised_epoch = r->centre_epoch;
        m->promised = 0;
        m->centre_put_back = false;
        m->promised_blobs_count = 0;
        m->promised_blobs_whole = 0;
    }
    if (m->doubtful || (m->left_count > 0 && r->box_epoch != m->epoch))
        return; /* it speaks of a line that the box is not on */
    if (r->received < m->promised)
        fleet_fail(f, "centre: receipts %llu of box %u, and %llu before",
                   (unsigned long long)r->received, box + 1,
                   (unsigned long long)m->promised);
    m->promised = r->received > m->promised ? r->received : m->promised;
    for (size_t i = 0; i < r->blobs_count; i++)
        promise_blob(m, &r->blobs[i].sha256);
    fleet_check_safe(f, box, r);
}

void fleet_check_site(struct fleet *f, unsigned box, const struct site_row *row)
{
    struct fleet_memory *m = &f->boxes[box].memory;

    bool of_line = !m->doubtful && (m->left_count == 0 || row->epoch == m->epoch);

    if (of_line && f->centre->epoch == m->promised_epoch && row->received < m->promised)
        fleet_fail(f, "centre: frame %llu of box %u was receipted and is missing",
                   (unsigned long long)m->promised, box + 1);
    if (!fleet_line_has(m, row->epoch, row->received, NULL))
        fleet_fail(f, "centre: has frame %llu of box %u, which has made %zu",
                   (unsigned long long)row->received, box + 1, m->chains_count - 1);
    else if (!fleet_line_has(m, row->epoch, row->received, &row->chain))
        fleet_fail(f, "centre: frame %llu of box %u has another chain",
                   (unsigned long long)row->received, box + 1);
    if (row->applied > row->received)
        fleet_fail(f, "centre: applied %llu of box %u, received %llu",
                   (unsigned long long)row->applied, box + 1,
                   (unsigned long long)row->received);
}

static void check_promised(struct fleet *f, struct fleet_memory *m)
{
    struct blobs *blobs = f->centre->blobs;

    check_there(f, "centre", blobs, m->promised_blobs, m->promised_blobs_whole);
    fleet_check_originals(f, "centre", blobs, m->promised_blobs + m->promised_blobs_whole,
                          m->promised_blobs_count - m->promised_blobs_whole);
    m->promised_blobs_whole = m->promised_blobs_count;
}

void fleet_check_centre(struct fleet *f)
{
    for (unsigned i = 0; i < f->boxes_count; i++) {
        struct fleet_memory *m = &f->boxes[i].memory;
        struct site_row row;
        struct err e;
        bool found;

        if (m->chains_count == 0)
            continue; /* it has not booted yet */
        if (site_find(f->centre, f->boxes[i].site, &row, &found, &e) != 0)
            fleet_fail(f, "centre: box %u: %s", i + 1, e.text);
        else if (!found)
            fleet_fail(f, "centre: box %u is not known any more", i + 1);
        else
            fleet_check_site(f, i, &row);
        if (f->centre->epoch == m->promised_epoch)
            check_promised(f, m);
        fleet_check_let_go(f, i);
    }
}
