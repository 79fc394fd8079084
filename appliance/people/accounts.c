#include "appliance/people/accounts.h"

#include <stdio.h>
#include <string.h>

#include "schema/statements.h"

static const char *const role_names[ROLES] = {"clerk", "reviewer", "administrator"};

const char *role_name(enum role r)
{
    return role_names[r];
}

bool role_find(const char *name, enum role *out)
{
    for (enum role r = ROLE_CLERK; r < ROLES; r++)
        if (strcmp(role_names[r], name) == 0) {
            *out = r;
            return true;
        }
    return false;
}

enum account_must account_must(const struct account *a)
{
    bool administrator = a->role == ROLE_ADMINISTRATOR;

    if (a->temporary || (administrator && a->password_ms > ACCOUNT_PASSWORD_MS))
        return MUST_CHANGE_PASSWORD;
    return administrator && !a->second_sure ? MUST_ADD_SECOND : MUST_NOTHING;
}

bool account_is_locked(const struct account *a)
{
    return a->locked && a->locked_ms < ACCOUNT_LOCKED_MS;
}

/* -------------------------------------------------------------------- reading */

#define MOMENT(m) m ".boot, " m ".mono_ms, " m ".wall_ms, " m ".wall_confidence"
#define JOIN(m)                                                                          \
    " LEFT JOIN account_moment " m " ON " m ".account = a.name AND " m ".what = '" m "'"
#define SELECT_ACCOUNT                                                                   \
    "SELECT a.name, a.full_name, a.role, a.enabled, a.temporary, a.locked, a.second,"    \
    " a.second_sure, a.second_step, a.password, a.generation, a.failures,"               \
    " " MOMENT("password") ", " MOMENT("seen") ", " MOMENT(                              \
        "locked") " FROM account a" JOIN("password") JOIN("seen") JOIN("locked")

static const char find_sql[] = SELECT_ACCOUNT " WHERE a.name = ?1";
static const char each_sql[] = SELECT_ACCOUNT " ORDER BY a.name";

enum { AT_PASSWORD = 12, AT_SEEN = 16, AT_LOCKED = 20 };

static void copy_text(char *out, size_t bytes, sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);

    (void)snprintf(out, bytes, "%s", text == NULL ? "" : text);
}

static int read_age(struct store *s, sqlite3_stmt *q, int column, struct moment *when,
                    int64_t *age_ms, struct err *e)
{
    *age_ms = 0;
    if (sqlite3_column_type(q, column) == SQLITE_NULL)
        return 0;
    *when = column_moment(q, column);
    return store_age_ms_min(s, when, age_ms, e);
}

static int read_account(struct store *s, sqlite3_stmt *q, struct account *a,
                        struct err *e)
{
    const char *role = (const char *)sqlite3_column_text(q, 2);
    struct moment when;

    *a = (struct account){.enabled = sqlite3_column_int(q, 3) != 0,
                          .temporary = sqlite3_column_int(q, 4) != 0,
                          .locked = sqlite3_column_int(q, 5) != 0,
                          .second_sure = sqlite3_column_int(q, 7) != 0,
                          .second_step = sqlite3_column_int64(q, 8),
                          .generation = sqlite3_column_int64(q, 10),
                          .failures = sqlite3_column_int64(q, 11)};
    copy_text(a->name, sizeof a->name, q, 0);
    copy_text(a->full_name, sizeof a->full_name, q, 1);
    copy_text(a->password, sizeof a->password, q, 9);
    if (role == NULL || !role_find(role, &a->role))
        return err_set(e, ERR_CORRUPT, "account %s has no role", a->name);
    if (sqlite3_column_bytes(q, 6) == TOTP_SECRET_BYTES) {
        a->has_second = true;
        memcpy(a->second, sqlite3_column_blob(q, 6), TOTP_SECRET_BYTES);
    }
    if (read_age(s, q, AT_PASSWORD, &when, &a->password_ms, e) != 0 ||
        read_age(s, q, AT_SEEN, &a->seen, &a->seen_ms, e) != 0)
        return -1;
    return read_age(s, q, AT_LOCKED, &when, &a->locked_ms, e);
}

int accounts_find(struct store *s, const char *name, struct account *out, bool *found,
                  struct err *e)
{
    const char *sql = find_sql;
    sqlite3_stmt *q;
    int row;

    *found = false;
    if (statements_prepare(store_db(s), &q, &sql, 1, e) != 0)
        return -1;
    bind_text(q, 1, name);
    row = statement_step(q, e);
    if (row == 1) {
        *found = true;
        row = read_account(s, q, out, e);
    }
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

int accounts_each(struct store *s,
                  int (*each)(void *arg, const struct account *a, struct err *e),
                  void *arg, struct err *e)
{
    const char *sql = each_sql;
    struct account a;
    sqlite3_stmt *q;
    int row;

    if (statements_prepare(store_db(s), &q, &sql, 1, e) != 0)
        return -1;
    while ((row = statement_step(q, e)) == 1)
        if (read_account(s, q, &a, e) != 0 || each(arg, &a, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

int accounts_count(struct store *s, int64_t *count, struct err *e)
{
    return sql_number(store_db(s), "SELECT count(*) FROM account", count, e);
}
