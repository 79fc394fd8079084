#include "sync/centre/lines.h"

#include <stdio.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/core.h"

/* ------------------------------------------------------------------------ paths */

/* *found is false for the site's first line, and for one that is not known. */
static int read_parent(struct centre *c, uint16_t site, uint8_t epoch, uint8_t *parent,
                       uint64_t *after, bool *found, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *after = 0;
    *parent = 0;
    if (centre_statement(c, &s,
                         "SELECT parent, after FROM line WHERE site = ?1 AND epoch = ?2",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int(s, 2, epoch);
    row = statement_step(s, e);
    *found = row == 1;
    if (row == 1) {
        *parent = (uint8_t)sqlite3_column_int(s, 0);
        *after = (uint64_t)sqlite3_column_int64(s, 1);
    }
    statements_finalize(&s, 1);
    if (row == 1 && *parent >= epoch)
        return err_set(e, ERR_CORRUPT, "site %u: line %u follows line %u", site, epoch,
                       *parent);
    return row < 0 ? -1 : 0;
}

/* A parent is older than its child, so that it ends. */
int line_path(struct centre *c, uint16_t site, uint8_t epoch, uint64_t sequence,
              struct line_path *out, struct err *e)
{
    bool found = true;

    *out = (struct line_path){0};
    while (found && epoch != 0 && sequence != 0) {
        uint64_t after;
        uint8_t parent;

        if (read_parent(c, site, epoch, &parent, &after, &found, e) != 0)
            return -1;
        if (sequence > after) {
            out->last[epoch] = sequence;
            sequence = after;
        }
        epoch = parent;
    }
    return 0;
}

int line_path_now(struct centre *c, const struct site_row *site, struct line_path *out,
                  struct err *e)
{
    return line_path(c, site->site, site->epoch, site->received, out, e);
}

bool line_path_has(const struct line_path *p, uint8_t epoch, uint64_t sequence)
{
    return p->last[epoch] >= sequence;
}

uint8_t line_path_epoch(const struct line_path *p, uint64_t sequence)
{
    for (size_t i = 0; i < LINE_EPOCHS; i++)
        if (p->last[i] != 0 && p->last[i] >= sequence)
            return (uint8_t)i; /* a younger epoch's frames have higher numbers */
    return 0;
}

bool line_path_stands(const struct line_path *p, uint8_t seen_epoch, uint64_t seen)
{
    return seen_epoch == 0 ||
           (p->last[seen_epoch] != 0 && line_path_has(p, seen_epoch, seen));
}

uint64_t line_path_common(const struct line_path *a, const struct line_path *b)
{
    uint64_t common = 0;

    for (size_t i = 0; i < LINE_EPOCHS; i++) {
        uint64_t both = a->last[i] < b->last[i] ? a->last[i] : b->last[i];

        if (both > common)
            common = both;
    }
    return common;
}

/* ----------------------------------------------------------------------- frames */

#define FRAMES                                                                           \
    "(SELECT 1 AS ours, epoch, sequence, chain FROM journal_frame WHERE site = ?1"       \
    " AND sequence = ?2 UNION ALL SELECT 0, epoch, sequence, chain FROM left_frame"      \
    " WHERE site = ?1 AND sequence = ?2)"

static int read_frame(sqlite3_stmt *s, struct line_frame *out, bool *found, struct err *e)
{
    int row = statement_step(s, e);

    *found = row == 1;
    if (row == 1) {
        out->epoch = (uint8_t)sqlite3_column_int(s, 0);
        out->sequence = (uint64_t)sqlite3_column_int64(s, 1);
        if (!column_hash(s, 2, &out->chain))
            row = err_set(e, ERR_CORRUPT, "frame %llu has no chain hash",
                          (unsigned long long)out->sequence);
    }
    return row < 0 ? -1 : 0;
}

static bool is_start(uint16_t site, uint64_t sequence, struct line_frame *out)
{
    *out = (struct line_frame){0};
    chain_start(&out->chain, site);
    return sequence == 0;
}

int line_nth(struct centre *c, uint16_t site, uint64_t sequence, const struct hash *chain,
             unsigned nth, struct line_frame *out, bool *found, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    *found = is_start(site, sequence, out) && nth == 0;
    if (sequence == 0)
        return 0;
    if (centre_statement(c, &s,
                         "SELECT epoch, sequence, chain FROM " FRAMES
                         " WHERE ?3 IS NULL OR chain = ?3"
                         " ORDER BY ours DESC, epoch DESC LIMIT 1 OFFSET ?4",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    if (chain != NULL)
        bind_blob(s, 3, chain->bytes, HASH_BYTES);
    (void)sqlite3_bind_int64(s, 4, nth);
    rc = read_frame(s, out, found, e);
    statements_finalize(&s, 1);
    return rc;
}

int line_find(struct centre *c, uint16_t site, uint8_t epoch, uint64_t sequence,
              struct line_frame *out, bool *found, struct err *e)
{
    struct line_path path;
    sqlite3_stmt *s;
    int rc;

    *found = is_start(site, sequence, out);
    if (*found)
        return 0;
    if (line_path(c, site, epoch, sequence, &path, e) != 0)
        return -1;
    if (centre_statement(c, &s,
                         "SELECT epoch, sequence, chain FROM " FRAMES " WHERE epoch = ?3",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(s, 3, line_path_epoch(&path, sequence));
    rc = read_frame(s, out, found, e);
    statements_finalize(&s, 1);
    return rc;
}

int line_end(struct centre *c, uint16_t site, uint8_t epoch, uint64_t *last,
             struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *last = 0;
    if (centre_statement(
            c, &s,
            "SELECT max(coalesce((SELECT max(sequence) FROM journal_frame WHERE site = ?1"
            " AND epoch = ?2), 0), coalesce((SELECT max(sequence) FROM left_frame"
            " WHERE site = ?1 AND epoch = ?2), 0))",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int(s, 2, epoch);
    row = statement_step(s, e);
    if (row == 1)
        *last = (uint64_t)sqlite3_column_int64(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* One alarm for all of them: its moment moves on. */
static int tell_few(struct centre *c, uint16_t site, struct err *e)
{
    struct site_row row;
    char detail[384];
    bool found;

    if (site_find(c, site, &row, &found, e) != 0)
        return -1;
    (void)snprintf(detail, sizeof detail,
                   "%s (site %u) has used %u of its %u epochs, one for each time that its"
                   " box was put back or met a copy of itself: when they are used up it"
                   " can send nothing; the province's administrator must enrol it anew",
                   found ? row.name : "a box", site, LINE_EPOCHS_FEW, SYNC_EPOCH_LAST);
    return site_alarm(c, site, "epochs", detail, e);
}

/* What is held was judged by the lines that there were. */
static int judge_again(struct centre *c, uint16_t site, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "UPDATE journal SET begins = 0 WHERE site = ?1"
                         " AND state = 'held' AND begins < 0",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int line_begin(struct centre *c, uint16_t site, uint8_t epoch,
               const struct line_frame *after, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "INSERT INTO line (site, epoch, parent, after)"
                         " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int(s, 2, epoch);
    (void)sqlite3_bind_int(s, 3, after->epoch);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)after->sequence);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    if (rc != 0 || judge_again(c, site, e) != 0)
        return -1;
    return epoch < LINE_EPOCHS_FEW ? 0 : tell_few(c, site, e);
}

/* ------------------------------------------------------------- before schema 8 */

int lines_name_old(struct centre *c, struct err *e)
{
    static const char *const unnamed =
        "SELECT NOT EXISTS (SELECT 1 FROM line) AND EXISTS (SELECT 1 FROM journal_frame)";
    /* A frame is of the oldest bundle that has it; a line begins with its first frame.
     * What was held is proved once more. */
    static const char *const name =
        "UPDATE journal_frame SET epoch = coalesce((SELECT min(j.epoch) FROM journal j"
        "  WHERE j.site = journal_frame.site AND j.first <= journal_frame.sequence"
        "  AND j.last >= journal_frame.sequence AND j.state <> 'held' AND"
        "  (j.left_after IS NULL OR j.left_after >= journal_frame.sequence)), 1);"
        "INSERT OR IGNORE INTO line (site, epoch, parent, after) SELECT f.site, f.epoch,"
        "  coalesce((SELECT p.epoch FROM journal_frame p WHERE p.site = f.site"
        "   AND p.sequence = f.after), 0), f.after FROM (SELECT site, epoch,"
        "   min(sequence) - 1 AS after FROM (SELECT site, epoch, sequence FROM"
        "    journal_frame UNION ALL SELECT site, epoch, sequence FROM left_frame)"
        "   GROUP BY site, epoch) f;"
        "UPDATE journal SET begins = 1 WHERE state = 'held'";
    int64_t old;

    if (sql_number(store_db(c->store), unnamed, &old, e) != 0)
        return -1;
    if (old == 0)
        return 0;
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (sql_run(store_db(c->store), name, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "lines");
}
