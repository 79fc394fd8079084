/* Rows of the trail that whoever comes can cause as often as he likes: wrong names and first
 * codes, what a role may not do. One of a kind and actor a minute is written; the next one
 * says how many were left out before it, "POST +12". What a burst ends with may never be
 * told. Kept in memory, for any number of threads. */
#ifndef TRAM_APPLIANCE_PEOPLE_SELDOM_H
#define TRAM_APPLIANCE_PEOPLE_SELDOM_H

#include "schema/store.h"

#define SELDOM_MS 60000

/* As audit_write(). */
int audit_seldom(struct store *s, const char *kind, const char *actor,
                 const char *subject, const char *detail, struct err *e);

#endif
