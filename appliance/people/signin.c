#include "appliance/people/signin.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/people/accounts_write.h"
#include "appliance/people/audit.h"
#include "appliance/people/seldom.h"
#include "schema/statements.h"

/* --------------------------------------------------------------- what went wrong */

/* Counts; *how is LOCKED if that was one too many. Others may have counted meanwhile. */
static int count_failure(struct store *s, const struct account *a, const char *what,
                         enum signin *how, struct err *e)
{
    struct account now;
    bool found;

    if (accounts_find(s, a->name, &now, &found, e) != 0)
        return -1;
    if (!found || account_is_locked(&now)) {
        *how = SIGNIN_LOCKED;
        return 0;
    }
    /* One that has been locked long enough begins to count anew. */
    if (account_run(s,
                    "UPDATE account SET failures = CASE locked WHEN 1 THEN 1"
                    " ELSE failures + 1 END, locked = 0 WHERE name = ?1",
                    a->name, NULL, 0, e) != 0 ||
        audit_append(s, "refused", "?", a->name, what, e) != 0)
        return -1;
    if ((now.locked ? 1 : now.failures + 1) < ACCOUNT_FAILURES_MAX)
        return 0;
    *how = SIGNIN_LOCKED;
    if (account_run(s, "UPDATE account SET locked = 1 WHERE name = ?1", a->name, NULL, 0,
                    e) != 0 ||
        account_mark(s, a->name, "locked", e) != 0)
        return -1;
    return audit_append(s, "locked", "tram-box", a->name, "", e);
}

static int fail(struct store *s, const struct account *a, const char *what,
                enum signin *how, struct err *e)
{
    if (store_apply_begin(s, e) != 0)
        return -1;
    if (count_failure(s, a, what, how, e) == 0)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return -1;
}

int signin_failed(struct store *s, const struct account *a, const char *what,
                  struct err *e)
{
    enum signin how = SIGNIN_WRONG;

    return fail(s, a, what, &how, e);
}

/* ----------------------------------------------------------------- second factor */

/* A saved time is a lower bound, an unknown one nothing. Two codes count only there: they
 * fit any step, and a pair that somebody saw would be good for months. */
static int find_step(struct store *s, const struct account *a, const char *code,
                     const char *next, int64_t *step, bool *lost, struct err *e)
{
    struct moment now;
    int64_t at;

    if (store_now(s, &now, e) != 0)
        return -1;
    at = now.wall_ms / TOTP_STEP_MS;
    *lost = now.confidence < WALL_SYSTEM;
    if (!*lost || next[0] == '\0')
        *step = totp_find(a->second, code, at, a->second_step);
    else
        *step = totp_find_two(a->second, code, next,
                              now.confidence == WALL_SAVED && at - 2 > a->second_step
                                  ? at - 2 /* as far off as a telephone's may be */
                                  : a->second_step);
    return 0;
}

int signin_first_step(struct store *s, const struct account *a, const char *code,
                      const char *next, int64_t *step, struct err *e)
{
    bool lost;

    *step = -1;
    return a->has_second ? find_step(s, a, code, next, step, &lost, e) : 0;
}

static int check_second(struct store *s, const struct account *a,
                        const struct credentials *c, int64_t *step, enum signin *how,
                        struct err *e)
{
    bool lost;

    *step = a->second_step;
    if (!a->second_sure)
        return 0;
    *how = SIGNIN_CODE_NEEDED;
    if (c->code[0] == '\0')
        return 0;
    if (find_step(s, a, c->code, c->next, step, &lost, e) != 0)
        return -1;
    if (*step >= 0) {
        *how = SIGNIN_DONE;
        return 0;
    }
    *how = lost && c->next[0] == '\0' ? SIGNIN_CODES_NEEDED : SIGNIN_CODE_WRONG;
    return fail(s, a, "code", how, e);
}

/* ------------------------------------------------------------------------- in */

static bool is_dormant(const struct account *a)
{
    return a->seen_ms > ACCOUNT_DORMANT_MS;
}

/* Nothing may have happened to the account meanwhile, and no other sign-in may have taken
 * this step. */
static int come_in(struct store *s, struct account *a, int64_t step, enum signin *how,
                   struct err *e)
{
    struct account now;
    bool found;

    if (accounts_find(s, a->name, &now, &found, e) != 0)
        return -1;
    if (!found || now.generation != a->generation || !now.enabled ||
        (account_is_locked(&now) && !now.second_sure) ||
        (a->second_sure && now.second_step >= step)) {
        *how = SIGNIN_WRONG;
        return 0;
    }
    if (account_run(s,
                    "UPDATE account SET failures = 0, locked = 0, second_step = ?3,"
                    " temporary = temporary OR ?2 IS NOT NULL WHERE name = ?1",
                    a->name, is_dormant(a) ? "" : NULL, step, e) != 0 ||
        account_mark(s, a->name, "seen", e) != 0)
        return -1;
    a->temporary = a->temporary || is_dormant(a);
    a->locked = false;
    *how = SIGNIN_DONE;
    return audit_append(s, "signed_in", a->name, a->name, a->second_sure ? "second" : "",
                        e);
}

static int finish(struct store *s, struct account *a, int64_t step, enum signin *how,
                  struct err *e)
{
    if (store_apply_begin(s, e) != 0)
        return -1;
    if (come_in(s, a, step, how, e) == 0)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return -1;
}

/* Who did not come for so long is put away, and the trail says why. Not the last
 * administrator: nobody could ever use that account again but by `tram-box accounts`; it
 * gives its code as always, and a new password then. */
static int put_away(struct store *s, const struct account *a, bool *away, struct err *e)
{
    bool last;
    int rc = -1;

    *away = false;
    if (store_apply_begin(s, e) != 0)
        return -1;
    if (account_is_last(s, a, &last, e) == 0)
        rc = last ? 0
                  : account_run(s, "UPDATE account SET enabled = 0 WHERE name = ?1",
                                a->name, NULL, 0, e);
    if (rc == 0 && !last)
        rc = audit_append(s, "disabled", "tram-box", a->name, "45 days", e);
    if (rc == 0)
        rc = store_apply_commit(s, e);
    else
        store_apply_rollback(s);
    *away = rc == 0 && !last;
    return rc;
}

/* The password was right. */
static int go_on(struct store *s, const struct credentials *c, struct account *a,
                 enum signin *how, struct err *e)
{
    bool away = !a->enabled;
    int64_t step;

    *how = SIGNIN_OFF;
    if (!away && is_dormant(a) && put_away(s, a, &away, e) != 0)
        return -1;
    if (away)
        return 0;
    *how = SIGNIN_DONE;
    if (check_second(s, a, c, &step, how, e) != 0)
        return -1;
    return *how == SIGNIN_DONE ? finish(s, a, step, how, e) : 0;
}

/* -------------------------------------------------------------------- locked */

/* Who tried a code with the right password at an account that is locked. */
static struct tries {
    char name[ACCOUNT_NAME_BYTES];
    struct moment since;
    unsigned count;
} tries[8];

static bool is_over(const struct tries *t, const struct moment *now)
{
    int64_t age_ms = now->mono_ms - t->since.mono_ms;

    return t->since.boot != now->boot || age_ms < 0 || age_ms >= ACCOUNT_LOCKED_MS;
}

/* As many as a lock takes, in as long as a lock lasts. In memory: a row would take time, and
 * the time would tell that the password was right. */
static bool may_try(const char *name, const struct moment *now)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct tries *mine = NULL;
    bool may;

    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct tries *t = &tries[i];

        if (is_over(t, now))
            *t = (struct tries){.since = *now};
        if (strcmp(t->name, name) == 0 || (mine == NULL && t->name[0] == '\0'))
            mine = t;
    }
    if (mine != NULL && mine->name[0] == '\0')
        (void)snprintf(mine->name, sizeof mine->name, "%s", name);
    may = mine != NULL && mine->count < ACCOUNT_FAILURES_MAX;
    if (may)
        mine->count++;
    (void)pthread_mutex_unlock(&lock);
    return may;
}

/* Anybody can lock anybody; who has both factors is not anybody. Whatever is wrong, the
 * answer is LOCKED, or it would tell strangers that they guessed the password. */
static int try_locked(struct store *s, const struct credentials *c, struct account *a,
                      enum signin *how, struct err *e)
{
    struct moment now;
    int64_t step;
    bool lost, away = false;

    *how = SIGNIN_LOCKED;
    if (store_now(s, &now, e) != 0)
        return -1;
    if (!a->enabled || !may_try(a->name, &now))
        return 0;
    if (find_step(s, a, c->code, c->next, &step, &lost, e) != 0)
        return -1;
    if (step < 0)
        return 0;
    if (is_dormant(a) && put_away(s, a, &away, e) != 0)
        return -1;
    *how = SIGNIN_OFF;
    return away ? 0 : finish(s, a, step, how, e);
}

int signin_try(struct store *s, const struct credentials *c, enum signin *how,
               struct account *out, struct err *e)
{
    bool found, right, locked;

    *how = SIGNIN_WRONG;
    if (accounts_find(s, c->name, out, &found, e) != 0)
        return -1;
    locked = found && account_is_locked(out);
    if (locked) {
        *how = SIGNIN_LOCKED;
        if (!out->second_sure || c->code[0] == '\0')
            return 0;
    }
    if (password_check(found ? out->password : NULL, c->password, &right, e) != 0)
        return -1;
    if (!found)
        return audit_seldom(s, "refused", "?", "unknown name", "", e);
    if (locked)
        return right ? try_locked(s, c, out, how, e) : 0;
    return right ? go_on(s, c, out, how, e) : fail(s, out, "password", how, e);
}
