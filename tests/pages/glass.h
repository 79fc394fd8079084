/* Glass: what a scanner adds that is not on the sheet: its bed beside a sheet that lies
 * askew, streaks of a dirty feeder, the dark of punched holes. */
#ifndef TRAM_PAGES_GLASS_H
#define TRAM_PAGES_GLASS_H

#include "tests/pages/age.h"

void glass_apply(struct picture *p, const struct age_plan *a, struct random *r);

#endif
