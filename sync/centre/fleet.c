#include "sync/centre/fleet.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/statements.h"
#include "sync/centre/console.h"
#include "sync/centre/journal.h"

/* A box whose card is nearly full says so before its clerk does. */
#define DISK_USED_PERCENT_HIGH 90

#define CLASS_IMAGES    4
#define CLASS_ORIGINALS 5

enum {
    COUNT_KEPT,
    COUNT_UNREAD,
    COUNT_INCOMPLETE,
    COUNT_IMAGE_BYTES,
    COUNT_ORIGINAL_BYTES,
    COUNT_PARKED,
    COUNT_CONFLICTS,
    STATEMENTS,
};

/* ?1 to ?2 are the ids of one site, ?3 its number. */
#define UNREAD                                                                           \
    " FROM page p JOIN document d ON d.id = p.document AND d.deleted = 0"                \
    " WHERE p.id BETWEEN ?1 AND ?2 AND p.deleted = 0"                                    \
    " AND (NOT EXISTS (SELECT 1 FROM reading r WHERE r.page = p.id)"
#define MISSING                                                                          \
    "NOT EXISTS (SELECT 1 FROM held_blob h WHERE h.sha256 = o.sha256 AND h.site = ?3)"

static const char *const sql[STATEMENTS] = {
    [COUNT_KEPT] = "SELECT count(*) FROM document WHERE id BETWEEN ?1 AND ?2"
                   " AND deleted = 0",
    [COUNT_UNREAD] = "SELECT count(DISTINCT p.document)" UNREAD ")",
    [COUNT_INCOMPLETE] =
        "SELECT count(DISTINCT p.document)" UNREAD
        " OR EXISTS (SELECT 1 FROM original o WHERE o.id = p.original AND " MISSING "))",
    [COUNT_IMAGE_BYTES] =
        "SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT sha256, bytes"
        " FROM image o WHERE page BETWEEN ?1 AND ?2 AND " MISSING ")",
    /* One that came packed and is not restored yet does not wait at the box. */
    [COUNT_ORIGINAL_BYTES] =
        "SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT sha256, bytes"
        " FROM original o WHERE id BETWEEN ?1 AND ?2 AND " MISSING
        " AND NOT EXISTS (SELECT 1 FROM unpacking u WHERE u.original = o.sha256"
        "  AND u.site = ?3))",
    [COUNT_PARKED] = "SELECT count(*) FROM parked WHERE id BETWEEN ?1 AND ?2"
                     " AND closed_by IS NULL AND (id >> 28 & 255) = 255",
    [COUNT_CONFLICTS] = "SELECT count(*) FROM conflict WHERE id BETWEEN ?1 AND ?2"
                        " AND closed_by IS NULL",
};

struct fleet {
    struct centre *centre;
    uint16_t site; /* 0: all */
    sqlite3_stmt *statements[STATEMENTS];
    json_t *sites, *alarms;
};

struct fleet_site {
    const struct site_row *row;
    uint64_t counts[STATEMENTS];
    uint64_t missing_first, missing_last;
    int64_t contact_age_ms; /* -1: never */
};

/* ------------------------------------------------------------------------ read */

static int read_counts(struct fleet *f, struct fleet_site *s, struct err *e)
{
    for (int i = 0; i < STATEMENTS; i++) {
        sqlite3_stmt *q = statement_fresh(f->statements[i]);
        int row;

        bind_id(q, 1, id_make(s->row->site, 0, 0));
        if (sqlite3_bind_parameter_count(q) >= 2)
            bind_id(q, 2, id_make((uint16_t)(s->row->site + 1), 0, 0) - 1);
        if (sqlite3_bind_parameter_count(q) >= 3)
            (void)sqlite3_bind_int(q, 3, s->row->site);
        row = statement_step(q, e);
        if (row < 0)
            return -1;
        s->counts[i] = (uint64_t)sqlite3_column_int64(q, 0);
        (void)statement_fresh(q); /* lets go of the row */
    }
    return 0;
}

static int read_site(struct fleet *f, struct fleet_site *s, struct err *e)
{
    s->contact_age_ms = -1;
    if (s->row->last_contact.boot != 0 &&
        store_age_ms_min(f->centre->store, &s->row->last_contact, &s->contact_age_ms,
                         e) != 0)
        return -1;
    if (journal_missing(f->centre, s->row->site, &s->missing_first, &s->missing_last,
                        e) != 0)
        return -1;
    return read_counts(f, s, e);
}

/* ------------------------------------------------------------------------ JSON */

static void add_problem(json_t *problems, const char *code, uint64_t count)
{
    char key[64], number[24];
    const char *const args[] = {number};
    json_t *p;

    if (count == 0)
        return;
    (void)snprintf(key, sizeof key, "centre.problem.%s", code);
    (void)snprintf(number, sizeof number, "%" PRIu64, count);
    p = message_json(key, args, 1);
    (void)json_object_set_new(p, "code", json_string(code));
    (void)json_object_set_new(p, "count", json_integer((json_int_t)count));
    (void)json_array_append_new(problems, p);
}

static json_t *problems_json(const struct fleet_site *s)
{
    const struct status_vector *v = &s->row->status;
    json_t *problems = json_array();

    add_problem(problems, "alarms", s->row->alarms);
    add_problem(problems, "gap",
                s->missing_first == 0 ? 0 : s->missing_last - s->missing_first + 1);
    add_problem(problems, "parked", s->counts[COUNT_PARKED]);
    add_problem(problems, "conflicts", s->counts[COUNT_CONFLICTS]);
    add_problem(problems, "parked_at_box", v->parked);
    add_problem(problems, "disk_low",
                v->disk_used_percent >= DISK_USED_PERCENT_HIGH ? v->disk_used_percent
                                                               : 0);
    return problems;
}

/* Whether frames that the box spoke of have not come. */
static bool is_behind(const struct fleet_site *s)
{
    return s->row->status.last > s->row->received;
}

/* What is known to be missing here waits there, whatever the box has said. */
static uint64_t missing_bytes(const struct fleet_site *s, int class)
{
    return class == CLASS_IMAGES      ? s->counts[COUNT_IMAGE_BYTES]
           : class == CLASS_ORIGINALS ? s->counts[COUNT_ORIGINAL_BYTES]
                                      : 0;
}

static json_t *waiting_json(const struct fleet_site *s)
{
    json_t *waiting = json_object();

    for (int class = 0; class < SYNC_CLASSES; class ++) {
        uint64_t bytes = is_behind(s) ? s->row->status.waiting_bytes[class] : 0;
        char name[8];

        if (bytes < missing_bytes(s, class))
            bytes = missing_bytes(s, class);
        (void)snprintf(name, sizeof name, "%d", class);
        (void)json_object_set_new(waiting, name, json_integer((json_int_t)bytes));
    }
    return waiting;
}

/* What waited then has waited since. */
static json_int_t oldest_s(const struct fleet_site *s)
{
    if (!is_behind(s))
        return 0;
    return (json_int_t)s->row->status.oldest_unsent_s +
           (s->contact_age_ms < 0 ? 0 : s->contact_age_ms / 1000);
}

static json_t *site_json(const struct fleet_site *s)
{
    const struct site_row *r = s->row;
    uint64_t last = is_behind(s) ? r->status.last : r->received;
    json_int_t kept = (json_int_t)s->counts[COUNT_KEPT];
    json_int_t read = kept - (json_int_t)s->counts[COUNT_UNREAD];
    json_int_t complete = kept - (json_int_t)s->counts[COUNT_INCOMPLETE];

    return json_pack(
        "{s:i, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:o,"
        " s:{s:I, s:I, s:I, s:I}}",
        "site", (int)r->site, "name", json_any_text(r->name), "claimed", (int)r->claimed,
        "kept", kept, "read", read, "sent", read, "received", read, "applied", read,
        "complete", complete, "waiting", waiting_json(s), "oldest_unsent_s", oldest_s(s),
        "problems", problems_json(s), "last_contact_s_ago",
        s->contact_age_ms < 0 ? json_null() : json_integer(s->contact_age_ms / 1000),
        "sequences", "last", (json_int_t)last, "received", (json_int_t)r->received,
        "applied", (json_int_t)r->applied, "safe", (json_int_t)r->safe);
}

static int add_site(void *arg, const struct site_row *row, struct err *e)
{
    struct fleet *f = arg;
    struct fleet_site s = {.row = row};

    if (f->site != 0 && row->site != f->site)
        return 0;
    if (read_site(f, &s, e) != 0)
        return -1;
    if (json_array_append_new(f->sites, site_json(&s)) != 0)
        return err_set(e, ERR_MEMORY, "status");
    return 0;
}

static int add_alarm(void *arg, uint16_t site, const char *kind, const char *detail,
                     const struct moment *when, struct err *e)
{
    struct fleet *f = arg;
    int64_t age_ms;

    if (f->site != 0 && site != f->site)
        return 0;
    if (store_age_ms_min(f->centre->store, when, &age_ms, e) != 0)
        return -1;
    if (json_array_append_new(f->alarms,
                              json_pack("{s:i, s:s, s:o, s:I}", "site", (int)site, "kind",
                                        kind, "detail", json_any_text(detail), "s_ago",
                                        (json_int_t)(age_ms / 1000))) != 0)
        return err_set(e, ERR_MEMORY, "status");
    return 0;
}

static int read_all(struct fleet *f, struct err *e)
{
    int rc = -1;

    if (store_read_begin(f->centre->store, e) != 0)
        return -1;
    if (statements_prepare(store_db(f->centre->store), f->statements, sql, STATEMENTS,
                           e) == 0 &&
        site_each(f->centre, add_site, f, e) == 0)
        rc = site_each_alarm(f->centre, add_alarm, f, e);
    statements_finalize(f->statements, STATEMENTS);
    store_read_end(f->centre->store);
    return rc;
}

int fleet_json(struct centre *c, uint16_t site, json_t **out, struct err *e)
{
    struct fleet f = {
        .centre = c, .site = site, .sites = json_array(), .alarms = json_array()};
    int rc = read_all(&f, e);

    *out = NULL;
    if (rc == 0 && (site == 0 || json_array_size(f.sites) > 0)) {
        *out = json_pack("{s:o, s:i, s:O, s:O}", "name",
                         json_any_text(store_identity(c->store)->name), "epoch",
                         (int)c->epoch, "sites", f.sites, "alarms", f.alarms);
        if (*out == NULL)
            rc = err_set(e, ERR_MEMORY, "status");
    }
    json_decref(f.sites);
    json_decref(f.alarms);
    return rc == 0 ? 0 : err_wrap(e, "status");
}
