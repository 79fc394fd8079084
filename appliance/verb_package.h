/* Verb package: `export --format package`. Of appliance/verb_export.c. */
#ifndef TRAM_APPLIANCE_VERB_PACKAGE_H
#define TRAM_APPLIANCE_VERB_PACKAGE_H

#include "appliance/export.h"
#include "appliance/verbs.h"

int verb_package(struct box *b, struct verb_io *io, const struct export_selection *what,
                 const char *out);

#endif
