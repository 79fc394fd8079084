#include "appliance/status.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/budget.h"
#include "appliance/queue.h"
#include "appliance/verb_io.h"
#include "schema/search/search.h"
#include "schema/statements.h"

/* Below this the clerk is told: a few hundred scanned pages. */
#define DISK_FREE_BYTES_LOW (1024ull << 20)
#define MEGABYTE            1000000

/* Work that is on the box only for longer than this: a second copy is asked for. */
#define COPY_WANTED_DAYS 7
#define DAY_MS           INT64_C(86400000)

enum {
    COUNT_KEPT,
    COUNT_UNREAD,
    COUNT_BEHIND,
    COUNT_INCOMPLETE,
    COUNT_HELD,
    COUNT_BUNDLE_BYTES,
    COUNT_FRAME_BYTES,
    COUNT_IMAGE_BYTES,
    COUNT_ORIGINAL_BYTES,
    OLDEST_UNSENT,
    SYNC_NUMBERS,
    LAST_REFUSED,
    COPY_MADE,
    CHANGED_SINCE_COPY,
    OLDEST_FRAME_HERE,
    OLDEST_ORIGINAL_HERE,
    STATEMENTS,
};

/* From the jobs, whose number is the backlog's, not from all readings. A page in
 * quarantine has not been read, nor has its document; one that is read again has. */
#define UNREAD                                                                           \
    "SELECT p.document AS document FROM job j"                                           \
    " JOIN page p ON p.id = j.page AND p.deleted = 0"                                    \
    " WHERE j.state IN ('waiting', 'leased', 'quarantined')"                             \
    " AND (j.way IS NULL OR NOT EXISTS (SELECT 1 FROM reading r WHERE r.page = j.page))"
/* Something of it changed after frame ?1. */
#define BEHIND     "SELECT document FROM document_frame WHERE sequence > ?1"
#define COUNT_THEM "SELECT count(*) FROM document WHERE deleted = 0 AND id IN ("

static const char *const sql[STATEMENTS] = {
    [COUNT_KEPT] = "SELECT count(*) FROM document WHERE deleted = 0",
    [COUNT_UNREAD] = COUNT_THEM UNREAD ")",
    [COUNT_BEHIND] = COUNT_THEM UNREAD " UNION " BEHIND ")",
    [COUNT_INCOMPLETE] =
        COUNT_THEM UNREAD " UNION " BEHIND " UNION SELECT p.document FROM original o"
                          " JOIN page p ON p.original = o.id"
                          "  AND p.deleted = 0"
                          " LEFT JOIN blob_sent b ON b.sha256 = o.sha256"
                          " WHERE coalesce(b.state, 0) = 0)",
    [COUNT_HELD] = "SELECT count(*) FROM intake WHERE state = 'held'",
    /* On the wire: what is sealed already counts as it is, what is not as it is
     * before it is packed. All that has no receipt may have to go (again). */
    [COUNT_BUNDLE_BYTES] = "SELECT coalesce(sum(length(bytes)), 0) FROM outbox"
                           " WHERE last > (SELECT received FROM sync_state)",
    [COUNT_FRAME_BYTES] = "SELECT coalesce(sum(length(changeset)), 0) FROM changelog"
                          " WHERE sequence > max((SELECT received FROM sync_state),"
                          "  (SELECT coalesce(max(last), 0) FROM outbox))",
    [COUNT_IMAGE_BYTES] = "SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT i.sha256,"
                          " i.bytes FROM image i"
                          " LEFT JOIN blob_sent b ON b.sha256 = i.sha256"
                          " WHERE coalesce(b.state, 0) = 0)",
    /* As they will travel: appliance/outbox.c. */
    [COUNT_ORIGINAL_BYTES] =
        "SELECT coalesce(sum(iif(b.sha256 IS NULL, coalesce(k.bytes, o.bytes), o.bytes)),"
        " 0) FROM original o LEFT JOIN blob_sent b ON b.sha256 = o.sha256"
        " LEFT JOIN packing k ON k.original = o.sha256 AND k.here = 1"
        " WHERE coalesce(b.state, 0) = 0",
    [OLDEST_UNSENT] = "SELECT boot, mono_ms, wall_ms, wall_confidence FROM changelog"
                      " WHERE sequence > (SELECT received FROM sync_state)"
                      " ORDER BY sequence LIMIT 1",
    [SYNC_NUMBERS] = "SELECT sent, received, applied FROM sync_state",
    [LAST_REFUSED] = "SELECT count(*) FROM contact WHERE ended = 'refused'"
                     " AND id = (SELECT max(id) FROM contact)",
    [COPY_MADE] = "SELECT boot, mono_ms, wall_ms, wall_confidence FROM second_copy",
    [CHANGED_SINCE_COPY] = "SELECT count(*) FROM document_frame"
                           " WHERE sequence > (SELECT sequence FROM second_copy)",
    /* On this box only: neither safe at the centre nor in the second copy. */
    [OLDEST_FRAME_HERE] = "SELECT boot, mono_ms, wall_ms, wall_confidence FROM changelog"
                          " WHERE sequence > max((SELECT safe FROM sync_state),"
                          "  coalesce((SELECT sequence FROM second_copy), 0))"
                          " ORDER BY sequence LIMIT 1",
    [OLDEST_ORIGINAL_HERE] =
        "SELECT v.boot, v.mono_ms, v.wall_ms, v.wall_confidence FROM original o"
        " LEFT JOIN blob_sent b ON b.sha256 = o.sha256"
        " JOIN page p ON p.original = o.id"
        " JOIN event v ON v.subject = p.document AND v.kind = 'taken'"
        " WHERE o.id > coalesce((SELECT original FROM second_copy), 0)"
        " AND coalesce(b.state, 0) < 2 ORDER BY o.id LIMIT 1",
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
    then = column_moment(s, 0);
    (void)statement_fresh(s);
    return store_age_ms_min(b->store, &then, age_ms, e);
}

/* How many documents are unread or have changed since this frame. */
static int count_since(sqlite3_stmt *s, uint64_t sequence, uint64_t *out, struct err *e)
{
    int step;

    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    step = statement_step(s, e);
    *out = step == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s);
    return step < 0 ? -1 : 0;
}

/* Each includes the next: a document counts as received when it has been read, and
 * the centre has signed for the last frame that changed anything of it. */
static int read_progress(sqlite3_stmt **s, struct status *out, struct err *e)
{
    sqlite3_stmt *numbers = statement_fresh(s[SYNC_NUMBERS]);
    uint64_t sequence[3] = {0}, behind[3], incomplete;
    int step = statement_step(numbers, e);

    if (step < 0)
        return -1;
    for (int i = 0; i < 3 && step == 1; i++)
        sequence[i] = (uint64_t)sqlite3_column_int64(numbers, i);
    (void)statement_fresh(numbers);
    for (int i = 0; i < 3; i++)
        if (count_since(s[COUNT_BEHIND], sequence[i], &behind[i], e) != 0)
            return -1;
    if (count_since(s[COUNT_INCOMPLETE], sequence[2], &incomplete, e) != 0)
        return -1;
    out->sent = out->kept - behind[0];
    out->received = out->kept - behind[1];
    out->applied = out->kept - behind[2];
    out->complete = out->kept - incomplete;
    return 0;
}

static int read_copy(struct box *b, sqlite3_stmt **s, struct status *out, struct err *e)
{
    int64_t frame, original, copies;

    if (sql_number(store_db(b->store), "SELECT count(*) FROM second_copy", &copies, e) !=
            0 ||
        read_oldest(b, s[COPY_MADE], &out->copy_age_ms_min, e) != 0 ||
        count_one(s[CHANGED_SINCE_COPY], &out->changed_since_copy, e) != 0 ||
        read_oldest(b, s[OLDEST_FRAME_HERE], &frame, e) != 0 ||
        read_oldest(b, s[OLDEST_ORIGINAL_HERE], &original, e) != 0)
        return -1;
    out->copied = copies > 0;
    out->on_box_only_ms_min = frame > original ? frame : original;
    return 0;
}

static int read_counts(struct box *b, sqlite3_stmt **s, struct status *out, struct err *e)
{
    struct queue_counts pages;
    uint64_t unread, bundles, refused;

    if (count_one(s[COUNT_KEPT], &out->kept, e) != 0 ||
        count_one(s[COUNT_UNREAD], &unread, e) != 0 ||
        count_one(s[COUNT_HELD], &out->held, e) != 0 ||
        count_one(s[COUNT_BUNDLE_BYTES], &bundles, e) != 0 ||
        count_one(s[COUNT_FRAME_BYTES], &out->waiting_bytes[1], e) != 0 ||
        count_one(s[COUNT_IMAGE_BYTES], &out->waiting_bytes[4], e) != 0 ||
        count_one(s[COUNT_ORIGINAL_BYTES], &out->waiting_bytes[5], e) != 0 ||
        count_one(s[LAST_REFUSED], &refused, e) != 0 ||
        read_oldest(b, s[OLDEST_UNSENT], &out->oldest_unsent_ms_min, e) != 0 ||
        queue_count(b, &pages, e) != 0 || read_progress(s, out, e) != 0 ||
        read_copy(b, s, out, e) != 0)
        return -1;
    out->read = out->kept - unread;
    out->waiting_bytes[1] += bundles;
    out->refused = refused != 0;
    out->pages_waiting = pages.waiting + pages.leased;
    out->pages_quarantined = pages.quarantined;
    return 0;
}

static int read_kept_back(struct box *b, struct status *out, struct err *e)
{
    struct sync_budget now;

    if (budget_read(b, &now, e) != 0)
        return -1;
    for (int class = 0; class < CLASS_COUNT; class ++) {
        enum kept_back why = budget_keeps_back(&now, (enum sync_class) class);

        if (why == KEPT_BACK_BUDGET)
            out->over_budget_bytes += out->waiting_bytes[class];
        else if (why == KEPT_BACK_METERED)
            out->metered_bytes += out->waiting_bytes[class];
    }
    return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int read_disk(struct box *b, struct status *out, struct err *e)
{
    struct disk_space space;
    uint64_t used, hundredth;

    if (disk_space(b->disk, b->dir, &space, e) != 0)
        return -1;
    used = space.total_bytes - space.free_bytes;
    hundredth = space.total_bytes / 100;
    out->disk_free_bytes = space.free_bytes;
    if (hundredth > 0) /* rounded up, as df does */
        out->disk_used_percent = (uint8_t)least((used + hundredth - 1) / hundredth, 100);
    return 0;
}

int status_read(struct box *b, struct status *out, struct err *e)
{
    sqlite3_stmt *s[STATEMENTS] = {0};
    bool reading = false;
    int rc = -1;

    *out = (struct status){0};
    if (read_disk(b, out, e) != 0 ||
        statements_prepare(store_db(b->store), s, sql, STATEMENTS, e) != 0)
        goto out;
    if (store_read_begin(b->store, e) != 0)
        goto out;
    reading = true;
    rc = read_counts(b, s, out, e) == 0 ? read_kept_back(b, out, e) : -1;
    if (rc == 0)
        rc = search_building(b->store, &out->index_building, &out->index_per_cent, e);
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
    if (s->refused)
        add_problem(problems, "refused", 1);
    if (s->index_building)
        add_problem(problems, "index", s->index_per_cent);
    if (s->over_budget_bytes > 0)
        add_problem(problems, "budget", (s->over_budget_bytes + MEGABYTE - 1) / MEGABYTE);
    if (s->metered_bytes > 0)
        add_problem(problems, "metered", (s->metered_bytes + MEGABYTE - 1) / MEGABYTE);
    if (s->disk_free_bytes < DISK_FREE_BYTES_LOW)
        add_problem(problems, "disk_low", s->disk_free_bytes >> 20);
    if (s->on_box_only_ms_min > COPY_WANTED_DAYS * DAY_MS)
        add_problem(problems, "copy_wanted", (uint64_t)(s->on_box_only_ms_min / DAY_MS));
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

static json_t *copy_json(const struct status *s)
{
    if (!s->copied)
        return json_null();
    return json_pack("{s:I, s:I}", "age_s", (json_int_t)(s->copy_age_ms_min / 1000),
                     "changed_since", (json_int_t)s->changed_since_copy);
}

json_t *status_json(struct box *b, const struct status *s)
{
    const struct store_identity *who = store_identity(b->store);

    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:{s:I, s:I}, s:I,"
        " s:I, s:i, s:i, s:o, s:o}",
        "kept", (json_int_t)s->kept, "read", (json_int_t)s->read, //
        "sent", (json_int_t)s->sent, "received", (json_int_t)s->received, "applied",
        (json_int_t)s->applied, "complete", (json_int_t)s->complete, "waiting",
        waiting_json(s), "oldest_unsent_s", (json_int_t)(s->oldest_unsent_ms_min / 1000),
        "problems", problems_json(s), "pages", //
        "waiting", (json_int_t)s->pages_waiting, "quarantined",
        (json_int_t)s->pages_quarantined, "held", (json_int_t)s->held, "disk_free_bytes",
        (json_int_t)s->disk_free_bytes, "disk_used_percent", (int)s->disk_used_percent,
        "site", (int)who->site, "name", json_any_text(who->name), "second_copy",
        copy_json(s));
}
