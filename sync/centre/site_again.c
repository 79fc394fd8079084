#include "sync/centre/site_again.h"

#include <string.h>

#include <sodium/utils.h>

#include "schema/statements.h"
#include "sync/centre/site_keys.h"

/* The last epoch that the site's boxes are known to have written under, or that a key of
 * theirs begins with. */
static int last_epoch(struct centre *c, uint16_t site, unsigned *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(
            c, &s,
            "SELECT max(epoch) FROM (SELECT epoch FROM site WHERE site = ?1"
            " UNION ALL SELECT max(epoch) FROM line WHERE site = ?1"
            " UNION ALL SELECT max(epoch) FROM journal WHERE site = ?1"
            " UNION ALL SELECT max(from_epoch) FROM site_key WHERE site = ?1)",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    *out = (unsigned)sqlite3_column_int(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------------- the file */

static int check_site(struct centre *c, uint16_t site, struct site_row *out,
                      struct err *e)
{
    bool found;

    if (site_find(c, site, out, &found, e) != 0)
        return -1;
    if (!found)
        return err_set(e, ERR_USAGE, "no box has the number %u", site);
    if (!out->claimed)
        return err_set(e, ERR_USAGE,
                       "box %u has not used its first enrolment file: that one is good",
                       site);
    return 0;
}

/* Inside a write. */
static int offer(struct centre *c, struct enrolment *f, struct err *e)
{
    unsigned last;
    sqlite3_stmt *s;
    int rc;

    if (last_epoch(c, f->site, &last, e) != 0)
        return -1;
    if (last >= ENROL_EPOCH_LAST)
        return err_set(e, ERR_FAILED,
                       "box %u has begun anew as often as it can: enrol it as a new one",
                       f->site);
    f->epoch = (uint8_t)(last + 1);
    if (centre_statement(c, &s,
                         "UPDATE site SET secret = ?2, again_epoch = ?3 WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, f->site);
    bind_blob(s, 2, f->secret, sizeof f->secret);
    (void)sqlite3_bind_int(s, 3, f->epoch);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int site_enrol_again(struct centre *c, uint16_t site, const char *url,
                     const struct public_key *tls_key, struct enrolment *out,
                     struct err *e)
{
    struct site_row row;

    if (check_site(c, site, &row, e) != 0 ||
        site_file(c, row.name, url, tls_key, out, e) != 0 ||
        store_apply_begin(c->store, e) != 0)
        return -1;
    out->site = site;
    if (offer(c, out, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}

/* ------------------------------------------------------------------------ the claim */

/* *epoch stays 0 where nobody is to take its place. */
static int read_offer(struct centre *c, uint16_t site, uint8_t secret[ENROL_SECRET_BYTES],
                      uint8_t *epoch, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *epoch = 0;
    if (centre_statement(c, &s,
                         "SELECT secret, again_epoch FROM site WHERE site = ?1"
                         " AND key IS NOT NULL AND again_epoch IS NOT NULL",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    if (row == 1 && sqlite3_column_bytes(s, 0) == ENROL_SECRET_BYTES) {
        memcpy(secret, sqlite3_column_blob(s, 0), ENROL_SECRET_BYTES);
        *epoch = (uint8_t)sqlite3_column_int(s, 1);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int judge(struct centre *c, const struct claim *claim, const void *bytes,
                 uint8_t *epoch, enum again_verdict *out, struct err *e)
{
    uint8_t secret[ENROL_SECRET_BYTES];
    unsigned last = 0;
    bool proved;
    int rc;

    *out = AGAIN_REFUSED;
    rc = read_offer(c, claim->site, secret, epoch, e);
    proved = rc == 0 && *epoch != 0 && claim_proved(bytes, secret);
    sodium_memzero(secret, sizeof secret);
    if (!proved || claim->epoch < *epoch)
        return rc;
    if (last_epoch(c, claim->site, &last, e) != 0)
        return -1;
    *out = last < *epoch ? AGAIN_TAKEN : AGAIN_PASSED;
    return 0;
}

/* What was sealed for the old box nobody can open any more, and the new one has seen
 * nothing. */
static int write_box(struct centre *c, const struct claim *claim, struct err *e)
{
    static const char *const sql[] = {
        "DELETE FROM down_bundle WHERE site = ?1",
        "UPDATE site SET key = ?2, secret = NULL, again_epoch = NULL, down_seen = 0,"
        " down_seen_epoch = 0, down_history_after = 0 WHERE site = ?1",
    };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof sql / sizeof *sql; i++) {
        sqlite3_stmt *s;

        if (centre_statement(c, &s, sql[i], e) != 0)
            return -1;
        (void)sqlite3_bind_int(s, 1, claim->site);
        if (sqlite3_bind_parameter_count(s) > 1)
            bind_blob(s, 2, claim->key.bytes, sizeof claim->key.bytes);
        rc = statement_run(s, e);
        statements_finalize(&s, 1);
    }
    return rc;
}

/* Inside the transaction. */
static int take(struct centre *c, const struct claim *claim, const void *bytes,
                enum again_verdict *out, struct err *e)
{
    struct site_row row;
    uint8_t epoch;
    bool found;

    if (judge(c, claim, bytes, &epoch, out, e) != 0)
        return -1;
    if (*out != AGAIN_TAKEN)
        return 0;
    if (site_find(c, claim->site, &row, &found, e) != 0 ||
        site_key_replace(c, &row, epoch, &claim->key, e) != 0 ||
        write_box(c, claim, e) != 0)
        return -1;
    return site_alarm(c, claim->site, "replaced",
                      "another machine stands in this box's place, by an enrolment file"
                      " that was written for it",
                      e);
}

int site_again_take(struct centre *c, const struct claim *claim, const void *bytes,
                    enum again_verdict *out, struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (take(c, claim, bytes, out, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}
