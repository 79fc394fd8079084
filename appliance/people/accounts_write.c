#include "appliance/people/accounts_write.h"

#include <string.h>

#include "schema/statements.h"

int account_run(struct store *s, const char *sql, const char *name, const char *text,
                int64_t number, struct err *e)
{
    sqlite3_stmt *q;
    int rc;

    if (statements_prepare(store_db(s), &q, &sql, 1, e) != 0)
        return -1;
    bind_text(q, 1, name);
    if (sqlite3_bind_parameter_count(q) >= 2)
        bind_text(q, 2, text);
    if (sqlite3_bind_parameter_count(q) >= 3)
        (void)sqlite3_bind_int64(q, 3, number);
    rc = statement_run(q, e);
    statements_finalize(&q, 1);
    return rc;
}

int account_mark(struct store *s, const char *name, const char *what, struct err *e)
{
    static const char *const sql =
        "INSERT OR REPLACE INTO account_moment (account, what, boot, mono_ms, wall_ms,"
        " wall_confidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    struct moment now;
    sqlite3_stmt *q;
    int rc;

    if (store_now(s, &now, e) != 0 ||
        statements_prepare(store_db(s), &q, &sql, 1, e) != 0)
        return -1;
    bind_text(q, 1, name);
    bind_text(q, 2, what);
    bind_moment(q, 3, &now);
    rc = statement_run(q, e);
    statements_finalize(&q, 1);
    return rc;
}

struct others {
    const char *name; /* other than this one */
    bool any;
};

static int look_for_another(void *arg, const struct account *a, struct err *e)
{
    struct others *o = arg;

    (void)e;
    o->any =
        o->any || (a->role == ROLE_ADMINISTRATOR && a->enabled && a->second_sure &&
                   a->seen_ms <= ACCOUNT_DORMANT_MS && strcmp(a->name, o->name) != 0);
    return 0;
}

int account_is_last(struct store *s, const struct account *a, bool *last, struct err *e)
{
    struct others o = {.name = a->name};

    *last = false;
    if (a->role != ROLE_ADMINISTRATOR)
        return 0;
    if (accounts_each(s, look_for_another, &o, e) != 0)
        return -1;
    *last = !o.any;
    return 0;
}
