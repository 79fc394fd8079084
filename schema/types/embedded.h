/* The record types that the program carries: the JSON files of this folder. */
#ifndef TRAM_SCHEMA_TYPES_EMBEDDED_H
#define TRAM_SCHEMA_TYPES_EMBEDDED_H

#include "schema/types/types.h"

/* Returns how many. */
size_t types_embedded(struct type_file files[TYPE_FILES_MAX]);

#endif
