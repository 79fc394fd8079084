/* Passwords: what is asked of one, and its argon2id hash.
 *
 * Composed first (NFC), since two keyboards write one Vietnamese letter in two ways. The
 * hash takes 64 MiB for a moment, so that one is made at a time, and few wait for that. */
#ifndef TRAM_APPLIANCE_PEOPLE_PASSWORDS_H
#define TRAM_APPLIANCE_PEOPLE_PASSWORDS_H

#include <stdbool.h>

#include <sodium/crypto_pwhash.h>

#include "base/err.h"

#define PASSWORD_BYTES_MAX 256 /* as it is sent */
#define PASSWORD_LETTERS   14  /* at least, alone */
#define PASSWORD_LETTERS_2ND                                                             \
    8 /* with a second factor: both are level 3's, VIETNAM.md 6 */
#define PASSWORD_HASH_BYTES crypto_pwhash_STRBYTES

/* What is wrong with one: the end of its message's key, NULL for nothing. `account` must
 * not be in it, unless it is shorter than four letters. */
const char *password_fault(const char *password, const char *account, bool second);

/* ERR_USAGE: longer than PASSWORD_BYTES_MAX or no UTF-8; ERR_BUSY: too many wait. */
int password_hash(char out[PASSWORD_HASH_BYTES], const char *password, struct err *e);

/* A `hash` of NULL is nobody's, and takes as long to be wrong. */
int password_check(const char *hash, const char *password, bool *right, struct err *e);

/* For tests only, whose passwords nobody wants: as cheap as can be. */
void passwords_are_cheap(void);

/* Draws one that a person can type: "k7m2-pq9x-…", 79 bits. */
#define PASSWORD_DRAWN_BYTES 20
void password_draw(char out[PASSWORD_DRAWN_BYTES]);

/* Whether somebody typed what was drawn: case, blanks and hyphens are as they may be. */
bool password_drawn_is(const char *drawn, const char *typed);

#endif
