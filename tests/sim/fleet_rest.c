#include "tests/sim/fleet.h"

#include <stdio.h>
#include <string.h>

#include "appliance/verify.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "sync/merge.h"

/* Of a province's boxes, one in so many is verified to its last byte. */
#define LOAD_VERIFIED 32

static int64_t number(struct fleet *f, sqlite3 *db, const char *sql)
{
    int64_t n = -1;
    struct err e;

    if (sql_number(db, sql, &n, &e) != 0)
        fleet_fail(f, "%s: %s", sql, e.text);
    return n;
}

/* The first difference of one row; true if there is none. */
static bool same_row(struct fleet *f, unsigned box, const char *table, sqlite3_stmt *ours,
                     sqlite3_stmt *theirs)
{
    int columns = sqlite3_column_count(ours);

    for (int i = 0; i < columns; i++)
        if (!merge_values_equal(sqlite3_column_value(ours, i),
                                sqlite3_column_value(theirs, i))) {
            fleet_fail(f, "%s of box %u, row %lld: %s is %.40s at the box, %.40s here",
                       table, box + 1, (long long)sqlite3_column_int64(ours, 0),
                       sqlite3_column_name(ours, i),
                       (const char *)sqlite3_column_text(ours, i),
                       (const char *)sqlite3_column_text(theirs, i));
            return false;
        }
    return true;
}

/* A box's rows in a table of either end. By range, and always by the same words: a province
 * asks three thousand times. */
static sqlite3_stmt *rows_of(struct fleet *f, struct store *store, const char *table,
                             uint16_t site)
{
    const char *id = strcmp(table, "field") == 0   ? "document"
                     : strcmp(table, "image") == 0 ? "page"
                                                   : "id";
    char sql[256];
    sqlite3_stmt *s;

    (void)snprintf(sql, sizeof sql,
                   "SELECT * FROM %s WHERE %s BETWEEN ?1 AND ?2 ORDER BY 1, 2, 3, 4",
                   table, id);
    s = fleet_prepare(f, store_db(store), sql);
    if (s != NULL) {
        bind_id(s, 1, id_make(site, 0, 0));
        bind_id(s, 2, id_make((uint16_t)(site + 1), 0, 0) - 1);
    }
    return s;
}

/* Column by column. Every synced table's key lies in its first four columns, and
 * begins with an id, which begins with the site. */
static void same_table(struct fleet *f, unsigned box, const char *table)
{
    uint16_t site = f->boxes[box].site;
    sqlite3_stmt *ours = rows_of(f, f->boxes[box].box->store, table, site),
                 *theirs = NULL;
    int here = SQLITE_ROW, there = SQLITE_ROW;

    if (ours != NULL)
        theirs = rows_of(f, f->centre->store, table, site);
    while (theirs != NULL && here == SQLITE_ROW && there == SQLITE_ROW) {
        here = sqlite3_step(ours);
        there = sqlite3_step(theirs);
        if (here != there)
            fleet_fail(f, "%s of box %u: %s has more rows", table, box + 1,
                       here == SQLITE_ROW ? "the box" : "the centre");
        else if (here == SQLITE_ROW && !same_row(f, box, table, ours, theirs))
            break;
    }
    statements_finalize(&ours, 1);
    statements_finalize(&theirs, 1);
}

/* What the rows of a box name is at both ends. */
static void check_images(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    sqlite3_stmt *s =
        fleet_prepare(f, store_db(b->box->store), "SELECT DISTINCT sha256 FROM image");

    while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
        struct hash h;

        memcpy(h.bytes, sqlite3_column_blob(s, 0), HASH_BYTES);
        if (b->memory.left_count > 0 && !fleet_centre_holds(f, box, &h))
            continue; /* it went with a lost box: verify tells of it */
        fleet_check_originals(f, "centre", f->centre->blobs, &h, 1);
    }
    statements_finalize(&s, 1);
}

struct verified {
    struct fleet *fleet;
    unsigned box;
};

/* An original that went with a lost box before the centre had it is lost, and told. */
static bool went_with_the_box(struct fleet *f, unsigned box, const char *problem)
{
    char hex[HASH_HEX_BYTES];
    struct hash h;

    if (f->boxes[box].memory.left_count == 0 ||
        (sscanf(problem, "original %64[0-9a-f]", hex) != 1 &&
         sscanf(problem, "small image %64[0-9a-f]", hex) != 1) ||
        !hash_from_hex(&h, hex))
        return false;
    return !fleet_centre_holds(f, box, &h);
}

static void on_problem(void *arg, const char *problem)
{
    const struct verified *v = arg;

    if (went_with_the_box(v->fleet, v->box, problem))
        fleet_tell(v->fleet, (int)v->box, "has lost for ever: %s", problem);
    else
        fleet_fail(v->fleet, "box %u: verify: %s", v->box + 1, problem);
}

static void check_index(struct fleet *f, const char *who, struct records *records)
{
    uint64_t missing = 0, surplus = 0;
    struct err e;

    if (search_verify(records, &missing, &surplus, &e) != 0)
        fleet_fail(f, "%s: %s", who, e.text);
    if (missing + surplus > 0)
        fleet_fail(f, "%s: the index lacks %llu rows and has %llu too many", who,
                   (unsigned long long)missing, (unsigned long long)surplus);
}

static void check_pair(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct site_row row;
    const char *const *tables;
    size_t count = store_synced_tables(b->box->store, &tables);
    struct verified v = {.fleet = f, .box = box};
    const struct verify_sink sink = {.problem = on_problem, .arg = &v};
    struct err e;
    bool found;

    if (site_find(f->centre, b->site, &row, &found, &e) != 0 || !found) {
        fleet_fail(f, "centre: box %u cannot be found", box + 1);
        return;
    }
    fleet_check_site(f, box, &row);
    if (row.received != b->memory.last || row.applied != b->memory.last)
        fleet_fail(f, "box %u made %llu frames; received %llu, applied %llu", box + 1,
                   (unsigned long long)b->memory.last, (unsigned long long)row.received,
                   (unsigned long long)row.applied);
    for (size_t i = 0; i < count; i++)
        same_table(f, box, tables[i]);
    fleet_check_originals(f, "centre", f->centre->blobs, b->memory.kept,
                          b->memory.kept_count);
    check_images(f, box);
    if (f->load && box % LOAD_VERIFIED != 0)
        return;
    machine_runs(&b->machine);
    if (verify_box(b->box, &sink, &e) != 0)
        fleet_fail(f, "box %u: %s", box + 1, e.text);
}

/* A copy of a line that was left since looks like the card of another box. */
static bool looks_cloned(const struct fleet *f, int site)
{
    for (unsigned i = 0; i < f->boxes_count; i++)
        if (f->boxes[i].site == site)
            return f->boxes[i].memory.returned;
    return false;
}

/* Nobody but chance has touched the wire, so nobody is accused of what takes a key;
 * a message that is lost, late or old may look like a stranger's. */
static void check_alarms(struct fleet *f, sqlite3 *db)
{
    const uint64_t *n = f->faults, put_in = n[FAULT_PUT_IN_AGAIN] + n[FAULT_TURN];
    bool touched = n[FAULT_STALE] + n[FAULT_LOST] + n[FAULT_REORDERED] +
                       n[FAULT_DOUBLED] + n[FAULT_FOREIGN] >
                   0;
    sqlite3_stmt *s = fleet_prepare(f, db, "SELECT kind, site, detail FROM alarm");

    while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
        const char *kind = (const char *)sqlite3_column_text(s, 0);

        if (!(touched && strcmp(kind, "forged") == 0) &&
            !(touched && strcmp(kind, "unknown_site") == 0) &&
            !(n[FAULT_RESTORED] > 0 && strcmp(kind, "unknown_site") == 0) &&
            !(n[FAULT_BOX_RESTORED] + put_in > 0 && strcmp(kind, "restored") == 0) &&
            !(put_in > 0 && strcmp(kind, "fork") == 0) &&
            !(put_in > 0 && strcmp(kind, "stranded") == 0) &&
            !(looks_cloned(f, sqlite3_column_int(s, 1)) && strcmp(kind, "cloned") == 0) &&
            !(n[FAULT_FOREIGN] > 0 && strcmp(kind, "not_yours") == 0))
            fleet_fail(f, "centre: alarm %s of site %d: %s", kind,
                       sqlite3_column_int(s, 1), (const char *)sqlite3_column_text(s, 2));
    }
    statements_finalize(&s, 1);
}

/* Two cards that went on from one frame under one epoch make bundles of one name each; the
 * centre keeps those of which it can't know yet that the box has made them anew, past all
 * it has received, and says so with an alarm (journal_held.c). All else is applied. */
static void check_journal(struct fleet *f, sqlite3 *db)
{
    const uint64_t *n = f->faults;
    bool cards = n[FAULT_PUT_IN_AGAIN] + n[FAULT_TURN] > 0;

    if (number(f, db,
               cards ? "SELECT count(*) FROM journal j"
                       " LEFT JOIN site s ON s.site = j.site" /* none: NULL, no excuse */
                       " WHERE j.state <> 'applied' AND NOT ifnull("
                       "  j.state = 'held' AND j.begins < 0 AND j.epoch < s.epoch"
                       "  AND j.last <= s.received AND EXISTS (SELECT 1 FROM alarm a"
                       "   WHERE a.site = j.site AND a.kind = 'stranded'), 0)"
                     : "SELECT count(*) FROM journal WHERE state <> 'applied'") != 0)
        fleet_fail(f, "centre: the journal holds what is not applied");
}

/* A centre that lost rows, and gets changes of them before them, may park these for a
 * while; nobody else makes what must be parked. */
static void check_parked(struct fleet *f, sqlite3 *db)
{
    int64_t parked = number(f, db, "SELECT count(*) FROM parked"),
            applied = number(f, db, "SELECT count(*) FROM parked WHERE applied = 1");

    if (applied != parked || (parked > 0 && f->faults[FAULT_RESTORED] == 0))
        fleet_fail(f, "centre: changes are parked; one was applied twice, or too early");
    else
        f->faults[FAULT_PARKED] += (uint64_t)parked;
}

static void check_box_at_rest(struct fleet *f, unsigned box)
{
    bool was_on = f->boxes[box].machine.on;

    if (!was_on)
        fleet_box_boot(f, box);
    fleet_check_box(f, box);
    check_pair(f, box);
    fleet_check_made(f, box);
    fleet_province_check_rest(f, box);
    if (!was_on)
        fleet_box_off(f, box);
}

void fleet_check_rest(struct fleet *f)
{
    sqlite3 *db;

    if (f->failure[0] != '\0' || f->centre == NULL)
        return;
    db = store_db(f->centre->store);
    for (unsigned i = 0; i < f->boxes_count && f->failure[0] == '\0'; i++) {
        f->boxes[i].memory.kept_whole = 0; /* each byte, once more */
        f->boxes[i].memory.promised_blobs_whole = 0;
        check_box_at_rest(f, i);
    }
    fleet_check_centre(f);
    machine_runs(&f->centre_machine);
    fleet_province_check(f, true);
    check_index(f, "centre", f->centre->records);
    if (number(f, db,
               "SELECT count(*) FROM pragma_integrity_check"
               " WHERE integrity_check <> 'ok'") != 0)
        fleet_fail(f, "centre: SQLite finds its file damaged");
    check_parked(f, db);
    if (number(f, db,
               "SELECT count(*) FROM unpacking u WHERE state = 'failed'"
               " OR " FLEET_UNPACKING_WAITS) != 0)
        fleet_fail(f, "centre: a packed original was not restored");
    check_journal(f, db);
    check_alarms(f, db);
}
