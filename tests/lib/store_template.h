/* Store template: a database migrated once in a process, laid where a test's box or centre
 * begins. It has no identity: an init that finds it goes on as after one that was cut
 * short. To run all migrations was two thirds of what a test of the store cost.
 *
 * For tests that are not about making a store. */
#ifndef TRAM_TESTS_STORE_TEMPLATE_H
#define TRAM_TESTS_STORE_TEMPLATE_H

#include "base/disk.h"

/* Before the simulated disk on which it is to lie is created: making it ends the tie of
 * SQLite's random numbers to that disk's seed. Made already: fine. */
int store_template_make(struct err *e);

/* As DIR/tram.db; makes DIR, too. */
int store_template_lay(struct disk *d, const char *dir, struct err *e);

#endif
