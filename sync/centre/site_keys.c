#include "sync/centre/site_keys.h"

#include <string.h>

#include "schema/statements.h"

/* The one key that the statement selects; *found is false if it selects none. */
static int read_key(sqlite3_stmt *s, struct public_key *out, bool *found, struct err *e)
{
    int row = statement_step(s, e);

    *found = row == 1 && sqlite3_column_bytes(s, 0) == KEY_PUBLIC_BYTES;
    if (*found)
        memcpy(out->bytes, sqlite3_column_blob(s, 0), KEY_PUBLIC_BYTES);
    else if (row == 1)
        row = err_set(e, ERR_CORRUPT, "a site's key is malformed");
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int site_key_at(struct centre *c, const struct site_row *site, uint8_t epoch,
                struct public_key *out, struct err *e)
{
    sqlite3_stmt *s;
    bool found;

    *out = site->key;
    if (centre_statement(c, &s,
                         "SELECT key FROM site_key WHERE site = ?1 AND from_epoch <= ?2"
                         " ORDER BY from_epoch DESC LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    (void)sqlite3_bind_int(s, 2, epoch);
    return read_key(s, out, &found, e);
}

int site_key_nth(struct centre *c, const struct site_row *site, unsigned n,
                 struct public_key *out, bool *found, struct err *e)
{
    sqlite3_stmt *s;

    *out = site->key;
    *found = true;
    if (n == 0)
        return 0;
    if (centre_statement(c, &s,
                         "SELECT key FROM site_key WHERE site = ?1"
                         " ORDER BY from_epoch DESC LIMIT 1 OFFSET ?2",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    (void)sqlite3_bind_int64(s, 2, n); /* the last row is the key of today */
    return read_key(s, out, found, e);
}

/* ---------------------------------------------------------------------- former ones */

int site_hello_former(struct centre *c, const struct site_row *site,
                      const struct message *hello, const void *binding,
                      size_t binding_count, bool *former, struct err *e)
{
    struct public_key key;
    bool found = true;

    *former = false;
    for (unsigned n = 1; found && !*former; n++) {
        if (site_key_nth(c, site, n, &key, &found, e) != 0)
            return -1;
        *former = found && message_hello_proved(hello, binding, binding_count, &key);
    }
    return 0;
}

int site_key_former(struct centre *c, const struct site_row *site,
                    const struct public_key *key, bool *former, struct err *e)
{
    struct public_key other;
    bool found = true;

    *former = false;
    for (unsigned n = 1; found && !*former; n++) {
        if (site_key_nth(c, site, n, &other, &found, e) != 0)
            return -1;
        *former = found && memcmp(key->bytes, other.bytes, KEY_PUBLIC_BYTES) == 0;
    }
    return 0;
}

int site_alarm_former(struct centre *c, uint16_t site, struct err *e)
{
    return site_alarm(c, site, "former",
                      "a box that was replaced speaks in this box's name: take it out of"
                      " service",
                      e);
}

/* -------------------------------------------------------------------------- another */

static int insert_key(struct centre *c, const char *sql, const struct site_row *site,
                      uint8_t from_epoch, const struct public_key *key, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s, sql, e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    (void)sqlite3_bind_int(s, 2, from_epoch);
    bind_blob(s, 3, key->bytes, sizeof key->bytes);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int site_key_replace(struct centre *c, const struct site_row *site, uint8_t from_epoch,
                     const struct public_key *key, struct err *e)
{
    if (insert_key(c,
                   "INSERT INTO site_key (site, from_epoch, key) SELECT ?1, ?2, ?3"
                   " WHERE NOT EXISTS (SELECT 1 FROM site_key WHERE site = ?1)",
                   site, 0, &site->key, e) != 0)
        return -1;
    return insert_key(c,
                      "INSERT INTO site_key (site, from_epoch, key) VALUES (?1, ?2, ?3)",
                      site, from_epoch, key, e);
}
