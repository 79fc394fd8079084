/* Recovery: the key of a box's second copy (appliance/backup.h), and how people keep it.
 *
 * It is 128 bits that the box draws itself: a phrase that a person makes up is forgotten,
 * or guessed by whoever finds the stick. On paper it is eight groups of six digits, each
 * 16 bits times eleven, so that a digit read wrongly, or two that changed places, shows
 * in its group at once; digits can be read out on the telephone in any language.
 *
 *   054725-398090-… (8 groups)        what the commune keeps, away from the box
 *   sealed for the centre's key       what lies beside the copy: the province can open
 *                                     it when box and paper burned together
 *
 * There is nothing to stretch: 128 drawn bits are not tried out, with argon2 or without. */
#ifndef TRAM_SYNC_RECOVERY_H
#define TRAM_SYNC_RECOVERY_H

#include "sync/keys.h"

#define RECOVERY_BYTES        16
#define RECOVERY_GROUPS       8
#define RECOVERY_TEXT_BYTES   (RECOVERY_GROUPS * 7) /* with the NUL */
#define RECOVERY_SEALED_BYTES (RECOVERY_BYTES + 48)
#define RECOVERY_KEY_BYTES    32

struct recovery_key {
    uint8_t bytes[RECOVERY_BYTES];
};

void recovery_make(struct recovery_key *out, struct random *r);
void recovery_wipe(struct recovery_key *k);

void recovery_to_text(char out[RECOVERY_TEXT_BYTES], const struct recovery_key *k);
/* 0; or which group, from 1, is not as it was written down; or RECOVERY_GROUPS + 1:
 * there are not eight groups of six. Anything but digits parts groups. */
unsigned recovery_from_text(struct recovery_key *out, const char *text);

/* A key for one purpose, made of it. */
void recovery_derive(const struct recovery_key *k, const char *purpose,
                     uint8_t out[RECOVERY_KEY_BYTES]);

/* For the centre, with its signing key. */
int recovery_seal(const struct recovery_key *k, const struct public_key *centre,
                  uint8_t out[RECOVERY_SEALED_BYTES], struct err *e);
/* ERR_REFUSED: sealed for somebody else, or altered. */
int recovery_open(struct recovery_key *out, const struct key_pair *centre,
                  const uint8_t sealed[RECOVERY_SEALED_BYTES], struct err *e);

#endif
