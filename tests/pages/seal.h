/* Seal: what a hand puts on a finished page: the round seal, the secrecy stamp in
 * its frame, the signature. All fit into mark->box. */
#ifndef TRAM_PAGES_SEAL_H
#define TRAM_PAGES_SEAL_H

#include "tests/pages/sheet.h"

void stamp_draw(const struct mark *m, cairo_t *cr);
void seal_draw(const struct mark *m, cairo_t *cr);
void signature_draw(const struct mark *m, cairo_t *cr);

#endif
