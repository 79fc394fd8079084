/* Writes to an account inside the caller's write: for the files of this room. */
#ifndef TRAM_APPLIANCE_PEOPLE_ACCOUNTS_WRITE_H
#define TRAM_APPLIANCE_PEOPLE_ACCOUNTS_WRITE_H

#include "appliance/people/accounts.h"

/* ?1 is the name, ?2 the text (NULL: NULL), ?3 the number, as far as they are there. */
int account_run(struct store *s, const char *sql, const char *name, const char *text,
                int64_t number, struct err *e);

/* An administrator beside whom no other can still come in: one who never added a second
 * factor, or would be put away for not having come, is none. */
int account_is_last(struct store *s, const struct account *a, bool *last, struct err *e);

/* Now is when `what` of account_moment happened. */
int account_mark(struct store *s, const char *name, const char *what, struct err *e);

#endif
