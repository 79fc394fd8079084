/* People: a scratch box with accounts, for tests, with a clock that moves when told and
 * passwords that cost nothing. */
#ifndef TRAM_TESTS_PEOPLE_H
#define TRAM_TESTS_PEOPLE_H

#include "appliance/people/signin.h"
#include "tests/lib/scratch.h"

#define GOOD   "mot con vit xoe ra"
#define OTHER  "hai cai canh trang"
#define MINUTE (60 * 1000)
#define DAY    (24 * 60 * (int64_t)MINUTE)

extern struct scratch people;
extern struct err people_err;
extern const uint8_t people_secret[TOTP_SECRET_BYTES];

int people_start(void **state);
int people_finish(void **state);
void people_pass(int64_t ms); /* of time */

void people_add(const char *name, enum role role, const char *password);
struct account people_account(const char *name);
/* A second factor by people_secret, confirmed a step ago. */
void people_give_second(const char *name);
int64_t people_step(void); /* now's */

enum signin people_sign_in_with(const char *name, const char *password, const char *code,
                                const char *next);
enum signin people_sign_in(const char *name, const char *password);
/* With GOOD and the code that people_secret has now. */
enum signin people_sign_in_now(const char *name);

#endif
