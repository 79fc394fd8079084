#include "appliance/people/first.h"

#include <stdio.h>
#include <string.h>

#include "appliance/people/accounts_write.h"
#include "appliance/people/seldom.h"
#include "schema/statements.h"

static const char read_sql[] = "SELECT code FROM account_first";

static int read_code(struct store *s, char out[PASSWORD_DRAWN_BYTES], struct err *e)
{
    const char *sql = read_sql;
    sqlite3_stmt *q;
    int row;

    out[0] = '\0';
    if (statements_prepare(store_db(s), &q, &sql, 1, e) != 0)
        return -1;
    row = statement_step(q, e);
    if (row == 1)
        (void)snprintf(out, PASSWORD_DRAWN_BYTES, "%s",
                       (const char *)sqlite3_column_text(q, 0));
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

static int draw(struct store *s, char out[PASSWORD_DRAWN_BYTES], struct err *e)
{
    password_draw(out);
    return account_run(s,
                       "INSERT OR REPLACE INTO account_first (one, code)"
                       " VALUES (1, ?1)",
                       out, NULL, 0, e);
}

int first_code(struct store *s, char out[PASSWORD_DRAWN_BYTES], bool *needed,
               struct err *e)
{
    int64_t count;
    int rc;

    if (accounts_count(s, &count, e) != 0)
        return -1;
    *needed = count == 0;
    if (!*needed || read_code(s, out, e) != 0)
        return *needed ? -1 : 0;
    if (out[0] != '\0')
        return 0;
    if (store_apply_begin(s, e) != 0)
        return -1;
    /* Two may ask at once: the first one's code is the code. */
    rc = read_code(s, out, e);
    if (rc == 0 && out[0] == '\0')
        rc = draw(s, out, e);
    if (rc == 0)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return rc;
}

/* Why this code is not the one, or NULL. */
static int check(struct store *s, const char *code, const char **fault, struct err *e)
{
    char right[PASSWORD_DRAWN_BYTES];
    int64_t count;

    if (accounts_count(s, &count, e) != 0 || read_code(s, right, e) != 0)
        return -1;
    if (count > 0 || right[0] == '\0')
        *fault = "first_gone";
    else
        *fault = password_drawn_is(right, code) ? NULL : "first_code";
    return 0;
}

/* Inside the write: two may have the code. */
static int take(struct store *s, const char *code, const struct account_new *n,
                const char *hash, const char **fault, struct err *e)
{
    if (check(s, code, fault, e) != 0)
        return -1;
    if (*fault != NULL)
        return 0;
    if (sql_run(store_db(s), "DELETE FROM account_first", e) != 0)
        return -1;
    return accounts_insert(s, "first start", n, hash, e);
}

/* Nobody guesses 79 bits: wrong codes are told of, and the printed one stays good, or a
 * visitor could void it again and again. They cost no hash. */
int first_take(struct store *s, const char *code, const struct account_new *n,
               const char **fault, struct err *e)
{
    char hash[PASSWORD_HASH_BYTES];

    *fault = account_new_fault(n);
    if (*fault != NULL)
        return 0;
    if (check(s, code, fault, e) != 0)
        return -1;
    if (*fault != NULL)
        return strcmp(*fault, "first_code") == 0
                   ? audit_seldom(s, "refused", "?", "first start", "code", e)
                   : 0;
    if (password_hash(hash, n->password, e) != 0 || store_apply_begin(s, e) != 0)
        return -1;
    if (take(s, code, n, hash, fault, e) == 0)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return -1;
}
