/* Import columns: fields that a line calls as their type calls them in what is exported
 * get their own names. Pure. */
#ifndef TRAM_APPLIANCE_IMPORT_COLUMNS_H
#define TRAM_APPLIANCE_IMPORT_COLUMNS_H

#include "appliance/import_record.h"
#include "schema/types/types.h"

/* A line without a type, or of one that is not known, stays as it is. ERR_REFUSED: a field
 * is there by both its names. */
int import_columns(struct import_record *r, const struct record_types *types,
                   struct err *e);

#endif
