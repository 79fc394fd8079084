#include "sync/centre/sites.h"

#include <stdio.h>
#include <string.h>

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

int site_file(struct centre *c, const char *name, const char *url,
              const struct public_key *tls_key, struct enrolment *out, struct err *e)
{
    const struct store_identity *who = store_identity(c->store);

    *out = (struct enrolment){
        .epoch = STORE_EPOCH_FIRST, .centre_key = c->key.public_key, .tls_key = *tls_key};
    if (check_text("the name", name, sizeof out->name, e) != 0 ||
        check_text("the URL", url, sizeof out->url, e) != 0)
        return -1;
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    (void)snprintf(out->url, sizeof out->url, "%s", url);
    (void)snprintf(out->province, sizeof out->province, "%s", who->name);
    c->random->fill(c->random, out->secret, sizeof out->secret);
    return 0;
}

int site_enrol(struct centre *c, const char *name, const char *url,
               const struct public_key *tls_key, struct enrolment *out, struct err *e)
{
    if (site_file(c, name, url, tls_key, out, e) != 0 ||
        store_apply_begin(c->store, e) != 0)
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
