#include "sync/centre/sites.h"

#include <string.h>

#include <sodium/utils.h>

#include "schema/statements.h"
#include "sync/centre/site_again.h"
#include "sync/centre/site_keys.h"

static int refuse(struct centre *c, uint16_t site, enum refused how, const char *detail,
                  enum refused *why, struct err *e)
{
    *why = how;
    return site_alarm(c, site, refused_name(how), detail, e) == 0 ? 1 : -1;
}

static int read_secret(struct centre *c, uint16_t site,
                       uint8_t secret[ENROL_SECRET_BYTES], struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s, "SELECT secret FROM site WHERE site = ?1", e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    if (row == 1 && sqlite3_column_bytes(s, 0) == ENROL_SECRET_BYTES)
        memcpy(secret, sqlite3_column_blob(s, 0), ENROL_SECRET_BYTES);
    else if (row >= 0)
        row =
            err_set(e, ERR_CORRUPT, "site %u is neither claimed nor has a secret", site);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* The secret is forgotten with the same commit. *taken is false if another claim was
 * quicker. */
static int write_claim(struct centre *c, const struct claim *claim, bool *taken,
                       struct err *e)
{
    sqlite3_stmt *s = NULL;
    int rc;

    if (store_apply_begin(c->store, e) != 0)
        return -1;
    rc = centre_statement(c, &s,
                          "UPDATE site SET key = ?2, secret = NULL,"
                          " epoch = CASE received WHEN 0 THEN ?3 ELSE epoch END"
                          " WHERE site = ?1 AND key IS NULL",
                          e);
    if (rc == 0) {
        (void)sqlite3_bind_int(s, 1, claim->site);
        bind_blob(s, 2, claim->key.bytes, sizeof claim->key.bytes);
        (void)sqlite3_bind_int(s, 3, claim->epoch);
        rc = statement_run(s, e);
    }
    *taken = rc == 0 && sqlite3_changes(store_db(c->store)) == 1;
    statements_finalize(&s, 1);
    if (rc == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}

/* Of a claimed site: its answer was lost; or it is the old box's; or of another box, which
 * may stand in its place, or not. */
static int judge_known(struct centre *c, const struct site_row *row,
                       const struct claim *claim, const void *bytes, enum refused *why,
                       struct err *e)
{
    enum again_verdict verdict;
    bool former;

    if (sodium_memcmp(row->key.bytes, claim->key.bytes, KEY_PUBLIC_BYTES) == 0)
        return 0;
    if (site_key_former(c, row, &claim->key, &former, e) != 0)
        return -1;
    if (former) {
        *why = REFUSED_CLAIM_USED;
        return site_alarm_former(c, row->site, e) == 0 ? 1 : -1;
    }
    if (site_again_take(c, claim, bytes, &verdict, e) != 0)
        return -1;
    if (verdict == AGAIN_TAKEN)
        return 0;
    return refuse(c, claim->site, REFUSED_CLAIM_USED,
                  verdict == AGAIN_PASSED
                      ? "the box that is to be replaced has begun a later line since its"
                        " new enrolment file was written: write another one"
                      : "another key claims to be this box: its enrolment file was used"
                        " again",
                  why, e);
}

int site_claim(struct centre *c, const void *bytes, size_t count, enum refused *why,
               struct err *e)
{
    uint8_t secret[ENROL_SECRET_BYTES];
    struct site_row row;
    struct claim claim;
    struct err forged;
    bool found, proved, taken;

    if (claim_decode(&claim, bytes, count, &forged) != 0) {
        *why = REFUSED_FORGED; /* names nobody: there is no site to alarm about */
        return 1;
    }
    if (site_find(c, claim.site, &row, &found, e) != 0)
        return -1;
    if (!found)
        return refuse(c, claim.site, REFUSED_UNKNOWN_SITE,
                      "a box claims a number that was never given out here", why, e);
    if (row.claimed)
        return judge_known(c, &row, &claim, bytes, why, e);
    if (read_secret(c, claim.site, secret, e) != 0)
        return -1;
    proved = claim_proved(bytes, secret);
    sodium_memzero(secret, sizeof secret);
    if (!proved)
        return refuse(c, claim.site, REFUSED_FORGED,
                      "a claim that does not know the secret of the enrolment file", why,
                      e);
    if (write_claim(c, &claim, &taken, e) != 0)
        return -1;
    if (taken)
        return 0;
    if (site_find(c, claim.site, &row, &found, e) != 0)
        return -1;
    return judge_known(c, &row, &claim, bytes, why, e);
}
