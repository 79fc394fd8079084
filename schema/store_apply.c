#include "schema/store_internal.h"

#include "schema/statements.h"

/* A write without a session: what another's changeset does here is no change of
 * this store's own. */
static bool is_open(const struct store *s)
{
    return s->guard.open && s->capture.session == NULL;
}

int store_apply_begin(struct store *s, struct err *e)
{
    if (s->guard.open || s->reads > 0)
        return err_set(e, ERR_FAILED, "a transaction is open already");
    if (sql_run(s->db, "BEGIN IMMEDIATE", e) != 0)
        return err_wrap(e, "begin");
    s->guard = (struct guard){.open = true};
    return 0;
}

int store_apply_commit(struct store *s, struct err *e)
{
    struct moment now;

    if (!is_open(s))
        return err_set(e, ERR_FAILED, "commit: no apply is open");
    if (sqlite3_get_autocommit(s->db)) {
        (void)err_set(e, ERR_IO,
                      "the transaction was rolled back after an earlier error");
        goto failed;
    }
    if (boots_now(&s->boots, &now, e) != 0 || boots_touch(&s->boots, &now, e) != 0 ||
        sql_run(s->db, "COMMIT", e) != 0)
        goto failed;
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
        store_write_rollback(s); /* there is no session: it only rolls back */
}
