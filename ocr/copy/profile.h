/* Profile: what the colours of a copy's pictures mean, as an ICC profile of sRGB
 * (version 2, ICC.1:2001-04). Made here from the published numbers of IEC 61966-2-1,
 * so that it has no licence but ours. Pure. */
#ifndef TRAM_OCR_COPY_PROFILE_H
#define TRAM_OCR_COPY_PROFILE_H

#include "base/buffer.h"

#define PROFILE_NAME "sRGB IEC61966-2.1"

void profile_srgb(struct buffer *out);

#endif
