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
    s->watching = false;
    s->watched = s->watched_from = 0;
    return 0;
}

static uint32_t watched(const struct store *s)
{
    return s->watched + (s->watching ? s->guard.writes - s->watched_from : 0);
}

int store_apply_watch(struct store *s, bool on, struct err *e)
{
    if (!is_open(s))
        return err_set(e, ERR_FAILED, "watch: no apply is open");
    if (s->capture.session == NULL && (!on || capture_begin(&s->capture, e) != 0))
        return on ? -1 : 0;
    s->watched = watched(s);
    s->watched_from = s->guard.writes;
    s->watching = on;
    (void)sqlite3session_enable(s->capture.session, on);
    return 0;
}

/* What is watched becomes a frame; what is watched from now on, another one. */
static int append(struct store *s, struct err *e)
{
    struct moment now;
    uint64_t sequence;

    if (s->capture.session == NULL)
        return 0;
    if (boots_now(&s->boots, &now, e) != 0 ||
        capture_append(&s->capture, &now, &sequence, e) != 0)
        return -1;
    capture_end(&s->capture);
    s->watched = 0;
    s->watched_from = s->guard.writes;
    return s->watching ? capture_begin(&s->capture, e) : 0;
}

int store_apply_cut(struct store *s, size_t bytes, struct err *e)
{
    if (!is_open(s))
        return err_set(e, ERR_FAILED, "cut: no apply is open");
    if (s->capture.session == NULL ||
        (watched(s) < STORE_CHANGES_MAX / 2 &&
         capture_bytes(&s->capture) + bytes < STORE_CHANGESET_BYTES_MAX / 2))
        return 0;
    return append(s, e) == 0 ? 0 : err_wrap(e, "cut");
}

bool store_apply_holds(struct store *s)
{
    return s->capture.session == NULL ||
           (watched(s) <= STORE_CHANGES_MAX &&
            capture_bytes(&s->capture) <= STORE_CHANGESET_BYTES_MAX);
}

int store_apply_say(struct store *s, const struct buffer *changeset, struct err *e)
{
    struct moment now;
    uint64_t sequence;

    if (!is_open(s))
        return err_set(e, ERR_FAILED, "say: no apply is open");
    if (append(s, e) == 0 && boots_now(&s->boots, &now, e) == 0 &&
        capture_append_given(&s->capture, changeset, &now, &sequence, e) == 0)
        return 0;
    return err_wrap(e, "say");
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
    s->watching = false;
    if (boots_now(&s->boots, &now, e) != 0 || boots_touch(&s->boots, &now, e) != 0 ||
        append(s, e) != 0)
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
