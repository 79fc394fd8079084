/* Enrolment: how a box and a province come to know each other.
 *
 *   centre: enrol ─► FILE: site, url, the centre's keys, a one-time secret
 *   box:    init --enrol FILE ─► makes its own key, remembers the centre's
 *   box:    first contact or stick ─► CLAIM: its public key, proved by the secret
 *   centre: takes the first claim, forgets the secret; a second use is refused and
 *           shown
 *
 * FILE is JSON, to be read by people too:
 *   {"tram": "enrolment", "version": 1, "site": 17, "name": "Xã …",
 *    "province": "Tỉnh …", "url": "https://…:8443", "centre_key": "<64 hex>",
 *    "tls_key": "<64 hex>", "secret": "<64 hex>"}
 * and "epoch": 2 (or more) in one for a box that stands in a lost one's place: what it makes
 * begins with that epoch. Absent: 1.
 *
 * CLAIM, 136 bytes:
 *   "TRC1" | site u16 | epoch u8 | 0 u8 | public key 32
 *   | mac 32: BLAKE2b keyed with the secret over all before it
 *   | signature 64 by the box's key over all before it */
#ifndef TRAM_SYNC_ENROL_H
#define TRAM_SYNC_ENROL_H

#include "sync/keys.h"

#define ENROL_SECRET_BYTES 32
#define ENROL_FILE_MAX     8192
#define CLAIM_BYTES        136
#define ENROL_EPOCH_LAST   254 /* 255: made at the centre */

struct enrolment {
    uint16_t site;
    uint8_t epoch; /* that the box begins with */
    char name[128], province[128], url[256];
    struct public_key centre_key, tls_key;
    uint8_t secret[ENROL_SECRET_BYTES];
};

int enrolment_encode(const struct enrolment *f, struct buffer *out, struct err *e);
/* ERR_REFUSED with the field and what is wrong with it. */
int enrolment_decode(struct enrolment *out, const void *bytes, size_t count,
                     struct err *e);

struct claim {
    uint16_t site;
    uint8_t epoch;
    struct public_key key;
};

void claim_encode(const struct claim *c, const uint8_t secret[ENROL_SECRET_BYTES],
                  const struct key_pair *box, uint8_t out[CLAIM_BYTES]);
/* Reads without believing; claim_prove says whether the secret was known. */
int claim_decode(struct claim *out, const void *bytes, size_t count, struct err *e);
bool claim_proved(const void *bytes, const uint8_t secret[ENROL_SECRET_BYTES]);

#endif
