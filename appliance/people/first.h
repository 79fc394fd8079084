/* First start: a box without any account has a code, which the box prints, and who types it
 * at the desk becomes its first administrator. There is no password that a box comes with. */
#ifndef TRAM_APPLIANCE_PEOPLE_FIRST_H
#define TRAM_APPLIANCE_PEOPLE_FIRST_H

#include "appliance/people/accounts.h"

/* Draws one if there is none yet. *needed is false, and nothing is drawn, once there is an
 * account. */
int first_code(struct store *s, char out[PASSWORD_DRAWN_BYTES], bool *needed,
               struct err *e);

/* Makes the administrator. *fault: "first_code" if it is another one, "first_gone" if there
 * is an account, or what is wrong with the new one. */
int first_take(struct store *s, const char *code, const struct account_new *n,
               const char **fault, struct err *e);

#endif
