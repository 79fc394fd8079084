/* TOTP: the second factor, RFC 6238 with what every authenticator has: HMAC-SHA1, steps of
 * 30 s, six digits.
 *
 * A code counts once: its step must be after the last one taken. A box may not know the
 * time; two codes in succession show which it is, since by chance they fit any one step in
 * 10^12 only. */
#ifndef TRAM_APPLIANCE_PEOPLE_TOTP_H
#define TRAM_APPLIANCE_PEOPLE_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_SECRET_BYTES 20
#define TOTP_STEP_MS      30000
#define TOTP_CODE_BYTES   7  /* with the NUL */
#define TOTP_BASE32_BYTES 33 /* with the NUL */

void totp_code(char out[TOTP_CODE_BYTES], const uint8_t secret[TOTP_SECRET_BYTES],
               int64_t step);

/* The step after `last` whose code this is, at most one from now's; -1: none is. */
int64_t totp_find(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now,
                  int64_t last);

/* The later of two steps in succession with these codes, whatever this box takes the time
 * for: within TOTP_LOST_STEPS after `last`; without a last one (0), from 2026 on. -1: none. */
#define TOTP_LOST_STEPS  1500000  /* seventeen months */
#define TOTP_FIRST_STEP  58900320 /* 2026-01-08: no code was shown to us before */
#define TOTP_FIRST_STEPS 10500000 /* ten years */
int64_t totp_find_two(const uint8_t secret[TOTP_SECRET_BYTES], const char *first,
                      const char *second, int64_t last);

/* As an authenticator takes it when it is typed. */
void totp_base32(char out[TOTP_BASE32_BYTES], const uint8_t secret[TOTP_SECRET_BYTES]);

#endif
