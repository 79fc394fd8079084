/* A record of an import into the store: what differs from what is there is
 * written, and nothing else. Inside a write of the caller's. */
#ifndef TRAM_APPLIANCE_IMPORT_APPLY_H
#define TRAM_APPLIANCE_IMPORT_APPLY_H

#include "appliance/box.h"
#include "appliance/import_record.h"

enum import_outcome { IMPORT_ADDED, IMPORT_CHANGED, IMPORT_UNCHANGED, IMPORT_DELETED };

struct import_apply;

/* `b` must outlive it. */
int import_apply_create(struct import_apply **out, struct box *b, struct err *e);
void import_apply_destroy(struct import_apply *a); /* NULL is fine */

/* Rows that the record has in the store by now, and the bytes of its values: they
 * may have to be changed, and a change carries what was. */
int import_apply_there(struct import_apply *a, const struct import_record *r,
                       size_t *rows, size_t *bytes, struct err *e);

/* Whether it is an export's line about a paper that this box has scanned. */
int import_apply_is_own(struct import_apply *a, const struct import_record *r, bool *own,
                        struct err *e);

/* `cut`: the record is larger than a transaction; commits and begins anew where
 * its rows so far are whole. */
int import_apply(struct import_apply *a, const struct import_record *r, bool cut,
                 enum import_outcome *out, struct err *e);

#endif
