#include "sync/centre/down.h"

#include <stdlib.h>

#include "schema/capture.h"
#include "schema/migrations.h"
#include "schema/statements.h"
#include "sync/bundle.h"
#include "sync/centre/down_internal.h"
#include "sync/rows/change.h"
#include "sync/rows/index.h"

/* ------------------------------------------------------------------------- open */

static int read_site(struct centre *c, struct down *d, uint64_t *applied,
                     uint8_t *applied_epoch, struct err *e)
{
    sqlite3_stmt *s;
    size_t ours;
    int row;

    if (centre_statement(
            c, &s, "SELECT schema, applied, applied_epoch FROM site WHERE site = ?1",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, d->site);
    row = statement_step(s, e);
    if (row == 1) {
        (void)migrations_all(&ours);
        d->schema = (uint32_t)ours;
        if (sqlite3_column_int64(s, 0) > 0 && sqlite3_column_int64(s, 0) < d->schema)
            d->schema = (uint32_t)sqlite3_column_int64(s, 0);
        *applied = (uint64_t)sqlite3_column_int64(s, 1);
        *applied_epoch = (uint8_t)sqlite3_column_int(s, 2);
    }
    statements_finalize(&s, 1);
    if (row == 0)
        return err_set(e, ERR_USAGE, "there is no site %u", d->site);
    return row < 0 ? -1 : 0;
}

static int open_site(struct centre *c, uint16_t site, uint64_t *applied,
                     uint8_t *applied_epoch, struct err *e)
{
    struct down *d;

    if (c->down != NULL)
        return err_set(e, ERR_FAILED, "down: a site is open already");
    d = calloc(1, sizeof *d);
    if (d == NULL)
        return err_set(e, ERR_MEMORY, "down");
    d->site = site;
    if (read_site(c, d, applied, applied_epoch, e) != 0) {
        free(d);
        return -1;
    }
    c->down = d;
    return 0;
}

int down_open(struct centre *c, uint16_t site, uint64_t seen, uint8_t seen_epoch,
              struct err *e)
{
    uint64_t applied;
    uint8_t applied_epoch;

    if (open_site(c, site, &applied, &applied_epoch, e) != 0)
        return -1;
    c->down->seen = seen;
    c->down->seen_epoch = seen_epoch;
    return 0;
}

static void session_end(struct down *d)
{
    if (d->session != NULL)
        sqlite3session_delete(d->session);
    d->session = NULL;
}

void down_close(struct centre *c)
{
    if (c->down == NULL)
        return;
    session_end(c->down);
    free(c->down);
    c->down = NULL;
}

/* ------------------------------------------------------------------------ watch */

static int session_begin(struct centre *c, struct err *e)
{
    const char *const *tables;
    size_t count = store_synced_tables(c->store, &tables);

    if (capture_session(&c->down->session, store_db(c->store), tables, count, e) != 0)
        return err_wrap(e, "down");
    return 0;
}

/* Writes of local tables count too: a frame is cut a little early then. */
static int64_t writes(const struct centre *c)
{
    const struct down *d = c->down;

    return d->writes +
           (d->depth == 0 ? 0
                          : sqlite3_total_changes64(store_db(c->store)) - d->writes_from);
}

int down_watch(struct centre *c, bool on, struct err *e)
{
    struct down *d = c->down;

    if (d == NULL || (!on && d->depth == 0))
        return err_set(e, ERR_FAILED, "down: no site is open");
    d->writes = writes(c);
    d->writes_from = sqlite3_total_changes64(store_db(c->store));
    d->depth = on ? d->depth + 1 : d->depth - 1;
    if (d->session == NULL) /* every other frame needs none */
        return d->depth > 0 ? session_begin(c, e) : 0;
    (void)sqlite3session_enable(d->session, d->depth > 0);
    return 0;
}

/* ----------------------------------------------------------------------- append */

static int take(void *arg, const void *bytes, int count)
{
    struct buffer *b = arg;

    buffer_append(b, bytes, (size_t)count);
    return b->failed == ERR_NONE ? SQLITE_OK : SQLITE_ABORT;
}

static int extract(struct down *d, struct buffer *out, struct err *e)
{
    int rc = sqlite3session_changeset_strm(d->session, take, out);

    if (buffer_check(out, e) != 0)
        return err_wrap(e, "down: changeset");
    if (rc == SQLITE_OK)
        return 0;
    return err_set(e, (rc & 0xff) == SQLITE_NOMEM ? ERR_MEMORY : ERR_FAILED,
                   "down: changeset: %s", sqlite3_errstr(rc));
}

/* What is watched goes on being watched, by a new session. */
static int append(struct centre *c, struct buffer *changeset, uint64_t *sequence,
                  struct err *e)
{
    struct down *d = c->down;

    *sequence = 0;
    if (d->session == NULL)
        return 0;
    if (extract(d, changeset, e) != 0)
        return -1;
    session_end(d);
    d->writes = 0;
    d->writes_from = sqlite3_total_changes64(store_db(c->store));
    if (d->depth > 0 && session_begin(c, e) != 0)
        return -1;
    if (changeset->count == 0)
        return 0;
    return down_frame_append(c, d, changeset, sequence, e);
}

int down_append(struct centre *c, struct err *e)
{
    struct buffer changeset;
    uint64_t sequence;
    int rc;

    if (c->down == NULL)
        return err_set(e, ERR_FAILED, "down: no site is open");
    /* One row of the box's may be told of in many: a cut comes only between two. */
    buffer_init(&changeset, DOWN_FRAME_BYTES_MAX);
    rc = append(c, &changeset, &sequence, e);
    buffer_release(&changeset);
    return rc;
}

int down_cut(struct centre *c, size_t bytes, struct err *e)
{
    const struct down *d = c->down;

    if (d == NULL || d->session == NULL ||
        (writes(c) < STORE_CHANGES_MAX / 2 &&
         (uint64_t)sqlite3session_changeset_size(d->session) + bytes <
             STORE_CHANGESET_BYTES_MAX / 4))
        return 0;
    return down_append(c, e);
}

bool down_holds(const struct centre *c)
{
    const struct down *d = c->down;

    return d == NULL || d->session == NULL ||
           (writes(c) <= STORE_CHANGES_MAX &&
            sqlite3session_changeset_size(d->session) <= DOWN_FRAME_BYTES_MAX);
}

/* ----------------------------------------------------------------- a transaction */

int down_open_applied(struct centre *c, uint16_t site, struct err *e)
{
    uint64_t applied = 0;
    uint8_t epoch = 0;

    if (open_site(c, site, &applied, &epoch, e) != 0)
        return -1;
    c->down->seen = applied;
    c->down->seen_epoch = epoch;
    return 0;
}

int down_begin(struct centre *c, uint16_t site, struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (down_open_applied(c, site, e) == 0 && down_watch(c, true, e) == 0)
        return 0;
    down_rollback(c);
    return -1;
}

void down_rollback(struct centre *c)
{
    down_close(c);
    store_apply_rollback(c->store);
}

static int refresh_index(struct centre *c, const struct buffer *changeset, struct err *e)
{
    struct rows_index index = {.records = c->records};
    sqlite3_changeset_iter *iter = NULL;
    struct row_change change;
    int rc = 0;

    if (changeset->count == 0)
        return 0;
    if (sqlite3changeset_start(&iter, (int)changeset->count, changeset->bytes) !=
        SQLITE_OK)
        return err_set(e, ERR_MEMORY, "down");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&change, iter, e);
        if (rc == 0)
            rc = rows_index_touch(&index, change.name, change_subject(&change), e);
    }
    (void)sqlite3changeset_finalize(iter); /* ours, made a moment ago */
    if (rc == 0)
        rc = rows_index_refresh(&index, e);
    rows_index_release(&index);
    return rc;
}

static int check_caps(const struct buffer *changeset, struct centre *c, struct err *e)
{
    const char *const *tables;
    size_t count = store_synced_tables(c->store, &tables);
    uint64_t changes;

    if (changeset->count == 0)
        return 0;
    if (changeset_count(changeset, tables, count, &changes, e) != 0)
        return -1;
    if (changes > STORE_CHANGES_MAX)
        return err_set(e, ERR_TOO_BIG, "%llu rows in one transaction, at most %d",
                       (unsigned long long)changes, STORE_CHANGES_MAX);
    return 0;
}

int down_commit(struct centre *c, uint64_t *sequence, struct err *e)
{
    struct buffer changeset;
    uint64_t number = 0;
    int rc = -1;

    if (c->down == NULL)
        return err_set(e, ERR_FAILED, "down: no site is open");
    buffer_init(&changeset, STORE_CHANGESET_BYTES_MAX);
    if (append(c, &changeset, &number, e) == 0 && check_caps(&changeset, c, e) == 0 &&
        refresh_index(c, &changeset, e) == 0)
        rc = 0;
    buffer_release(&changeset);
    down_close(c);
    if (rc == 0)
        rc = store_apply_commit(c->store, e);
    else
        store_apply_rollback(c->store);
    if (rc == 0 && sequence != NULL)
        *sequence = number;
    return rc == 0 ? 0 : err_wrap(e, "down");
}

/* --------------------------------------------------------------------------- ids */

int down_new_id(struct centre *c, uint64_t *id, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *id = 0;
    if (c->down == NULL)
        return err_set(e, ERR_FAILED, "down: no site is open");
    if (centre_statement(c, &s,
                         "UPDATE site SET down_counter = max(down_counter, ?2 << 20) + 1"
                         " WHERE site = ?1 AND down_counter < ((?2 + 1) << 20) - 1"
                         " RETURNING down_counter",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, c->down->site);
    (void)sqlite3_bind_int(s, 2, c->epoch);
    row = statement_step(s, e);
    if (row == 1) {
        *id = id_make(c->down->site, DOWN_EPOCH, (uint32_t)sqlite3_column_int64(s, 0));
        row = statement_run(s, e);
    } else if (row == 0) {
        row = err_set(e, ERR_FAILED, "all ids of site %u are given out", c->down->site);
    }
    statements_finalize(&s, 1);
    return row;
}
