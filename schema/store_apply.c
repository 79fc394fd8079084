#include "schema/store_internal.h"

#include "schema/statements.h"

/* A write without a session, unless it is watched: what another's changeset does here
 * is no change of this store's own. */
static bool is_open(const struct store *s)
{
    return s->guard.open && s->guard.uncapped;
}

int store_apply_begin(struct store *s, struct err *e)
{
    if (s->guard.open || s->reads > 0)
        return err_set(e, ERR_FAILED, "a transaction is open already");
    if (sql_again(s->db, "BEGIN IMMEDIATE", e) != 0)
        return err_wrap(e, "begin");
    s->guard = (struct guard){.open = true, .uncapped = true};
    return 0;
}

int store_apply_watch(struct store *s, bool on, struct err *e)
{
    if (!is_open(s))
        return err_set(e, ERR_FAILED, "watch: no apply is open");
    if (s->capture.session == NULL && (!on || capture_begin(&s->capture, e) != 0))
        return on ? -1 : 0;
    (void)sqlite3session_enable(s->capture.session, on);
    return 0;
}

int store_apply_commit(struct store *s, struct err *e)
{
    struct moment now;
    uint64_t sequence;

    if (!is_open(s))
        return err_set(e, ERR_FAILED, "commit: no apply is open");
    if (sqlite3_get_autocommit(s->db)) {
        (void)err_set(e, ERR_IO,
                      "the transaction was rolled back after an earlier error");
        goto failed;
    }
    if (boots_now(&s->boots, &now, e) != 0 || boots_touch(&s->boots, &now, e) != 0)
        goto failed;
    if (s->capture.session != NULL &&
        capture_append(&s->capture, &now, &sequence, e) != 0)
        goto failed;
    if (sql_again(s->db, "COMMIT", e) != 0)
        goto failed;
    capture_end(&s->capture);
    s->guard.open = false;
    s->reads = 0;
    return 0;
failed:
    store_apply_rollback(s);
    return err_wrap(e, "commit");
}

void store_apply_rollback(struct store *s)
{
    if (is_open(s))
        store_write_rollback(s);
}
