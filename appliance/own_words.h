/* Own words: the syllables that persons at this box have written, in corrections and in
 * fields. What stands there is right here, however rare it is elsewhere. */
#ifndef TRAM_APPLIANCE_OWN_WORDS_H
#define TRAM_APPLIANCE_OWN_WORDS_H

#include "appliance/box.h"

#define OWN_WORDS_ROWS_MAX 20000 /* of each kind, the newest: a tenth of a second */

struct own_words {
    char **list; /* owned, each too; ascending, as the tokenizer's exact form */
    size_t count, room;
};

int own_words_gather(struct own_words *out, struct box *b, struct err *e);
void own_words_release(struct own_words *w); /* a zeroed one is fine */

bool own_words_have(const struct own_words *w, const char *exact);

#endif
