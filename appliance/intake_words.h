/* Intake's words: how a result is told, the same on the command line and at the
 * desk. */
#ifndef TRAM_APPLIANCE_INTAKE_WORDS_H
#define TRAM_APPLIANCE_INTAKE_WORDS_H

#include <jansson.h>

#include "appliance/intake.h"
#include "appliance/verbs.h"

/* {"file", "state", "document", "pages", "sha256", "reason"}, null where there is
 * none; refused and held ones also {"message": {"vi", "en"}}. */
json_t *intake_json(const struct intake_result *r);

/* {"vi", "en"}: the sentence on a file that was refused or held. */
json_t *intake_message_json(const struct intake_result *r);

/* One line to io->err for a file that was refused or held: its name and why. */
void intake_say(struct verb_io *io, const struct intake_result *r);

/* What a power cut interrupted, for whoever has just become the owner of the
 * directory: finished before anything else, what it comes to told on io->err. */
int intake_catch_up(struct box *b, struct verb_io *io, struct err *e);

#endif
