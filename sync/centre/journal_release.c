#include "sync/centre/journal_internal.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/history.h"

/* A held bundle, in the order in which they are tried: older epochs first. */
struct held_row {
    int64_t row;
    uint64_t first;
    bool follows; /* there is something that it could follow … */
    bool ready;   /* … and it was not tried against that yet */
};

struct held {
    struct centre *centre;
    struct site_row *site;
    struct held_row *rows; /* owned */
    size_t count, capacity;
};

/* ------------------------------------------------------------------------ the list */

static int any_ready(struct held *h, bool *any, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(h->centre, &s,
                         "SELECT 1 FROM journal WHERE site = ?1 AND state = 'held'"
                         " AND " JOURNAL_BEFORE " > 0 LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, h->site->site);
    row = statement_step(s, e);
    *any = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int add_row(struct held *h, const struct held_row *row, struct err *e)
{
    if (h->count == h->capacity) {
        size_t capacity = h->capacity == 0 ? 16 : 2 * h->capacity;
        struct held_row *rows = realloc(h->rows, capacity * sizeof *rows);

        if (rows == NULL)
            return err_set(e, ERR_MEMORY, "%zu held bundles", capacity);
        h->rows = rows;
        h->capacity = capacity;
    }
    h->rows[h->count++] = *row;
    return 0;
}

/* Once for all that are tried: their epochs lie behind their bytes. */
static int read_rows(struct held *h, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(h->centre, &s,
                         "SELECT rowid, first, " JOURNAL_BEFORE ", max(0, -begins)"
                         " FROM journal WHERE site = ?1 AND state = 'held'"
                         " ORDER BY epoch, first, object",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, h->site->site);
    while ((row = statement_step(s, e)) == 1) {
        const struct held_row r = {.row = sqlite3_column_int64(s, 0),
                                   .first = (uint64_t)sqlite3_column_int64(s, 1),
                                   .follows = sqlite3_column_int(s, 2) > 0,
                                   .ready = sqlite3_column_int(s, 2) >
                                            sqlite3_column_int(s, 3)};

        if (add_row(h, &r, e) != 0) {
            row = -1;
            break;
        }
    }
    statements_finalize(&s, 1);
    return row;
}

/* --------------------------------------------------------------------- one of them */

/* Its frames stay NULL if it cannot be opened. */
static int open_held(struct taking *t, sqlite3_stmt *row, int bytes_column, struct err *e)
{
    struct err why;

    if (journal_open(t->centre, t->site, row, bytes_column, &t->bundle, &why) == 0 ||
        why.code == ERR_REFUSED || why.code == ERR_CORRUPT)
        return 0;
    *e = why;
    return -1;
}

static int read_bundle(struct taking *t, int64_t id, struct object_id *object,
                       struct buffer *bytes, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = -1;

    if (centre_statement(t->centre, &s,
                         "SELECT object, bytes, frames FROM journal WHERE rowid = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, id);
    row = statement_step(s, e);
    if (row == 1) {
        const unsigned char *name = sqlite3_column_blob(s, 0);

        if (sqlite3_column_bytes(s, 0) == 1 + OBJECT_ID_BYTES) {
            object->kind = name[0];
            memcpy(object->id, name + 1, OBJECT_ID_BYTES);
        }
        buffer_append(bytes, sqlite3_column_blob(s, 1),
                      (size_t)sqlite3_column_bytes(s, 1));
        rc = buffer_check(bytes, e) == 0 ? open_held(t, s, 1, e) : -1;
    } else if (row == 0) {
        rc = err_set(e, ERR_CORRUPT, "a held bundle is gone");
    }
    statements_finalize(&s, 1);
    return rc;
}

/* What may follow it now is to be tried; a line that has begun changes what all are. */
static void wake(struct held *h, const struct taking *t, bool begun)
{
    uint64_t first = t->bundle.header.first, last = journal_last_of(&t->bundle.header);

    for (size_t i = 0; i < h->count; i++) {
        struct held_row *r = &h->rows[i];

        if (r->first > first && r->first - 1 <= last)
            r->follows = r->ready = true;
        r->ready = r->ready || (begun && r->follows);
    }
}

static void drop_row(struct held *h, size_t i)
{
    h->count--;
    memmove(&h->rows[i], &h->rows[i + 1], (h->count - i) * sizeof *h->rows);
}

static int release_row(struct held *h, size_t i, bool *stays, struct err *e)
{
    struct taking t = {.centre = h->centre, .site = h->site};
    struct object_id object = {0};
    uint8_t epoch = h->site->epoch;
    struct buffer bytes;
    int rc;

    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    rc = read_bundle(&t, h->rows[i].row, &object, &bytes, e);
    t.object = &object;
    t.bytes = bytes.bytes;
    t.count = bytes.count;
    if (rc == 0)
        rc = journal_release_one(&t, stays, e);
    h->rows[i].ready = false;
    if (rc == 0 && !*stays) {
        drop_row(h, i);
        wake(h, &t, h->site->epoch != epoch);
    }
    taking_release(&t);
    buffer_release(&bytes);
    return rc;
}

/* ----------------------------------------------------------------------- all of them */

/* What goes on may be what those before it waited for: from the beginning then. */
static int release_rows(struct held *h, bool *moved, struct err *e)
{
    bool stays = true;

    for (size_t i = 0; i < h->count; i = stays ? i + 1 : 0) {
        stays = true;
        if (h->rows[i].ready && release_row(h, i, &stays, e) != 0)
            return -1;
        *moved = *moved || !stays;
    }
    return 0;
}

int journal_release_all(struct centre *c, struct site_row *site, bool *moved,
                        struct err *e)
{
    struct held h = {.centre = c, .site = site};
    bool any, ignored;
    int rc = -1;

    if (moved == NULL)
        moved = &ignored;
    *moved = false;
    if (any_ready(&h, &any, e) == 0 && (!any || read_rows(&h, e) == 0))
        rc = release_rows(&h, moved, e);
    free(h.rows);
    return rc == 0 ? 0 : err_wrap(e, "held bundle of site %u", site->site);
}

/* Whether what waited for the old line can begin a new one. */
static int may_begin(struct centre *c, uint16_t site, bool *may, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "SELECT 1 FROM journal j JOIN site s ON s.site = j.site"
                         " WHERE j.site = ?1 AND j.begins = 1"
                         " AND s.applied = s.received AND NOT EXISTS (SELECT 1"
                         "  FROM left_frame f WHERE f.site = ?1 AND f.late < 0)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    *may = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int journal_release(struct centre *c, uint16_t site, bool *released, struct err *e)
{
    struct site_row row;
    bool found;

    if (may_begin(c, site, released, e) != 0)
        return err_wrap(e, "journal");
    if (!*released)
        return 0;
    if (store_apply_begin(c->store, e) != 0)
        return err_wrap(e, "journal");
    if (site_find(c, site, &row, &found, e) == 0 &&
        (!found || journal_release_all(c, &row, released, e) == 0))
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "journal");
}
