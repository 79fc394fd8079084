/* Sign-in: name, password and, where there is one, the second factor, against accounts.h.
 *
 *   name known? ─► not locked ─► password ─► not put away ─► second factor ─► in
 *        └──────────────┴───── wrong: counted, the tenth locks ──────┘
 *
 * A lock keeps out whoever has the password alone. With the second factor's code one comes
 * in all the same, since anybody can lock anybody by the name.
 *
 * Rows of the trail: who came in, what was counted (FAILURES_MAX a lock), and one a minute
 * for names that nobody has (seldom.h). No visitor fills the card. What is tried at an
 * account while it is locked is not written. Names are no secret: a name that somebody has
 * is locked by ten wrong passwords, another one never. */
#ifndef TRAM_APPLIANCE_PEOPLE_SIGNIN_H
#define TRAM_APPLIANCE_PEOPLE_SIGNIN_H

#include "appliance/people/accounts.h"

/* As it came; every one a text, "" for what was not sent. */
struct credentials {
    char name[ACCOUNT_NAME_BYTES];
    char password[PASSWORD_BYTES_MAX + 1];
    char code[TOTP_CODE_BYTES], next[TOTP_CODE_BYTES]; /* next: the one after it */
};

enum signin {
    SIGNIN_DONE,
    SIGNIN_WRONG,       /* name or password: which of them, nobody is told */
    SIGNIN_LOCKED,      /* whatever the password is, unless a code came with it */
    SIGNIN_OFF,         /* put away, just now for not having come, or before */
    SIGNIN_CODE_NEEDED, /* nothing is counted */
    SIGNIN_CODE_WRONG,
    SIGNIN_CODES_NEEDED, /* the box does not know the time: two in succession */
};

/* *out is the account, once it is in, with the generation that was looked at. */
int signin_try(struct store *s, const struct credentials *c, enum signin *how,
               struct account *out, struct err *e);

/* Counts a wrong password of somebody who is in, as a sign-in would: a desk that was left
 * open is no way to guess. Who is locked stays in, or strangers could put anybody out. */
int signin_failed(struct store *s, const struct account *a, const char *what,
                  struct err *e);

/* The first code of a secret that was just drawn, or two where the time is not known:
 * *step, or -1. */
int signin_first_step(struct store *s, const struct account *a, const char *code,
                      const char *next, int64_t *step, struct err *e);

/* As JSON came: {"name", "password", "code", "next"}. ERR_USAGE: it is not. */
int credentials_parse(struct credentials *out, const void *json, size_t bytes,
                      struct err *e);

#endif
