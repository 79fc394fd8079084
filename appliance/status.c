#include "appliance/status.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/queue.h"
#include "appliance/verb_io.h"
#include "schema/statements.h"

/* Below this the clerk is told: a few hundred scanned pages. */
#define DISK_FREE_BYTES_LOW (1024ull << 20)

enum {
    COUNT_KEPT,
    COUNT_UNREAD,
    COUNT_HELD,
    COUNT_FRAME_BYTES,
    COUNT_ORIGINAL_BYTES,
    OLDEST_UNSENT,
    STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
    [COUNT_KEPT] = "SELECT count(*) FROM document WHERE deleted = 0",
    /* From the jobs, whose number is the backlog's, not from all readings. A page
     * in quarantine has not been read, nor has its document. */
    [COUNT_UNREAD] = "SELECT count(DISTINCT p.document) FROM job j"
                     " JOIN page p ON p.id = j.page AND p.deleted = 0"
                     " JOIN document d ON d.id = p.document AND d.deleted = 0"
                     " WHERE j.state IN ('waiting', 'leased', 'quarantined')",
    [COUNT_HELD] = "SELECT count(*) FROM intake WHERE state = 'held'",
    [COUNT_FRAME_BYTES] = "SELECT coalesce(sum(length(changeset)), 0) FROM changelog"
                          " WHERE sequence > (SELECT sent FROM sync_state)",
    /* No original has been sent before the first receipt names one. */
    [COUNT_ORIGINAL_BYTES] = "SELECT coalesce(sum(bytes), 0) FROM original",
    [OLDEST_UNSENT] = "SELECT boot, mono_ms, wall_ms, wall_confidence FROM changelog"
                      " WHERE sequence > (SELECT sent FROM sync_state)"
                      " ORDER BY sequence LIMIT 1",
};

static int count_one(sqlite3_stmt *s, uint64_t *out, struct err *e)
{
    int step = statement_step(statement_fresh(s), e);

    *out = step == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s);
    return step < 0 ? -1 : 0;
}

static int read_oldest(struct box *b, sqlite3_stmt *s, int64_t *age_ms, struct err *e)
{
    struct moment then;
    int step = statement_step(statement_fresh(s), e);

    *age_ms = 0;
    if (step <= 0)
        return step;
    then = (struct moment){.boot = (uint32_t)sqlite3_column_int64(s, 0),
                           .mono_ms = sqlite3_column_int64(s, 1),
                           .wall_ms = sqlite3_column_int64(s, 2),
                           .confidence = (enum wall_confidence)sqlite3_column_int(s, 3)};
    (void)statement_fresh(s);
    return store_age_ms_min(b->store, &then, age_ms, e);
}

static int read_counts(struct box *b, sqlite3_stmt **s, struct status *out, struct err *e)
{
    struct queue_counts pages;
    uint64_t unread;

    if (count_one(s[COUNT_KEPT], &out->kept, e) != 0 ||
        count_one(s[COUNT_UNREAD], &unread, e) != 0 ||
        count_one(s[COUNT_HELD], &out->held, e) != 0 ||
        count_one(s[COUNT_FRAME_BYTES], &out->waiting_bytes[1], e) != 0 ||
        count_one(s[COUNT_ORIGINAL_BYTES], &out->waiting_bytes[5], e) != 0 ||
        read_oldest(b, s[OLDEST_UNSENT], &out->oldest_unsent_ms_min, e) != 0 ||
        queue_count(b, &pages, e) != 0)
        return -1;
    out->read = out->kept - unread;
    out->pages_waiting = pages.waiting + pages.leased;
    out->pages_quarantined = pages.quarantined;
    return 0;
}

/* sent, received, applied and complete stay 0: nothing has left a box that has no
 * centre, and no receipt has come. */
int status_read(struct box *b, struct status *out, struct err *e)
{
    sqlite3_stmt *s[STATEMENTS] = {0};
    bool reading = false;
    int rc = -1;

    *out = (struct status){0};
    if (disk_free_bytes(b->disk, b->dir, &out->disk_free_bytes, e) != 0 ||
        statements_prepare(store_db(b->store), s, sql, STATEMENTS, e) != 0)
        goto out;
    if (store_read_begin(b->store, e) != 0)
        goto out;
    reading = true;
    rc = read_counts(b, s, out, e);
out:
    statements_finalize(s, STATEMENTS);
    if (reading)
        store_read_end(b->store);
    return rc == 0 ? 0 : err_wrap(e, "status");
}

/* Appends {"code", "count", "vi", "en"}; the sentence is status.problem.CODE. */
static void add_problem(json_t *problems, const char *code, uint64_t count)
{
    char key[64], number[24];
    const char *const args[] = {number};
    json_t *p;

    (void)snprintf(key, sizeof key, "status.problem.%s", code);
    (void)snprintf(number, sizeof number, "%" PRIu64, count);
    p = message_json(key, args, 1);
    (void)json_object_set_new(p, "code", json_string(code));
    (void)json_object_set_new(p, "count", json_integer((json_int_t)count));
    (void)json_array_append_new(problems, p);
}

static json_t *problems_json(const struct status *s)
{
    json_t *problems = json_array();

    if (s->pages_quarantined > 0)
        add_problem(problems, "quarantined", s->pages_quarantined);
    if (s->held > 0)
        add_problem(problems, "held", s->held);
    if (s->disk_free_bytes < DISK_FREE_BYTES_LOW)
        add_problem(problems, "disk_low", s->disk_free_bytes >> 20);
    return problems;
}

static json_t *waiting_json(const struct status *s)
{
    json_t *waiting = json_object();

    for (int class = 0; class < CLASS_COUNT; class ++) {
        char name[16];

        (void)snprintf(name, sizeof name, "%d", class);
        (void)json_object_set_new(waiting, name,
                                  json_integer((json_int_t)s->waiting_bytes[class]));
    }
    return waiting;
}

json_t *status_json(struct box *b, const struct status *s)
{
    const struct store_identity *who = store_identity(b->store);

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:{s:I, s:I}, s:I,"
                     " s:I, s:i, s:o}",
                     "kept", (json_int_t)s->kept, "read", (json_int_t)s->read, //
                     "sent", (json_int_t)s->sent, "received", (json_int_t)s->received,
                     "applied", (json_int_t)s->applied, "complete",
                     (json_int_t)s->complete, "waiting", waiting_json(s),
                     "oldest_unsent_s", (json_int_t)(s->oldest_unsent_ms_min / 1000),
                     "problems", problems_json(s), "pages", //
                     "waiting", (json_int_t)s->pages_waiting, "quarantined",
                     (json_int_t)s->pages_quarantined, "held", (json_int_t)s->held,
                     "disk_free_bytes", (json_int_t)s->disk_free_bytes, "site",
                     (int)who->site, "name", json_any_text(who->name));
}
