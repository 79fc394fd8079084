#include "appliance/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/again.h"
#include "appliance/alternative_rows.h"
#include "appliance/drawing.h"
#include "appliance/events.h"
#include "appliance/queue_parts.h"
#include "appliance/readings.h"
#include "schema/statements.h"

#define MINE "lease_boot_id = ?2 AND lease_pid = ?3 AND lease_started = ?4"

/* The jobs that count: a page that was deleted, itself or with its document, is not to
 * be read, nor waited for. */
#define OF_LIVING                                                                        \
    " FROM job JOIN page ON page.id = job.page AND page.deleted = 0"                     \
    " JOIN document ON document.id = page.document AND document.deleted = 0"

static const char *const queue_sql[QUEUE_SQL_COUNT] = {
    [QUEUE_ADD] = "INSERT INTO job (page, state) VALUES (?1, 'waiting')"
                  " ON CONFLICT (page) DO NOTHING",
    [QUEUE_COUNT] = "SELECT job.state, count(*)" OF_LIVING
                    " WHERE job.state IN ('waiting', 'leased', 'quarantined')"
                    " GROUP BY job.state"
                    /* From the index alone: years of pages. */
                    " UNION ALL SELECT state, count(*) FROM job WHERE state = 'done'"
                    " GROUP BY state",
    [QUEUE_LEFT] = "SELECT job.state, count(*)" OF_LIVING
                   " WHERE job.state IN ('waiting', 'leased') GROUP BY job.state",
    [QUEUE_HOLDERS] = "SELECT DISTINCT lease_boot_id, lease_pid, lease_started"
                      " FROM job WHERE state = 'leased'",
    [QUEUE_FREE] =
        "UPDATE job SET state = 'waiting', lease_boot_id = NULL, lease_pid = NULL,"
        " lease_started = NULL WHERE state = 'leased' AND lease_boot_id = ?1"
        " AND lease_pid = ?2 AND lease_started = ?3",
    [QUEUE_NEXT] = "SELECT job.page, page.original_page, page.rotation,"
                   " original.sha256, job.way" OF_LIVING
                   " JOIN original ON original.id = page.original"
                   " WHERE job.state = 'waiting' ORDER BY job.page LIMIT 1",
    [QUEUE_LEASE] = "UPDATE job SET state = 'leased', lease_boot_id = ?2,"
                    " lease_pid = ?3, lease_started = ?4 WHERE page = ?1",
    [QUEUE_RELEASE] = "UPDATE job SET state = 'waiting', lease_boot_id = NULL,"
                      " lease_pid = NULL, lease_started = NULL"
                      " WHERE page = ?1 AND state = 'leased' AND " MINE,
    [QUEUE_END] =
        "UPDATE job SET state = ?5, reason = ?6, way = NULL, lease_boot_id = NULL,"
        " lease_pid = NULL, lease_started = NULL"
        " WHERE page = ?1 AND state = 'leased' AND " MINE,
    [QUEUE_QUARANTINED] = "SELECT job.page, page.document, job.reason" OF_LIVING
                          " WHERE job.state = 'quarantined' ORDER BY job.page",
};

int queue_create(struct queue **out, struct box *b, struct err *e)
{
    struct queue *q = calloc(1, sizeof *q);

    *out = NULL;
    if (q == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a queue");
    if (statements_prepare(store_db(b->store), q->sql, queue_sql, QUEUE_SQL_COUNT, e) !=
        0) {
        free(q);
        return err_wrap(e, "queue");
    }
    *out = q;
    return 0;
}

void queue_destroy(struct queue *q)
{
    if (q == NULL)
        return;
    statements_finalize(q->sql, QUEUE_SQL_COUNT);
    free(q);
}

static sqlite3_stmt *fresh(struct box *b, enum queue_sql which)
{
    return statement_fresh(b->queue->sql[which]);
}

int queue_add(struct box *b, uint64_t page, struct err *e)
{
    sqlite3_stmt *s = fresh(b, QUEUE_ADD);

    bind_id(s, 1, page);
    return statement_run(s, e);
}

/* ------------------------------------------------------------------ counting */

static int count_states(sqlite3_stmt *s, struct queue_counts *out, struct err *e)
{
    int got;

    *out = (struct queue_counts){0};
    while ((got = statement_step(s, e)) == 1) {
        const char *state = (const char *)sqlite3_column_text(s, 0);
        uint64_t n = (uint64_t)sqlite3_column_int64(s, 1);

        if (strcmp(state, "waiting") == 0)
            out->waiting = n;
        else if (strcmp(state, "leased") == 0)
            out->leased = n;
        else if (strcmp(state, "done") == 0)
            out->done = n;
        else
            out->quarantined = n;
    }
    return got;
}

int queue_count(struct box *b, struct queue_counts *out, struct err *e)
{
    return count_states(fresh(b, QUEUE_COUNT), out, e);
}

int queue_left(struct box *b, uint64_t *waiting, uint64_t *leased, struct err *e)
{
    struct queue_counts c;

    if (count_states(fresh(b, QUEUE_LEFT), &c, e) != 0)
        return -1;
    *waiting = c.waiting;
    *leased = c.leased;
    return 0;
}

int queue_each_quarantined(struct box *b,
                           int (*each)(void *arg, uint64_t page, uint64_t document,
                                       const char *reason, struct err *e),
                           void *arg, struct err *e)
{
    sqlite3_stmt *s = fresh(b, QUEUE_QUARANTINED);
    int got;

    while ((got = statement_step(s, e)) == 1)
        if (each(arg, (uint64_t)sqlite3_column_int64(s, 0),
                 (uint64_t)sqlite3_column_int64(s, 1),
                 (const char *)sqlite3_column_text(s, 2), e) != 0) {
            (void)sqlite3_reset(s); /* says only what the last step said */
            return -1;
        }
    return got;
}

/* -------------------------------------------------------------------- leases */

bool queue_holds(const struct queue *q, uint64_t page)
{
    for (size_t i = 0; i < q->leased_count; i++)
        if (q->leased[i] == page)
            return true;
    return false;
}

static void forget_lease(struct queue *q, uint64_t page)
{
    for (size_t i = 0; i < q->leased_count; i++)
        if (q->leased[i] == page) {
            q->leased[i] = q->leased[--q->leased_count];
            return;
        }
}

static void bind_holder(sqlite3_stmt *s, int place, const struct lease_holder *h)
{
    bind_text(s, place, h->boot_id);
    (void)sqlite3_bind_int64(s, place + 1, h->pid); /* places are constants of ours */
    (void)sqlite3_bind_int64(s, place + 2, h->started);
}

/* Finds one holder that is no more; *found tells. */
static int find_dead_holder(struct box *b, struct lease_holder *dead, bool *found,
                            struct err *e)
{
    const struct lease_holder *self = &b->queue->holder;
    sqlite3_stmt *s = fresh(b, QUEUE_HOLDERS);
    int got;

    *found = false;
    while (!*found && (got = statement_step(s, e)) == 1) {
        const char *boot_id = (const char *)sqlite3_column_text(s, 0);

        (void)snprintf(dead->boot_id, sizeof dead->boot_id, "%s",
                       boot_id != NULL ? boot_id : "");
        dead->pid = sqlite3_column_int64(s, 1);
        dead->started = sqlite3_column_int64(s, 2);
        *found = !self->alive(dead->boot_id, dead->pid, dead->started, self->arg);
    }
    if (*found)
        (void)sqlite3_reset(s); /* says only what the last step said */
    else if (got != 0)
        return -1;
    return 0;
}

static int free_dead_leases(struct box *b, struct err *e)
{
    struct lease_holder dead = {0};
    bool found = true;

    for (;;) {
        sqlite3_stmt *s;

        if (find_dead_holder(b, &dead, &found, e) != 0)
            return -1;
        if (!found)
            return 0;
        s = fresh(b, QUEUE_FREE);
        bind_holder(s, 1, &dead);
        if (statement_run(s, e) != 0)
            return -1;
    }
}

static int next_waiting(struct box *b, struct queue_job *out, struct err *e)
{
    sqlite3_stmt *s = fresh(b, QUEUE_NEXT);
    int got = statement_step(s, e);
    const char *way;

    *out = (struct queue_job){0};
    if (got != 1)
        return got;
    out->page = (uint64_t)sqlite3_column_int64(s, 0);
    out->original_page = (uint32_t)sqlite3_column_int64(s, 1);
    out->quarter_turns = (unsigned)sqlite3_column_int(s, 2) & 3;
    (void)column_hash(s, 3, &out->sha256); /* else the blob of no hash is not there */
    way = (const char *)sqlite3_column_text(s, 4);
    if (way != NULL) /* a word that an older program does not know: as usual */
        (void)way_find(way, &out->way);
    (void)sqlite3_reset(s); /* says only what the last step said */
    return 0;
}

/* The lock of BEGIN IMMEDIATE is what makes two readers never lease one page. */
int queue_lease(struct box *b, struct queue_job *out, struct err *e)
{
    struct queue *q = b->queue;
    sqlite3_stmt *s;
    int rc = -1;

    *out = (struct queue_job){0};
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (free_dead_leases(b, e) != 0 || next_waiting(b, out, e) != 0)
        goto out;
    if (out->page != 0) {
        s = fresh(b, QUEUE_LEASE);
        bind_id(s, 1, out->page);
        bind_holder(s, 2, &q->holder);
        if (statement_run(s, e) != 0)
            goto out;
        /* Noted before the commit, because one that fails may be on disk. */
        q->leased[q->leased_count++] = out->page;
    }
    if (store_write_commit(b->store, NULL, e) != 0)
        goto out;
    rc = 0;
out:
    if (rc != 0) {
        store_write_rollback(b->store);
        out->page = 0;
    }
    return rc;
}

int queue_release_all(struct box *b, struct err *e)
{
    struct queue *q = b->queue;
    int rc = -1;

    if (q->leased_count == 0)
        return 0;
    if (store_write_begin(b->store, e) != 0)
        return -1;
    for (size_t i = 0; i < q->leased_count; i++) {
        sqlite3_stmt *s = fresh(b, QUEUE_RELEASE);

        bind_id(s, 1, q->leased[i]);
        bind_holder(s, 2, &q->holder);
        if (statement_run(s, e) != 0)
            goto out;
    }
    if (store_write_commit(b->store, NULL, e) != 0)
        goto out;
    q->leased_count = 0;
    rc = 0;
out:
    if (rc != 0)
        store_write_rollback(b->store);
    return rc;
}

/* ---------------------------------------------------------------- job's ends */

/* *mine is false when the lease is not ours any more. */
static int end_job(struct box *b, uint64_t page, const char *state, const char *reason,
                   bool *mine, struct err *e)
{
    sqlite3_stmt *s = fresh(b, QUEUE_END);

    bind_id(s, 1, page);
    bind_holder(s, 2, &b->queue->holder);
    bind_text(s, 5, state);
    bind_text(s, 6, reason);
    if (statement_run(s, e) != 0)
        return -1;
    *mine = sqlite3_changes(store_db(b->store)) == 1;
    return 0;
}

static int write_reading(struct box *b, uint64_t page, const struct reading *r,
                         struct err *e)
{
    struct buffer packed, alternatives;
    size_t lost;
    int rc = -1;

    buffer_init(&packed, LAYOUT_BYTES_MAX);
    buffer_init(&alternatives, ALTERNATIVES_BYTES_MAX);
    layout_pack(&r->layout, &packed);
    alternatives_pack(&r->alternatives, &alternatives);
    if (buffer_check(&packed, e) == 0 && buffer_check(&alternatives, e) == 0 &&
        reading_write(b, page, r->text.bytes != NULL ? (const char *)r->text.bytes : "",
                      packed.bytes, packed.count, r->engine, &lost, e) == 0)
        rc = alternative_rows_keep(b, page, alternatives.bytes, alternatives.count, e);
    buffer_release(&packed);
    buffer_release(&alternatives);
    return rc;
}

/* What the page's job ends with: a reading, or, if a person asked for it to be read again,
 * what stands beside the one there is. */
static int end_with(struct box *b, uint64_t page, const struct reading *r, bool *mine,
                    bool *set_aside, struct err *e)
{
    const char *reason = refusal_name(r->refusal);
    bool refused = r->refusal != REFUSAL_NONE, proposed;
    enum reading_way way;
    json_t *detail;

    if (again_is_proposed(b, page, &proposed, &way, e) != 0)
        return -1;
    *set_aside = refused && !proposed;
    if (end_job(b, page, *set_aside ? "quarantined" : "done", *set_aside ? reason : NULL,
                mine, e) != 0)
        return -1;
    if (!*mine)
        return 0;
    if (proposed)
        return again_propose(b, page, way, r, e);
    if (refused)
        return drawing_mark(b, page, e) != 0
                   ? -1
                   : event_add(b, page, "quarantined",
                               json_pack("{s:s}", "reason", reason), e);
    if (write_reading(b, page, r, e) != 0)
        return -1;
    detail = json_pack("{s:s, s:I}", "engine", r->engine, "ms", (json_int_t)r->took_ms);
    /* An engine's name that is no text: the reading itself says the same. */
    return detail == NULL ? record_event(b->records, page, "read", b->actor, NULL, e)
                          : event_add(b, page, "read", detail, e);
}

int queue_end(struct box *b, uint64_t page, const struct reading *r, bool *set_aside,
              struct err *e)
{
    bool mine = false;
    int rc = -1;

    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (end_with(b, page, r, &mine, set_aside, e) != 0)
        goto out;
    if (store_write_commit(b->store, NULL, e) != 0)
        goto out;
    forget_lease(b->queue, page);
    rc = 0;
out:
    if (rc != 0)
        store_write_rollback(b->store);
    return rc;
}
