/* Sessions: who is signed in at the desk just now.
 *
 * In memory alone: nothing of them lies on the card or in a copy of the box, no click
 * writes, and who starts serve again has signed everybody out. A session is found by its
 * token's SHA-256; the token itself is only in the browser's cookie. It ends when nobody did
 * anything for idle_ms, after SESSION_MS_MAX anyhow, when it is ended, and when its account's
 * generation is another (the caller looks). Times are monotonic: no wall clock is asked.
 * Threads may share one. */
#ifndef TRAM_APPLIANCE_PEOPLE_SESSIONS_H
#define TRAM_APPLIANCE_PEOPLE_SESSIONS_H

#include <stdbool.h>

#include "appliance/people/accounts.h"
#include "base/clock.h"

#define SESSION_TOKEN_BYTES   44                 /* 256 bits as base64url, with the NUL */
#define SESSION_MS_MAX        (12 * 3600 * 1000) /* a working day */
#define SESSION_IDLE_MS       (15 * 60 * 1000)   /* VIETNAM.md 6 */
#define SESSION_IDLE_MS_ADMIN (5 * 60 * 1000)
#define SESSIONS_MAX          64
#define SESSIONS_MAX_ACCOUNT  4 /* the one that rests longest ends for a fifth */

struct session {
    char account[ACCOUNT_NAME_BYTES];
    int64_t generation;             /* account.generation when it began */
    char csrf[SESSION_TOKEN_BYTES]; /* what a change must bring along */
};

struct sessions;

/* `c` must outlive it. */
int sessions_create(struct sessions **out, struct clock *c, struct err *e);
void sessions_destroy(struct sessions *s); /* NULL is fine */

/* Fills `token`, for the cookie, and csrf of `of`. */
void sessions_begin(struct sessions *s, struct session *of, int64_t idle_ms,
                    char token[SESSION_TOKEN_BYTES]);

/* False: no such session, or no more. `acts`: a person did something, so that it does not
 * rest from now on. *left_ms (may be NULL): until it would have rested too long. */
bool sessions_find(struct sessions *s, const char *token, bool acts, struct session *out,
                   int64_t *left_ms);

void sessions_end(struct sessions *s, const char *token);

#endif
