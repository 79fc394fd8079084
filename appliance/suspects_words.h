/* Suspects' words: the doubtful words of a document as lines for whoever typed
 * `show --suspects`, or a JSON object a page (page_suspects.h). */
#ifndef TRAM_APPLIANCE_SUSPECTS_WORDS_H
#define TRAM_APPLIANCE_SUSPECTS_WORDS_H

#include "appliance/box.h"
#include "appliance/verbs.h"
#include "schema/shown.h"

int suspects_print(struct box *b, struct verb_io *io, const struct shown *what,
                   struct err *e);

#endif
