#include "schema/statements.h"
#include "sync/centre/sites.h"

/* Each look at a site counts its alarms. */
static int drop_oldest(struct centre *c, uint16_t site, const char *kind, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "DELETE FROM alarm WHERE id IN (SELECT id FROM alarm"
                         " WHERE site = ?1 AND kind = ?2"
                         " ORDER BY boot DESC, mono_ms DESC, id DESC"
                         " LIMIT -1 OFFSET ?3)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    bind_text(s, 2, kind);
    (void)sqlite3_bind_int(s, 3, SITE_ALARMS_MAX);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int write_alarm(struct centre *c, uint16_t site, const char *kind,
                       const char *detail, struct err *e)
{
    static const char *const sql[] = {
        "UPDATE alarm SET boot = ?4, mono_ms = ?5, wall_ms = ?6, wall_confidence = ?7"
        " WHERE site = ?1 AND kind = ?2 AND detail = ?3",
        "INSERT INTO alarm (site, kind, detail, boot, mono_ms, wall_ms, wall_confidence)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    };
    struct moment now;
    int rc = store_now(c->store, &now, e);

    for (int i = 0; rc == 0 && i < 2; i++) {
        sqlite3_stmt *s;

        if (centre_statement(c, &s, sql[i], e) != 0)
            return -1;
        (void)sqlite3_bind_int(s, 1, site);
        bind_text(s, 2, kind);
        bind_text(s, 3, detail);
        bind_moment(s, 4, &now);
        rc = statement_run(s, e);
        statements_finalize(&s, 1);
        if (sqlite3_changes(store_db(c->store)) > 0)
            break;
    }
    return rc == 0 ? drop_oldest(c, site, kind, e) : -1;
}

int site_alarm(struct centre *c, uint16_t site, const char *kind, const char *detail,
               struct err *e)
{
    if (!sqlite3_get_autocommit(store_db(c->store)))
        return write_alarm(c, site, kind, detail, e);
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (write_alarm(c, site, kind, detail, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "alarm");
}

int site_alarm_over(struct centre *c, uint16_t site, const char *kind, const char *words,
                    struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "DELETE FROM alarm WHERE site = ?1 AND kind = ?2"
                         " AND substr(detail, 1, length(?3)) = ?3",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    bind_text(s, 2, kind);
    bind_text(s, 3, words);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int site_each_alarm(struct centre *c,
                    int (*each)(void *arg, uint16_t site, const char *kind,
                                const char *detail, const struct moment *when,
                                struct err *e),
                    void *arg, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    if (centre_statement(c, &s,
                         "SELECT site, kind, detail, boot, mono_ms, wall_ms,"
                         " wall_confidence FROM alarm ORDER BY id",
                         e) != 0)
        return -1;
    while (rc == 0 && (row = statement_step(s, e)) != 0) {
        struct moment when = {
            .boot = (uint32_t)sqlite3_column_int64(s, 3),
            .mono_ms = sqlite3_column_int64(s, 4),
            .wall_ms = sqlite3_column_int64(s, 5),
            .confidence = (enum wall_confidence)sqlite3_column_int(s, 6),
        };

        rc = row < 0 ? -1
                     : each(arg, (uint16_t)sqlite3_column_int(s, 0),
                            (const char *)sqlite3_column_text(s, 1),
                            (const char *)sqlite3_column_text(s, 2), &when, e);
    }
    statements_finalize(&s, 1);
    return rc;
}
