/* Facsimile layer: the words of a page as they are now, with their places, for a searchable
 * copy. Internal to appliance/facsimile.c. */
#ifndef TRAM_APPLIANCE_FACSIMILE_LAYER_H
#define TRAM_APPLIANCE_FACSIMILE_LAYER_H

#include "appliance/box.h"

/* Appends the layer (ocr/copy/sheaf.h). A page that was not read, or that came with text
 * only, has a layer without words. */
int facsimile_layer(struct records *r, const struct page_row *page, struct buffer *out,
                    struct err *e);

#endif
