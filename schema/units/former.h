/* Former: provinces that were gone before the table of units begins (Hà Tây, Hà Bắc…). A
 * paper that names one is older than the table: what it says of places in it cannot be
 * held against anything. From general knowledge [U]; it only keeps warnings back. */
#ifndef TRAM_SCHEMA_UNITS_FORMER_H
#define TRAM_SCHEMA_UNITS_FORMER_H

#include <stdbool.h>

/* A part of the address is such a province's name, by itself or behind "tỉnh". */
bool place_is_of_former_province(const char *text);

#endif
