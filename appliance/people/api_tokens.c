#include "appliance/people/api_tokens.h"

#include <stdio.h>
#include <string.h>

#include <sodium/randombytes.h>
#include <sodium/utils.h>

#include "appliance/people/audit.h"
#include "schema/statements.h"

enum { MAKE, TAKE_BACK, FIND, EACH, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [MAKE] = "INSERT OR REPLACE INTO account_token (name, sha256, scope)"
             " VALUES (?1, ?2, ?3)",
    [TAKE_BACK] = "UPDATE account_token SET enabled = 0 WHERE name = ?1",
    [FIND] = "SELECT name, scope, enabled FROM account_token"
             " WHERE sha256 = ?1 AND enabled = 1",
    [EACH] = "SELECT name, scope, enabled FROM account_token ORDER BY name",
};

static int prepare(struct store *s, int which, sqlite3_stmt **out, struct err *e)
{
    return statements_prepare(store_db(s), out, &sql[which], 1, e);
}

static bool is_name(const char *name)
{
    size_t n = strlen(name);

    return n >= 2 && n < TOKEN_NAME_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static void draw(char out[TOKEN_BYTES])
{
    unsigned char bytes[32];
    size_t prefix = strlen("tram_");

    memcpy(out, "tram_", prefix);
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2base64(out + prefix, TOKEN_BYTES - prefix, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

static int write_token(struct store *s, const char *actor, const char *name, bool imports,
                       const char *text, struct err *e)
{
    const char *scope = imports ? "import" : "read";
    struct hash h;
    sqlite3_stmt *q;
    int rc;

    hash_of(&h, text, strlen(text));
    if (prepare(s, MAKE, &q, e) != 0)
        return -1;
    bind_text(q, 1, name);
    bind_blob(q, 2, h.bytes, HASH_BYTES);
    bind_text(q, 3, scope);
    rc = statement_run(q, e);
    statements_finalize(&q, 1);
    return rc != 0 ? -1 : audit_append(s, "token", actor, name, scope, e);
}

int api_tokens_make(struct store *s, const char *actor, const char *name, bool imports,
                    char out[TOKEN_BYTES], const char **fault, struct err *e)
{
    *fault = is_name(name) ? NULL : "token_name";
    if (*fault != NULL)
        return 0;
    draw(out);
    if (store_apply_begin(s, e) != 0)
        return -1;
    if (write_token(s, actor, name, imports, out, e) == 0)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return -1;
}

int api_tokens_take_back(struct store *s, const char *actor, const char *name,
                         const char **fault, struct err *e)
{
    sqlite3_stmt *q = NULL;
    int rc = -1;

    *fault = NULL;
    if (store_apply_begin(s, e) != 0)
        return -1;
    if (prepare(s, TAKE_BACK, &q, e) == 0) {
        bind_text(q, 1, name);
        rc = statement_run(q, e);
        statements_finalize(&q, 1);
    }
    if (rc == 0 && sqlite3_changes(store_db(s)) == 0)
        *fault = "token_unknown";
    if (rc == 0 && *fault == NULL)
        rc = audit_append(s, "token_back", actor, name, "", e);
    if (rc == 0 && *fault == NULL)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return rc;
}

static void read_token(sqlite3_stmt *q, struct api_token *t)
{
    *t = (struct api_token){
        .imports = strcmp((const char *)sqlite3_column_text(q, 1), "import") == 0,
        .enabled = sqlite3_column_int(q, 2) != 0};
    (void)snprintf(t->name, sizeof t->name, "%s",
                   (const char *)sqlite3_column_text(q, 0));
}

int api_tokens_find(struct store *s, const char *text, struct api_token *out, bool *found,
                    struct err *e)
{
    struct hash h;
    sqlite3_stmt *q;
    int row;

    *found = false;
    hash_of(&h, text, strlen(text));
    if (prepare(s, FIND, &q, e) != 0)
        return -1;
    bind_blob(q, 1, h.bytes, HASH_BYTES);
    row = statement_step(q, e);
    *found = row == 1;
    if (*found)
        read_token(q, out);
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

int api_tokens_each(struct store *s,
                    int (*each)(void *arg, const struct api_token *t, struct err *e),
                    void *arg, struct err *e)
{
    struct api_token t;
    sqlite3_stmt *q;
    int row;

    if (prepare(s, EACH, &q, e) != 0)
        return -1;
    while ((row = statement_step(q, e)) == 1) {
        read_token(q, &t);
        if (each(arg, &t, e) != 0) {
            row = -1;
            break;
        }
    }
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}
