#include "appliance/people/accounts.h"

#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "appliance/people/accounts_write.h"
#include "appliance/people/audit.h"
#include "schema/statements.h"

/* ----------------------------------------------------------------- one change */

/* What is done to one account inside one transaction. */
struct change {
    struct store *store;
    const char *actor, *name;
    const char *fault;
    struct account was;
};

/* An unknown name is a fault, not an error; then nothing is open. */
static int begin(struct change *c, bool *open, struct err *e)
{
    bool found;

    *open = false;
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (accounts_find(c->store, c->name, &c->was, &found, e) != 0) {
        store_apply_rollback(c->store);
        return -1;
    }
    *open = found;
    if (!found) {
        c->fault = "account_unknown";
        store_apply_rollback(c->store);
    }
    return 0;
}

/* `rc` is what became of it so far. */
static int end(struct change *c, int rc, const char *kind, const char *detail,
               const char **fault, struct err *e)
{
    *fault = c->fault;
    if (rc == 0 && c->fault == NULL)
        rc = audit_append(c->store, kind, c->actor, c->name, detail, e);
    if (rc == 0 && c->fault == NULL)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return rc;
}

/* Nobody would be left who can let anybody in. */
static int keep_last_administrator(struct change *c, struct err *e)
{
    bool last;

    if (!c->was.enabled)
        return 0;
    if (account_is_last(c->store, &c->was, &last, e) != 0)
        return -1;
    if (last)
        c->fault = "account_last";
    return 0;
}

/* One UPDATE of one account, with its row in the trail. */
static int change(struct change *c, const char *sql, const char *text, int64_t number,
                  const char *kind, const char *detail, const char **fault, struct err *e)
{
    bool open;
    int rc;

    if (begin(c, &open, e) != 0)
        return -1;
    *fault = c->fault;
    if (!open)
        return 0;
    rc = account_run(c->store, sql, c->name, text, number, e);
    return end(c, rc, kind, detail, fault, e);
}

/* ----------------------------------------------------------------------- new */

static bool is_name(const char *name)
{
    size_t n = strlen(name);

    return n >= 2 && n < ACCOUNT_NAME_BYTES && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static bool is_full_name(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n >= ACCOUNT_FULL_NAME_BYTES)
        return false;
    for (const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)name; *at != '\0';) {
        utf8proc_int32_t c;
        utf8proc_ssize_t taken = utf8proc_iterate(at, -1, &c);

        if (taken <= 0 || c < ' ' || c == 127)
            return false;
        at += taken;
    }
    return true;
}

const char *account_new_fault(const struct account_new *n)
{
    if (!is_name(n->name) ||
        strcmp(n->name, "tram-box") == 0) /* the trail's for the box */
        return "account_name";
    if (!is_full_name(n->full_name))
        return "account_full_name";
    return n->temporary
               ? NULL
               : password_fault(n->password, n->name, n->role == ROLE_ADMINISTRATOR);
}

static int keep_password(struct store *s, const char *name, const char *hash,
                         bool temporary, struct err *e)
{
    if (account_run(s,
                    "UPDATE account SET password = ?2, temporary = ?3, failures = 0,"
                    " locked = 0, generation = generation + 1 WHERE name = ?1",
                    name, hash, temporary, e) != 0 ||
        account_run(s,
                    "INSERT INTO account_password (account, number, password) SELECT ?1,"
                    " 1 + coalesce(max(number), 0), ?2 FROM account_password"
                    " WHERE account = ?1",
                    name, hash, 0, e) != 0 ||
        account_run(s,
                    "DELETE FROM account_password WHERE account = ?1 AND ?2 IS NULL AND"
                    " number <= (SELECT max(number) - ?3 FROM account_password"
                    "            WHERE account = ?1)",
                    name, NULL, ACCOUNT_PASSWORDS_KEPT, e) != 0)
        return -1;
    return account_mark(s, name, "password", e);
}

int accounts_insert(struct store *s, const char *actor, const struct account_new *n,
                    const char *hash, struct err *e)
{
    static const char *const sql =
        "INSERT INTO account (name, full_name, role, password, temporary)"
        " VALUES (?1, ?2, ?3, '', 1)";
    sqlite3_stmt *q;
    int rc;

    if (statements_prepare(store_db(s), &q, &sql, 1, e) != 0)
        return -1;
    bind_text(q, 1, n->name);
    bind_text(q, 2, n->full_name);
    bind_text(q, 3, role_name(n->role));
    rc = statement_run(q, e);
    statements_finalize(&q, 1);
    if (rc != 0 || keep_password(s, n->name, hash, n->temporary, e) != 0 ||
        account_mark(s, n->name, "seen", e) != 0)
        return -1;
    return audit_append(s, "added", actor, n->name, role_name(n->role), e);
}

int accounts_add(struct store *s, const char *actor, const struct account_new *n,
                 const char **fault, struct err *e)
{
    char hash[PASSWORD_HASH_BYTES];
    struct account was;
    bool found;
    int rc = -1;

    *fault = account_new_fault(n);
    if (*fault != NULL)
        return 0;
    if (password_hash(hash, n->password, e) != 0 || store_apply_begin(s, e) != 0)
        return -1;
    if (accounts_find(s, n->name, &was, &found, e) == 0) {
        *fault = found ? "account_exists" : NULL;
        rc = found ? 0 : accounts_insert(s, actor, n, hash, e);
    }
    if (rc == 0 && *fault == NULL)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return rc;
}

/* -------------------------------------------------------------------- changes */

int accounts_set_role(struct store *s, const char *actor, const char *name,
                      enum role role, const char **fault, struct err *e)
{
    struct change c = {.store = s, .actor = actor, .name = name};
    bool open;
    int rc;

    if (begin(&c, &open, e) != 0)
        return -1;
    *fault = c.fault;
    if (!open)
        return 0;
    rc = role == ROLE_ADMINISTRATOR ? 0 : keep_last_administrator(&c, e);
    if (rc == 0)
        rc = account_run(s,
                         "UPDATE account SET role = ?2, generation = generation + 1,"
                         " temporary = CASE WHEN role = 'administrator' AND second_sure"
                         " = 0 AND ?2 <> role THEN 1 ELSE temporary END WHERE name = ?1",
                         name, role_name(role), 0, e);
    return end(&c, rc, "role", role_name(role), fault, e);
}

int accounts_set_enabled(struct store *s, const char *actor, const char *name,
                         bool enabled, const char **fault, struct err *e)
{
    struct change c = {.store = s, .actor = actor, .name = name};
    bool open;
    int rc;

    if (begin(&c, &open, e) != 0)
        return -1;
    *fault = c.fault;
    if (!open)
        return 0;
    rc = enabled ? account_mark(s, name, "seen", e) : keep_last_administrator(&c, e);
    if (rc == 0)
        rc = account_run(s,
                         "UPDATE account SET enabled = ?3, failures = 0, locked = 0,"
                         " generation = generation + 1 WHERE name = ?1 AND ?2 IS NULL",
                         name, NULL, enabled, e);
    return end(&c, rc, enabled ? "enabled" : "disabled", "", fault, e);
}

int accounts_unlock(struct store *s, const char *actor, const char *name,
                    const char **fault, struct err *e)
{
    struct change c = {.store = s, .actor = actor, .name = name};

    return change(&c, "UPDATE account SET failures = 0, locked = 0 WHERE name = ?1", NULL,
                  0, "unlocked", "", fault, e);
}

/* One of the last ten, the one in force among them. */
static int was_used(struct store *s, const char *name, const char *password, bool *used,
                    struct err *e)
{
    static const char *const sql = "SELECT password FROM account_password"
                                   " WHERE account = ?1 ORDER BY number DESC LIMIT ?2";
    char hashes[ACCOUNT_PASSWORDS_KEPT][PASSWORD_HASH_BYTES];
    size_t count = 0;
    sqlite3_stmt *q;
    int row;

    *used = false;
    if (statements_prepare(store_db(s), &q, &sql, 1, e) != 0)
        return -1;
    bind_text(q, 1, name);
    (void)sqlite3_bind_int(q, 2, ACCOUNT_PASSWORDS_KEPT);
    while ((row = statement_step(q, e)) == 1)
        (void)snprintf(hashes[count++], PASSWORD_HASH_BYTES, "%s",
                       (const char *)sqlite3_column_text(q, 0));
    statements_finalize(&q, 1);
    for (size_t i = 0; row == 0 && !*used && i < count; i++)
        row = password_check(hashes[i], password, used, e);
    return row;
}

static int check_password(struct store *s, const char *name, const char *password,
                          const char **fault, struct err *e)
{
    struct account a;
    bool found, used;

    *fault = NULL;
    if (accounts_find(s, name, &a, &found, e) != 0)
        return -1;
    if (!found)
        *fault = "account_unknown";
    else
        *fault =
            password_fault(password, name, a.second_sure || a.role == ROLE_ADMINISTRATOR);
    if (*fault != NULL || was_used(s, name, password, &used, e) != 0)
        return *fault != NULL ? 0 : -1;
    if (used)
        *fault = "password_used";
    return 0;
}

int accounts_set_password(struct store *s, const char *actor, const char *name,
                          const char *password, bool temporary, const char **fault,
                          struct err *e)
{
    struct change c = {.store = s, .actor = actor, .name = name};
    char hash[PASSWORD_HASH_BYTES];
    bool open;
    int rc;

    *fault = NULL;
    if (!temporary && check_password(s, name, password, fault, e) != 0)
        return -1;
    if (*fault != NULL)
        return 0;
    if (password_hash(hash, password, e) != 0 || begin(&c, &open, e) != 0)
        return -1;
    *fault = c.fault;
    if (!open)
        return 0;
    rc = keep_password(s, name, hash, temporary, e);
    return end(&c, rc, temporary ? "password_drawn" : "password", "", fault, e);
}

/* -------------------------------------------------------------- second factor */

int accounts_set_second(struct store *s, const char *actor, const char *name,
                        const uint8_t *secret, const char **fault, struct err *e)
{
    static const char *const sql =
        "UPDATE account SET second = ?2, second_sure = 0, second_step = 0,"
        " temporary = CASE WHEN ?2 IS NULL AND second_sure = 1 THEN 1 ELSE temporary END,"
        " generation = generation + (?2 IS NULL) WHERE name = ?1";
    struct change c = {.store = s, .actor = actor, .name = name};
    sqlite3_stmt *q = NULL;
    bool open;
    int rc;

    if (begin(&c, &open, e) != 0)
        return -1;
    *fault = c.fault;
    if (!open)
        return 0;
    /* One that counts is not given away for another: somebody takes it away first. */
    if (secret != NULL && c.was.second_sure)
        c.fault = "second_there";
    rc = c.fault != NULL ? 0 : statements_prepare(store_db(s), &q, &sql, 1, e);
    if (rc == 0 && c.fault == NULL) {
        bind_text(q, 1, name);
        if (secret != NULL)
            bind_blob(q, 2, secret, TOTP_SECRET_BYTES);
        rc = statement_run(q, e);
        statements_finalize(&q, 1);
    }
    return end(&c, rc, secret != NULL ? "second_begun" : "second_gone", "", fault, e);
}

int accounts_confirm_second(struct store *s, const struct account *a, int64_t step,
                            const char **fault, struct err *e)
{
    struct change c = {.store = s, .actor = a->name, .name = a->name};
    bool open;
    int rc = 0;

    if (begin(&c, &open, e) != 0)
        return -1;
    *fault = c.fault;
    if (!open)
        return 0;
    if (c.was.second_sure)
        c.fault = "second_there";
    else if (!c.was.has_second || memcmp(c.was.second, a->second, sizeof a->second) != 0)
        c.fault = "second_wrong"; /* another tab has drawn another one */
    else
        rc = account_run(s,
                         "UPDATE account SET second_sure = 1, second_step = ?3,"
                         " generation = generation + 1 WHERE name = ?1 AND ?2 IS NULL",
                         a->name, NULL, step, e);
    return end(&c, rc, "second", "", fault, e);
}
