/* Alternative rows: what the recogniser would have believed instead, kept for the newest
 * reading of each page. Local: never captured, never sent. */
#ifndef TRAM_APPLIANCE_ALTERNATIVE_ROWS_H
#define TRAM_APPLIANCE_ALTERNATIVE_ROWS_H

#include "appliance/box.h"
#include "ocr/alternatives.h"

/* Inside a write of the caller's, after the page's newest reading was written; those of
 * the readings before are forgotten. No bytes: there are none. */
int alternative_rows_keep(struct box *b, uint64_t page, const void *packed, size_t bytes,
                          struct err *e);

/* Of a reading with so many words. What is not there, or makes no sense, is none: they
 * only help. The caller releases *out. */
int alternative_rows_find(struct box *b, uint64_t reading, size_t words,
                          struct alternatives *out, struct err *e);

#endif
