/* Fuzz: what a visitor sends to sign in. What is taken fits its places and is the same again;
 * and the rules, codes and drawn words say yes or no to any text. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/people/signin.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check(const struct credentials *c)
{
    static const uint8_t secret[TOTP_SECRET_BYTES] = "12345678901234567890";
    const char *fault = password_fault(c->password, c->name, true);

    assert(memchr(c->name, '\0', sizeof c->name) != NULL);
    assert(memchr(c->password, '\0', sizeof c->password) != NULL);
    assert(memchr(c->code, '\0', sizeof c->code) != NULL);
    /* What eight letters are too few for, fourteen are, too. */
    if (fault != NULL)
        assert(password_fault(c->password, c->name, false) != NULL);
    assert(totp_find(secret, c->code, 1000, 1001) == -1);
    assert(password_drawn_is(c->name, c->name) ||
           strpbrk(c->name, " ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct credentials c, again;
    struct err e;

    if (credentials_parse(&c, bytes, count, &e) != 0) {
        assert(e.code == ERR_USAGE);
        return 0;
    }
    assert(credentials_parse(&again, bytes, count, &e) == 0);
    assert(memcmp(&c, &again, sizeof c) == 0);
    check(&c);
    return 0;
}
