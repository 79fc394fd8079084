#include "schema/statements.h"
#include "sync/centre/down_internal.h"

static int run(struct centre *c, const char *sql, uint16_t site, uint64_t a, uint64_t b,
               struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s, sql, e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)a);
    if (sqlite3_bind_parameter_count(s) > 2)
        (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)b);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* Whether the site's row says something else: most contacts bring no news, and need no
 * write. */
static int is_news(struct centre *c, const char *sql, uint16_t site, uint64_t a,
                   uint64_t b, bool *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s, sql, e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)a);
    if (sqlite3_bind_parameter_count(s) > 2)
        (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)b);
    row = statement_step(s, e);
    *out = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

#define SEEN_IS_NEWS                                                                     \
    " WHERE site = ?1 AND (down_seen_epoch < ?2"                                         \
    " OR (down_seen_epoch = ?2 AND down_seen < ?3))"

/* Whether the box has applied frames that this centre has not, since it was put back to a
 * backup, and nothing of the newer line is there to tell it. */
static int has_lost(struct centre *c, uint16_t site, uint8_t epoch, uint64_t sequence,
                    bool *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *out = false;
    if (epoch >= c->epoch || sequence == 0)
        return 0;
    if (centre_statement(c, &s,
                         "SELECT 1 FROM down_frame WHERE site = ?1"
                         " AND (sequence >= ?2 OR centre_epoch > ?3) LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(s, 3, epoch);
    row = statement_step(s, e);
    *out = row == 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* A frame that changes nothing, under our epoch: by it the box sees where the line that it
 * knows was left, and gives back what it has of that. */
static int begin_line(struct centre *c, uint16_t site, struct err *e)
{
    const struct buffer nothing = {.bytes = (unsigned char *)(uintptr_t) ""};
    uint64_t sequence;
    int rc = down_open_applied(c, site, e);

    if (rc == 0)
        rc = down_frame_add(c, c->down, &nothing, &sequence, e);
    down_close(c);
    return rc;
}

static int write_seen(struct centre *c, uint16_t site, uint8_t epoch, uint64_t sequence,
                      struct err *e)
{
    bool lost;

    if (has_lost(c, site, epoch, sequence, &lost, e) != 0 ||
        (lost && begin_line(c, site, e) != 0))
        return -1;
    if (run(c, "UPDATE site SET down_seen_epoch = ?2, down_seen = ?3" SEEN_IS_NEWS, site,
            epoch, sequence, e) != 0)
        return -1;
    /* Numbers of an older epoch name frames that may not be ours any more. */
    return epoch != c->epoch ? 0
                             : run(c,
                                   "DELETE FROM down_bundle WHERE site = ?1"
                                   " AND last <= ?2",
                                   site, sequence, 0, e);
}

int down_seen(struct centre *c, uint16_t site, uint8_t centre_epoch, uint64_t sequence,
              struct err *e)
{
    bool news;

    if (is_news(c, "SELECT 1 FROM site" SEEN_IS_NEWS, site, centre_epoch, sequence, &news,
                e) != 0)
        return err_wrap(e, "down: seen");
    if (!news || centre_epoch > c->epoch)
        return 0;
    if (store_apply_begin(c->store, e) != 0)
        return err_wrap(e, "down: seen");
    if (write_seen(c, site, centre_epoch, sequence, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "down: seen");
}

int down_schema(struct centre *c, uint16_t site, uint32_t schema, struct err *e)
{
    bool news;

    if (is_news(c, "SELECT 1 FROM site WHERE site = ?1 AND schema IS NOT ?2", site,
                schema, 0, &news, e) != 0)
        return err_wrap(e, "down: schema");
    if (!news)
        return 0;
    if (store_apply_begin(c->store, e) != 0)
        return err_wrap(e, "down: schema");
    if (run(c, "UPDATE site SET schema = ?2 WHERE site = ?1", site, schema, 0, e) == 0 &&
        down_send_waiting(c, site, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "down: schema");
}
