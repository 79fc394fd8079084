#include "schema/store_internal.h"

#include "schema/statements.h"

uint64_t id_make(uint16_t site, uint8_t epoch, uint32_t counter)
{
    return (uint64_t)site << (ID_EPOCH_BITS + ID_COUNTER_BITS) |
           (uint64_t)epoch << ID_COUNTER_BITS | counter;
}

uint16_t id_site(uint64_t id)
{
    return (uint16_t)(id >> (ID_EPOCH_BITS + ID_COUNTER_BITS));
}

sqlite3 *store_db(struct store *s)
{
    return s->db;
}

const struct store_identity *store_identity(const struct store *s)
{
    return &s->identity;
}

int store_epoch(struct store *s, uint8_t *epoch, struct err *e)
{
    int64_t number;

    if (sql_number(s->db, "SELECT epoch FROM identity", &number, e) != 0)
        return -1;
    *epoch = s->identity.epoch = (uint8_t)number;
    return 0;
}

size_t store_synced_tables(struct store *s, const char *const **names)
{
    *names = (const char *const *)s->tables;
    return s->tables_count;
}

int store_now(struct store *s, struct moment *out, struct err *e)
{
    return boots_now(&s->boots, out, e);
}

int store_age_ms_min(struct store *s, const struct moment *then, int64_t *age_ms,
                     struct err *e)
{
    return boots_age_ms_min(&s->boots, then, age_ms, e);
}

/* ------------------------------------------------------------- transactions */

int store_read_begin(struct store *s, struct err *e)
{
    int64_t one;

    /* Inside a write, or another read, that one's snapshot serves. */
    if (s->guard.open || s->reads > 0) {
        s->reads++;
        return 0;
    }
    if (sql_again(s->db, "BEGIN", e) != 0)
        return -1;
    /* BEGIN alone takes no snapshot: the first read does. */
    if (sql_number(s->db, "SELECT one FROM identity", &one, e) != 0) {
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* nothing written */
        return -1;
    }
    s->reads = 1;
    return 0;
}

void store_read_end(struct store *s)
{
    if (s->reads == 0 || --s->reads > 0 || s->guard.open)
        return;
    (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
}

int store_write_begin(struct store *s, struct err *e)
{
    if (s->guard.open || s->reads > 0)
        return err_set(e, ERR_FAILED, "a transaction is open already");
    if (sql_again(s->db, "BEGIN IMMEDIATE", e) != 0)
        return err_wrap(e, "begin");
    s->guard = (struct guard){.open = true};
    if (capture_begin(&s->capture, e) == 0)
        return 0;
    store_write_rollback(s);
    return -1;
}

/* The state is "no transaction" whatever happens here. */
static int write_end(struct store *s, const char *how, struct err *e)
{
    int rc = sql_again(s->db, how, e);

    if (!sqlite3_get_autocommit(s->db))
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* the first tells */
    capture_end(&s->capture);
    s->guard.open = false;
    s->reads = 0;
    return rc;
}

void store_write_rollback(struct store *s)
{
    struct err ignored;

    if (s->guard.open)
        (void)write_end(s, "ROLLBACK", &ignored); /* SQLite may have done it already */
}

int store_write_commit(struct store *s, uint64_t *sequence, struct err *e)
{
    struct moment now;
    uint64_t number = 0;

    if (!s->guard.open)
        return err_set(e, ERR_FAILED, "commit: no write is open");
    if (sqlite3_get_autocommit(s->db)) {
        (void)err_set(e, ERR_IO,
                      "the transaction was rolled back after an earlier error");
        goto failed;
    }
    if (boots_now(&s->boots, &now, e) != 0 || boots_touch(&s->boots, &now, e) != 0 ||
        capture_append(&s->capture, &now, &number, e) != 0)
        goto failed;
    if (write_end(s, "COMMIT", e) != 0)
        return err_wrap(e, "commit");
    if (sequence != NULL)
        *sequence = number;
    return 0;
failed:
    store_write_rollback(s);
    return err_wrap(e, "commit");
}

int store_write_pause(struct store *s, bool *cut, struct err *e)
{
    bool due;

    if (!s->guard.open)
        return err_set(e, ERR_FAILED, "pause: no write is open");
    due = s->guard.writes >= STORE_CHANGES_MAX / 2 ||
          capture_bytes(&s->capture) >= STORE_CHANGESET_BYTES_MAX / 2;
    if (cut != NULL)
        *cut = due;
    if (!due)
        return 0;
    if (store_write_commit(s, NULL, e) != 0)
        return -1;
    return store_write_begin(s, e);
}

int store_new_id(struct store *s, uint64_t *id, struct err *e)
{
    sqlite3_stmt *next = statement_fresh(s->statements[STORE_NEW_ID]);
    int row;

    /* An id given out in autocommit would be a write past the capture's promise
     * that a rolled back write gives its ids back. */
    if (!s->guard.open || sqlite3_get_autocommit(s->db))
        return err_set(e, ERR_FAILED, "a new id outside a write");
    (void)sqlite3_bind_int64(next, 1, ((sqlite3_int64)1 << ID_COUNTER_BITS) - 1);
    row = statement_step(next, e);
    if (row < 0)
        return -1;
    if (row == 0)
        return err_set(e, ERR_FAILED, "all ids of this epoch are given out");
    *id = id_make((uint16_t)sqlite3_column_int64(next, 0),
                  (uint8_t)sqlite3_column_int64(next, 1),
                  (uint32_t)sqlite3_column_int64(next, 2));
    return statement_run(next, e);
}
