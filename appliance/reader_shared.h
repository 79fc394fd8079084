/* Shared reader: lets several threads ask one reader (and so one worker with one
 * loaded model), one question at a time. For what intake asks (identify, look,
 * unpack); reading pages is many questions at once and stays
 * with one thread, as does what is made of them afterwards. Searchable copies are
 * refused too: one of a long document takes minutes, and the clerk who drops a file
 * meanwhile is not to wait for it (reader_own.h). */
#ifndef TRAM_APPLIANCE_READER_SHARED_H
#define TRAM_APPLIANCE_READER_SHARED_H

#include "appliance/reader.h"

/* Takes `inner`, also on failure. */
int reader_shared_create(struct reader **out, struct reader *inner, struct err *e);

#endif
