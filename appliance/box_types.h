/* What the box knows of papers and places. Its record types are those in DIR/types when
 * there is such a directory and it is sound, else those that the program carries; units
 * and prefixes are the program's. Loaded at the first question, and the box's until it
 * closes. */
#ifndef TRAM_APPLIANCE_BOX_TYPES_H
#define TRAM_APPLIANCE_BOX_TYPES_H

#include "appliance/box.h"
#include "schema/types/types.h"
#include "schema/units/identity_prefixes.h"
#include "schema/units/units.h"

struct box_types {
    struct record_types *types;
    struct identity_prefixes *prefixes;
    struct units *units;
    /* Why DIR/types was refused, "" if it was not: the carried set is in force. */
    char refused[256];
};

int box_types(struct box *b, const struct box_types **out, struct err *e);

void box_types_destroy(struct box_types *t); /* NULL is fine */

/* False: no type has this name. `known` then holds the names there are. */
bool box_type_known(const struct box_types *t, const char *name, struct buffer *known);

#endif
