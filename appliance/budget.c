#include "appliance/budget.h"

#include "schema/statements.h"

#define MONTHS_KEPT 24
#define COUNTRY_S   25200ll /* seven hours ahead of UTC, all year */
#define DAY_S       86400ll

enum { METERED, LIMITS, SPENT, SPEND, FORGET, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [METERED] = "SELECT metered FROM centre_link",
    [LIMITS] = "SELECT class, bytes FROM link_budget",
    [SPENT] = "SELECT class, bytes FROM link_month WHERE month = ?1",
    [SPEND] = ("INSERT INTO link_month (month, class, bytes) VALUES (?1, ?2, ?3)"
               " ON CONFLICT DO UPDATE SET bytes = bytes + ?3"),
    [FORGET] = "DELETE FROM link_month WHERE month < ?1 - ?2",
};

/* Months since January 1970, by the civil calendar: days since the era's 1 March, so
 * that a leap day is a year's last. */
static int64_t month_of(int64_t wall_ms)
{
    int64_t days = (wall_ms / 1000 + COUNTRY_S) / DAY_S + 719468;
    int64_t era = days / 146097, day = days % 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0: March */

    return (era * 400 + year - 1970) * 12 + month + 2;
}

static int this_month(struct box *b, int64_t *out, struct err *e)
{
    struct moment now;

    if (store_now(b->store, &now, e) != 0)
        return -1;
    *out = month_of(now.wall_ms < 0 ? 0 : now.wall_ms);
    return 0;
}

static int read_classes(sqlite3_stmt *s, uint64_t by_class[SYNC_CLASSES], uint64_t *all,
                        struct err *e)
{
    int row;

    while ((row = statement_step(s, e)) == 1) {
        int class = sqlite3_column_int(s, 0);
        uint64_t bytes = (uint64_t)sqlite3_column_int64(s, 1);

        if (class == SYNC_CLASS_STATUS)
            *all = bytes;
        else if (class > 0 && class < SYNC_CLASSES)
            by_class[class] = bytes;
    }
    return row;
}

int budget_read(struct box *b, struct sync_budget *out, struct err *e)
{
    sqlite3_stmt *s[STATEMENTS];
    int64_t month;
    int row, rc = -1;

    *out = (struct sync_budget){0};
    if (this_month(b, &month, e) != 0 ||
        statements_prepare(store_db(b->store), s, sql, STATEMENTS, e) != 0)
        return err_wrap(e, "budget");
    row = statement_step(s[METERED], e);
    if (row >= 0) {
        out->metered = row == 1 && sqlite3_column_int(s[METERED], 0) != 0;
        (void)sqlite3_bind_int64(s[SPENT], 1, month);
        if (read_classes(s[LIMITS], out->month, &out->month_all, e) == 0 &&
            read_classes(s[SPENT], out->spent, &out->spent_all, e) == 0)
            rc = 0;
    }
    statements_finalize(s, STATEMENTS);
    return rc == 0 ? 0 : err_wrap(e, "budget");
}

static int write_spent(sqlite3_stmt **s, int64_t month,
                       const uint64_t bytes[SYNC_CLASSES], struct err *e)
{
    for (int class = 0; class < SYNC_CLASSES; class ++) {
        sqlite3_stmt *add = statement_fresh(s[SPEND]);

        if (bytes[class] == 0)
            continue;
        (void)sqlite3_bind_int64(add, 1, month);
        (void)sqlite3_bind_int(add, 2, class);
        (void)sqlite3_bind_int64(add, 3, (sqlite3_int64)bytes[class]);
        if (statement_run(add, e) != 0)
            return -1;
    }
    (void)sqlite3_bind_int64(s[FORGET], 1, month);
    (void)sqlite3_bind_int(s[FORGET], 2, MONTHS_KEPT);
    return statement_run(s[FORGET], e);
}

int budget_spend(struct box *b, const uint64_t bytes[SYNC_CLASSES], struct err *e)
{
    sqlite3_stmt *s[STATEMENTS];
    int64_t month;
    int rc = -1;

    if (this_month(b, &month, e) != 0 ||
        statements_prepare(store_db(b->store), s, sql, STATEMENTS, e) != 0)
        return err_wrap(e, "budget");
    if (store_write_begin(b->store, e) == 0) {
        rc = write_spent(s, month, bytes, e);
        if (rc == 0)
            rc = store_write_commit(b->store, NULL, e);
        else
            store_write_rollback(b->store);
    }
    statements_finalize(s, STATEMENTS);
    return rc == 0 ? 0 : err_wrap(e, "budget");
}

enum kept_back budget_keeps_back(const struct sync_budget *b, enum sync_class class)
{
    struct sync_budget unmetered = *b;

    if (sync_budget_allows(b, class))
        return KEPT_BACK_NOT;
    unmetered.metered = false;
    return sync_budget_allows(&unmetered, class) ? KEPT_BACK_METERED : KEPT_BACK_BUDGET;
}
