/* Fuzz: a changeset becomes rows. The first byte says at which end (bit 0: the centre)
 * and what it had changed itself (bit 1: the same), the rest is the changeset. Whatever
 * it is, it is applied or parked; what is parked is tried again; no row of another site
 * is ever written. */
#include <assert.h>
#include <stdlib.h>

#include "schema/migrations.h"
#include "schema/statements.h"
#include "schema/store.h"
#include "schema/tokenizer.h"
#include "sync/rows/note.h"

#define SITE 1

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const char *const tables[] = {
    "conflict", "correction", "document", "dossier", "event",  "field",
    "fonds",    "image",      "original", "page",    "parked", "reading",
};

static sqlite3 *db;
static struct rows rows;
static uint64_t parked; /* ids given out */

static int on_park(void *arg, const struct rows_frame *f, const struct rows_parking *p,
                   uint64_t *id, struct err *e)
{
    (void)arg;
    *id = id_make(SITE, rows.from_box ? 255 : 1, (uint32_t)++parked + (1u << 20));
    if (note_parked(db, *id, f, p, e) != 0)
        return -1;
    return rows_keep_change(&rows, f, p, *id, e);
}

static int on_conflict(void *arg, const struct rows_frame *f,
                       const struct rows_conflict *c, struct err *e)
{
    (void)arg;
    return note_conflict(db, id_make(SITE, 255, (uint32_t)++parked + (1u << 20)), f, c,
                         e);
}

static int on_watch(void *arg, bool on, struct err *e)
{
    (void)arg;
    (void)on;
    (void)e;
    return 0;
}

static const struct rows_sink sink = {
    .conflict = on_conflict, .park = on_park, .watch = on_watch};

static void begin(void)
{
    const char *const *migrations;
    struct err e;
    size_t count;
    int rc = sqlite3_open(":memory:", &db);

    migrations = migrations_all(&count);
    assert(rc == SQLITE_OK);
    rc = tokenizer_register(db, &e);
    assert(rc == 0);
    rc = migrations_run(db, migrations, count, &e);
    assert(rc == 0);
    rc = rows_init(&rows, db, tables, sizeof tables / sizeof *tables, &e);
    assert(rc == 0);
    rows.site = SITE;
    rows.sink = &sink;
}

static void apply(const struct rows_frame *f)
{
    int64_t strangers;
    struct err e;
    bool more;
    int rc = rows_apply(&rows, f, &e);

    if (rc == 0)
        rc = rows_retry(&rows, "fuzz", 0, &more, &e);
    if (rc != 0)
        return; /* a row under an id that parking wants, for one */
    rc = sql_number(db,
                    "SELECT (SELECT count(*) FROM dossier WHERE id >> 36 <> 1)"
                    " + (SELECT count(*) FROM field WHERE document >> 36 <> 1)",
                    &strangers, &e);
    assert(rc == 0 && strangers == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct err e;
    struct frame frame = {.sequence = 2, .schema = 1, .seen = 0};
    struct rows_frame f = {.frame = &frame, .epoch = 1};
    struct own_frame own = {.epoch = 1, .sequence = 1, .seen = 1};
    int rc;

    if (db == NULL)
        begin();
    if (count == 0)
        return 0;
    frame.changeset = own.changeset = bytes + 1;
    frame.changeset_bytes = own.changeset_bytes = count - 1;
    rows.from_box = bytes[0] & 1;
    rows_own_clear(&rows.own);
    if (bytes[0] & 2)
        (void)rows_own_add(&rows.own, &rows.tables, &own, &e); /* may be malformed */
    rc = sql_run(db, "BEGIN", &e);
    assert(rc == 0);
    apply(&f);
    frame.sequence++; /* and again: now its rows are there */
    apply(&f);
    if (!sqlite3_get_autocommit(db))
        (void)sql_run(db, "ROLLBACK", &e);
    return 0;
}
