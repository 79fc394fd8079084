/* Light: how a scanner sees ink on paper: uneven light, shadows, stains, the paper's
 * colour and the sensor's noise. */
#ifndef TRAM_PAGES_LIGHT_H
#define TRAM_PAGES_LIGHT_H

#include "tests/pages/age.h"

int light_apply(PIX *pix, const struct age_plan *a, struct random *r, struct err *e);

#endif
