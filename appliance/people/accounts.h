/* Accounts: the people who may use the desk, each with a role.
 *
 *   clerk           takes in, reads, searches, corrects
 *   reviewer        … and approves, clears held papers, exports
 *   administrator   … and says who may do what; with a second factor always
 *
 * An account is never removed, since the trail names it: it is put away. Every change is one
 * transaction with its row in the trail (audit.h), and what takes something from an account
 * raises its generation, which ends its sessions. Local to the box, as VIETNAM.md 6 has it
 * for level 3. Who can open the data folder is above all of it, and may do the same by
 * `tram-box accounts`. */
#ifndef TRAM_APPLIANCE_PEOPLE_ACCOUNTS_H
#define TRAM_APPLIANCE_PEOPLE_ACCOUNTS_H

#include "appliance/people/passwords.h"
#include "appliance/people/totp.h"
#include "schema/store.h"

#define ACCOUNT_NAME_BYTES      33
#define ACCOUNT_FULL_NAME_BYTES 129

#define ACCOUNT_DAY_MS (24 * 3600 * (int64_t)1000)
#define ACCOUNT_DORMANT_MS                                                               \
    (45 * ACCOUNT_DAY_MS) /* who did not come so long is put away */
#define ACCOUNT_PASSWORD_MS    (60 * ACCOUNT_DAY_MS) /* an administrator's lasts so long */
#define ACCOUNT_FAILURES_MAX   10                    /* then it is locked … */
#define ACCOUNT_LOCKED_MS      (30 * 60 * (int64_t)1000) /* … for so long */
#define ACCOUNT_PASSWORDS_KEPT 10                        /* and none of them again */

enum role { ROLE_CLERK, ROLE_REVIEWER, ROLE_ADMINISTRATOR, ROLES };

const char *role_name(enum role r);
bool role_find(const char *name, enum role *out);

/* What an account must do before anything else. */
enum account_must { MUST_NOTHING, MUST_CHANGE_PASSWORD, MUST_ADD_SECOND };

struct account {
    char name[ACCOUNT_NAME_BYTES], full_name[ACCOUNT_FULL_NAME_BYTES];
    enum role role;
    bool enabled, temporary, locked;
    bool has_second, second_sure; /* a secret is there; … and a code of it was shown */
    uint8_t second[TOTP_SECRET_BYTES];
    char password[PASSWORD_HASH_BYTES];
    int64_t generation, second_step, failures;
    struct moment seen;                      /* made, enabled or signed in */
    int64_t password_ms, seen_ms, locked_ms; /* how long ago, at least; 0: never */
};

enum account_must account_must(const struct account *a);
/* Locked, and not long enough ago. */
bool account_is_locked(const struct account *a);

int accounts_find(struct store *s, const char *name, struct account *out, bool *found,
                  struct err *e);
/* In the order of their names. What `each` is given is its only while it runs. */
int accounts_each(struct store *s,
                  int (*each)(void *arg, const struct account *a, struct err *e),
                  void *arg, struct err *e);
int accounts_count(struct store *s, int64_t *count, struct err *e);

/* Changes. *fault: why it cannot be, the end of its message's key ("account_unknown"); NULL:
 * done. `actor` is who does it. */

struct account_new {
    const char *name, *full_name;
    enum role role;
    const char *password;
    bool temporary; /* it was drawn, and must be changed */
};

int accounts_add(struct store *s, const char *actor, const struct account_new *n,
                 const char **fault, struct err *e);
/* What is wrong with it, before anything is done. */
const char *account_new_fault(const struct account_new *n);
/* Inside the caller's write, `hash` being the password's. */
int accounts_insert(struct store *s, const char *actor, const struct account_new *n,
                    const char *hash, struct err *e);

/* The last administrator who can still come in keeps role and account. A password that was
 * short for the sake of a second factor must be changed once that is not asked for. */
int accounts_set_role(struct store *s, const char *actor, const char *name,
                      enum role role, const char **fault, struct err *e);
int accounts_set_enabled(struct store *s, const char *actor, const char *name,
                         bool enabled, const char **fault, struct err *e);
int accounts_unlock(struct store *s, const char *actor, const char *name,
                    const char **fault, struct err *e);
/* Not one of the last ten, unless it is temporary. */
int accounts_set_password(struct store *s, const char *actor, const char *name,
                          const char *password, bool temporary, const char **fault,
                          struct err *e);
/* A new secret, which counts from its first code on, if none does already. `secret` NULL:
 * none any more. */
int accounts_set_second(struct store *s, const char *actor, const char *name,
                        const uint8_t *secret, const char **fault, struct err *e);
/* A code of the secret in `a`, as it was looked at, was of this step. */
int accounts_confirm_second(struct store *s, const struct account *a, int64_t step,
                            const char **fault, struct err *e);

#endif
