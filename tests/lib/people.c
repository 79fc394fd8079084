#include "tests/lib/people.h"

#include <stdio.h>
#include <string.h>

struct scratch people;
struct err people_err;

int people_start(void **state)
{
    (void)state;
    passwords_are_cheap();
    scratch_start(&people);
    people.clock.wall_ms_now = 1770000000000;
    people.clock.confidence = WALL_SYSTEM;
    return 0;
}

int people_finish(void **state)
{
    (void)state;
    scratch_remove(&people);
    return 0;
}

void people_pass(int64_t ms)
{
    people.clock.mono_ms_now += ms;
    people.clock.wall_ms_now += ms;
}

void people_add(const char *name, enum role role, const char *password)
{
    const struct account_new n = {
        .name = name, .full_name = "Lò Thị Mẫu", .role = role, .password = password};
    const char *fault;

    must(accounts_add(people.store, "test", &n, &fault, &people_err), &people_err);
    if (fault != NULL)
        fail_msg("%s: %s", name, fault);
}

struct account people_account(const char *name)
{
    struct account a;
    bool found;

    must(accounts_find(people.store, name, &a, &found, &people_err), &people_err);
    assert_true(found);
    return a;
}

enum signin people_sign_in_with(const char *name, const char *password, const char *code,
                                const char *next)
{
    struct credentials c = {0};
    struct account a;
    enum signin how;

    (void)snprintf(c.name, sizeof c.name, "%s", name);
    (void)snprintf(c.password, sizeof c.password, "%s", password);
    (void)snprintf(c.code, sizeof c.code, "%s", code);
    (void)snprintf(c.next, sizeof c.next, "%s", next);
    must(signin_try(people.store, &c, &how, &a, &people_err), &people_err);
    return how;
}

enum signin people_sign_in(const char *name, const char *password)
{
    return people_sign_in_with(name, password, "", "");
}

enum signin people_sign_in_now(const char *name)
{
    char code[TOTP_CODE_BYTES];

    totp_code(code, people_secret, people_step());
    return people_sign_in_with(name, GOOD, code, "");
}

int64_t people_step(void)
{
    return people.clock.wall_ms_now / TOTP_STEP_MS;
}

const uint8_t people_secret[TOTP_SECRET_BYTES] = "12345678901234567890";

void people_give_second(const char *name)
{
    const char *fault;
    struct account a;

    must(
        accounts_set_second(people.store, name, name, people_secret, &fault, &people_err),
        &people_err);
    assert_null(fault);
    a = people_account(name);
    must(accounts_confirm_second(people.store, &a, people_step(), &fault, &people_err),
         &people_err);
    assert_null(fault);
    people_pass(TOTP_STEP_MS);
}
