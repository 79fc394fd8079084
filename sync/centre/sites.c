#include "sync/centre/sites.h"

#include <stdio.h>
#include <string.h>

#include <sodium/utils.h>
#include <utf8proc.h>

#include "schema/chain.h"
#include "schema/statements.h"

/* ------------------------------------------------------------------ enrolment */

static int check_text(const char *what, const char *text, size_t room, struct err *e)
{
    size_t bytes = strlen(text);

    if (bytes == 0 || bytes >= room)
        return err_set(e, ERR_USAGE, "%s has 1 to %zu bytes", what, room - 1);
    for (size_t at = 0; at < bytes;) {
        utf8proc_int32_t point;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)text + at, -1, &point);

        if (n <= 0 || point < ' ')
            return err_set(e, ERR_USAGE, "%s is not one line of UTF-8", what);
        at += (size_t)n;
    }
    return 0;
}

/* Takes the next number; inside a write. */
static int next_site(struct centre *c, uint16_t *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s,
                         "UPDATE centre_state SET next_site = next_site + 1"
                         " WHERE next_site <= ?1 RETURNING next_site - 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, SITE_MAX);
    row = statement_step(s, e);
    if (row == 1) {
        *out = (uint16_t)sqlite3_column_int(s, 0);
        row = statement_run(s, e) == 0 ? 1 : -1;
    }
    statements_finalize(&s, 1);
    if (row == 0)
        return err_set(e, ERR_FAILED, "all %d site numbers are given out", SITE_MAX);
    return row < 0 ? -1 : 0;
}

static int insert_site(struct centre *c, const struct enrolment *f, struct err *e)
{
    sqlite3_stmt *s;
    struct hash chain;
    int rc;

    if (centre_statement(c, &s,
                         "INSERT INTO site (site, name, secret, chain)"
                         " VALUES (?1, ?2, ?3, ?4)",
                         e) != 0)
        return -1;
    chain_start(&chain, f->site);
    (void)sqlite3_bind_int(s, 1, f->site);
    bind_text(s, 2, f->name);
    bind_blob(s, 3, f->secret, sizeof f->secret);
    bind_blob(s, 4, chain.bytes, sizeof chain.bytes);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int site_enrol(struct centre *c, const char *name, const char *url,
               const struct public_key *tls_key, struct enrolment *out, struct err *e)
{
    const struct store_identity *who = store_identity(c->store);

    *out = (struct enrolment){.centre_key = c->key.public_key, .tls_key = *tls_key};
    if (check_text("the name", name, sizeof out->name, e) != 0 ||
        check_text("the URL", url, sizeof out->url, e) != 0)
        return -1;
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    (void)snprintf(out->url, sizeof out->url, "%s", url);
    (void)snprintf(out->province, sizeof out->province, "%s", who->name);
    c->random->fill(c->random, out->secret, sizeof out->secret);
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (next_site(c, &out->site, e) == 0 && insert_site(c, out, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}

/* --------------------------------------------------------------------- reading */

#define SITE_COLUMNS                                                                     \
    "site, epoch, name, key, received, applied, safe, chain, status, boot, mono_ms,"     \
    " wall_ms, wall_confidence,"                                                         \
    " (SELECT count(*) FROM alarm WHERE alarm.site = site.site)"

/* The vector is kept as the hello signed it; only the message's parser knows how to
 * read that, so it gets its header and the room of a signature back. */
static void status_of(struct status_vector *out, const void *bytes, size_t count)
{
    static const unsigned char no_signature[SIGNATURE_BYTES] = {0};
    struct buffer b;
    struct message m;
    struct err ignored;
    size_t used;

    *out = (struct status_vector){0};
    buffer_init(&b, MESSAGE_HEADER_BYTES + STATUS_BYTES_MAX + SIGNATURE_BYTES + 16);
    buffer_append_byte(&b, MESSAGE_HELLO);
    buffer_append_u16(&b, (uint16_t)(count + sizeof no_signature));
    buffer_append(&b, bytes, count);
    buffer_append(&b, no_signature, sizeof no_signature);
    if (count > 0 && b.failed == ERR_NONE &&
        message_next(&m, &used, b.bytes, b.count, &ignored) == 1)
        *out = m.as.hello.status;
    buffer_release(&b);
}

static int read_row(struct site_row *out, sqlite3_stmt *s, struct err *e)
{
    const char *name = (const char *)sqlite3_column_text(s, 2);

    *out = (struct site_row){
        .site = (uint16_t)sqlite3_column_int(s, 0),
        .epoch = (uint8_t)sqlite3_column_int(s, 1),
        .received = (uint64_t)sqlite3_column_int64(s, 4),
        .applied = (uint64_t)sqlite3_column_int64(s, 5),
        .safe = (uint64_t)sqlite3_column_int64(s, 6),
        .last_contact = {.boot = (uint32_t)sqlite3_column_int64(s, 9),
                         .mono_ms = sqlite3_column_int64(s, 10),
                         .wall_ms = sqlite3_column_int64(s, 11),
                         .confidence = (enum wall_confidence)sqlite3_column_int(s, 12)},
        .alarms = (uint64_t)sqlite3_column_int64(s, 13),
    };
    (void)snprintf(out->name, sizeof out->name, "%s", name == NULL ? "" : name);
    out->claimed = sqlite3_column_bytes(s, 3) == KEY_PUBLIC_BYTES;
    if (out->claimed)
        memcpy(out->key.bytes, sqlite3_column_blob(s, 3), KEY_PUBLIC_BYTES);
    status_of(&out->status, sqlite3_column_blob(s, 8),
              (size_t)sqlite3_column_bytes(s, 8));
    return column_hash(s, 7, &out->chain)
               ? 0
               : err_set(e, ERR_CORRUPT, "site %u has no chain", out->site);
}

int site_find(struct centre *c, uint16_t site, struct site_row *out, bool *found,
              struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    *found = false;
    if (centre_statement(c, &s, "SELECT " SITE_COLUMNS " FROM site WHERE site = ?1", e) !=
        0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    if (row == 1) {
        *found = true;
        rc = read_row(out, s, e);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : rc;
}

int site_each(struct centre *c,
              int (*each)(void *arg, const struct site_row *row, struct err *e),
              void *arg, struct err *e)
{
    struct site_row r;
    sqlite3_stmt *s;
    int row, rc = 0;

    if (centre_statement(c, &s, "SELECT " SITE_COLUMNS " FROM site ORDER BY site", e) !=
        0)
        return -1;
    while (rc == 0 && (row = statement_step(s, e)) != 0)
        rc = row < 0 || read_row(&r, s, e) != 0 ? -1 : each(arg, &r, e);
    statements_finalize(&s, 1);
    return rc;
}

/* ---------------------------------------------------------------------- claims */

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

static int judge_known(struct centre *c, const struct site_row *row,
                       const struct claim *claim, enum refused *why, struct err *e)
{
    if (sodium_memcmp(row->key.bytes, claim->key.bytes, KEY_PUBLIC_BYTES) == 0)
        return 0; /* its answer was lost */
    return refuse(c, claim->site, REFUSED_CLAIM_USED,
                  "another key claims to be this box: its enrolment file was used again",
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
        return judge_known(c, &row, &claim, why, e);
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
    return judge_known(c, &row, &claim, why, e);
}

/* --------------------------------------------------------------------- writing */

static int update_contact(struct centre *c, const struct message *hello, struct err *e)
{
    struct moment now;
    sqlite3_stmt *s;
    int rc;

    if (store_now(c->store, &now, e) != 0 ||
        centre_statement(c, &s,
                         "UPDATE site SET status = ?3, boot = ?4, mono_ms = ?5,"
                         " wall_ms = ?6, wall_confidence = ?7 WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, hello->as.hello.site);
    bind_blob(s, 3, hello->as.hello.signed_bytes, hello->as.hello.signed_count);
    bind_moment(s, 4, &now);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int site_contact(struct centre *c, const struct message *hello, struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (update_contact(c, hello, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}
